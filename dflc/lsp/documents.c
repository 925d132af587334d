#include "documents.h"

#include <stdlib.h>
#include <string.h>

#include "uri.h"

static Source *read_open(const FileView *view, Arena *arena, const char *path) {
    const Document *document = documents_at((const Documents *)(const void *)view, path);
    return document ? source_from_text(arena, path, document->text.p, document->text.n) : NULL;
}

void documents_init(Documents *d) {
    memset(d, 0, sizeof *d);
    d->view.read = read_open;
}

static void forget_analysis(Document *document) {
    analysis_free(document->analysis);
    document->analysis = NULL;
    document->published = false;
}

static void free_document(Document *document) {
    forget_analysis(document);
    arena_free(document->arena);
    free(document->uri);
    free(document->path);
    free(document);
}

void documents_free(Documents *d) {
    for (size_t i = 0; i < d->n; i++)
        free_document(d->all[i]);
    free(d->all);
}

Document *documents_find(const Documents *d, const char *uri) {
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->all[i]->uri, uri) == 0)
            return d->all[i];
    return NULL;
}

Document *documents_at(const Documents *d, const char *path) {
    Arena *scratch = arena_new();
    const char *real = path_real(scratch, path);
    Document *found = NULL;
    for (size_t i = 0; i < d->n && !found; i++)
        if (strcmp(d->all[i]->path, real) == 0)
            found = d->all[i];
    arena_free(scratch);
    return found;
}

static char *copy_of(const char *s) {
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    if (copy)
        memcpy(copy, s, n);
    return copy;
}

/* Takes over the arena, which holds the text. */
static void set_text(Document *document, Arena *arena, const char *p, size_t n) {
    bool in_bytes = document->text.in_bytes;
    arena_free(document->arena);
    document->arena = arena;
    document->text = text_of(arena, p, n, in_bytes);
    forget_analysis(document);
}

static bool add(Documents *d, Document *document) {
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        Document **all = realloc(d->all, cap * sizeof(Document *));
        if (!all)
            return false;
        d->all = all;
        d->cap = cap;
    }
    d->all[d->n++] = document;
    return true;
}

Document *documents_open(Documents *d, const char *uri, const char *text, size_t n, bool in_bytes) {
    Document *document = documents_find(d, uri);
    if (document)
        documents_close(d, document);
    if (n > MOST_DOCUMENT_BYTES || !(document = calloc(1, sizeof *document)))
        return NULL;
    Arena *arena = arena_new();
    const char *path = uri_path(arena, uri);
    document->uri = copy_of(uri);
    document->path = copy_of(path_real(arena, path ? path : uri));
    document->text.in_bytes = in_bytes;
    set_text(document, arena, arena_strndup(arena, text, n), n);
    if (!document->uri || !document->path || !add(d, document)) {
        free_document(document);
        return NULL;
    }
    return document;
}

void documents_close(Documents *d, Document *document) {
    for (size_t i = 0; i < d->n; i++)
        if (d->all[i] == document) {
            memmove(d->all + i, d->all + i + 1, (d->n - i - 1) * sizeof *d->all);
            d->n--;
            break;
        }
    free_document(document);
}

bool document_replace(Document *document, uint32_t begin, uint32_t end, const char *text,
                      size_t n) {
    const Text *old = &document->text;
    size_t kept = old->n - (end - begin);
    if (n > MOST_DOCUMENT_BYTES || kept + n > MOST_DOCUMENT_BYTES)
        return false;
    Arena *arena = arena_new();
    char *p = arena_alloc(arena, kept + n + 1);
    memcpy(p, old->p, begin);
    memcpy(p + begin, text, n);
    memcpy(p + begin + n, old->p + end, old->n - end);
    set_text(document, arena, p, kept + n);
    return true;
}

static bool rests_on_others(const Document *document) {
    const AstFile *file = document->analysis ? document->analysis->file : NULL;
    for (size_t i = 0; file && i < file->n_items; i++)
        if (file->items[i].kind == AI_IMPORT)
            return true;
    return false;
}

void documents_forget(Documents *d) {
    for (size_t i = 0; i < d->n; i++)
        if (rests_on_others(d->all[i]))
            forget_analysis(d->all[i]);
}
