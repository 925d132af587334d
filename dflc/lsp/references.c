/* Everywhere that a name stands, in the file and in those of the workspace; and
 * giving it another one. */
#include <ctype.h>
#include <string.h>

#include "names.h"
#include "uri.h"
#include "workspace.h"

typedef struct Places {
    Request *r;
    const Symbol *symbol;
    void (*found)(struct Places *p, const Index *index, const Text *text, const char *uri,
                  const Occurrence *one);
    bool declarations; /* those too */
    json_t *out;
    const char *name; /* the new one */
    json_t *edits;    /* of the file that is looked through */
} Places;

static bool is_named(const Occurrence *one, const Symbol *symbol) {
    return same_symbol(one->symbol, symbol) || (one->child && same_symbol(one->child, symbol));
}

static void look_through(Places *p, const Index *index) {
    Request *r = p->r;
    const FileIndex *file = index->files[0];
    const Document *open = documents_at(&r->server->documents, file->real);
    const char *uri = open ? open->uri : uri_of(r->arena, file->real);
    Text text = text_of(r->arena, file->source->text, file->source->n, r->server->in_bytes);
    for (size_t i = 0; i < index->n; i++)
        if (is_named(&index->all[i], p->symbol) && (p->declarations || !index->all[i].declares))
            p->found(p, index, &text, uri, &index->all[i]);
}

/* The document, then every other file that could mean the same. What is in the
 * file alone is not looked for in others: sections, variables. */
static void look_everywhere(Places *p, Document *document) {
    static const char *const ends[] = {".dfl", NULL};
    Request *r = p->r;
    const Options *options = r->server->options;
    look_through(p, document->analysis->index);
    if (p->symbol->kind == SYM_SECTION || p->symbol->kind == SYM_VAR)
        return;
    PathList files = workspace_files(r, document, ends);
    for (size_t i = 0; i < files.n; i++) {
        if (strcmp(files.all[i], document->path) == 0)
            continue;
        Index *index = index_new(r->arena, &r->server->documents.view, files.all[i],
                                 options->include_dirs, options->n_include_dirs);
        if (index)
            look_through(p, index);
    }
}

/* ---- references ---- */

static void add_location(Places *p, const Index *index, const Text *text, const char *uri,
                         const Occurrence *one) {
    (void)index;
    json_array_append_new(p->out, json_pack("{s:s, s:o}", "uri", uri, "range",
                                            json_of_range(text, one->span.begin, one->span.end)));
}

json_t *answer_references(Request *r) {
    Document *document;
    const Occurrence *one = request_occurrence(r, &document);
    if (!one)
        return NULL;
    Places p = {.r = r, .symbol = one->symbol, .found = add_location, .out = json_array()};
    p.declarations = !json_is_false(json_member(r->params, "context.includeDeclaration"));
    look_everywhere(&p, document);
    return p.out;
}

/* 2: read, 3: written */
static void add_highlight(Places *p, const Index *index, const Text *text, const char *uri,
                          const Occurrence *one) {
    (void)index;
    (void)uri;
    json_array_append_new(p->out, json_pack("{s:o, s:i}", "range",
                                            json_of_range(text, one->span.begin, one->span.end),
                                            "kind", one->writes || one->declares ? 3 : 2));
}

json_t *answer_highlight(Request *r) {
    Document *document;
    const Occurrence *one = request_occurrence(r, &document);
    if (!one)
        return NULL;
    Places p = {.r = r,
                .symbol = one->symbol,
                .found = add_highlight,
                .declarations = true,
                .out = json_array()};
    look_through(&p, document->analysis->index);
    return p.out;
}

/* ---- rename ---- */

/* `in x` and `out x` of a node that runs a graph name two fields: when one is
 * renamed, both are written out. */
static const char *new_text(const Places *p, const Occurrence *one) {
    Arena *arena = p->r->arena;
    if (!one->child)
        return p->name;
    bool child = same_symbol(one->child, p->symbol);
    const char *in = child ? p->name : one->child->name,
               *of_parent = child ? one->symbol->name : p->name;
    return one->writes ? arena_printf(arena, "%s = %s", of_parent, in)
                       : arena_printf(arena, "%s = %s", in, of_parent);
}

static void add_edit(Places *p, const Index *index, const Text *text, const char *uri,
                     const Occurrence *one) {
    (void)index;
    json_t *edits = json_object_get(p->out, uri);
    if (!edits) {
        edits = json_array();
        json_object_set_new(p->out, uri, edits);
    }
    json_array_append_new(edits, json_pack("{s:o, s:s}", "range",
                                           json_of_range(text, one->span.begin, one->span.end),
                                           "newText", new_text(p, one)));
}

static bool is_reserved(const char *name) {
    static const char *const words[] = {
        "in",   "out",    "inout", "start", "end",    "join",  "else", "none",
        "true", "false",  "when",  "match", "each",   "state", "bool", "i8",
        "i16",  "i32",    "i64",   "u8",    "u16",    "u32",   "u64",  "f32",
        "f64",  "string", "bytes", "map",   "handle", "fault", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

static bool is_name(const char *name) {
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

/* What has the name already where the symbol is; NULL: nothing. */
static const Symbol *taken_by(const Index *index, const Symbol *symbol, const char *name) {
    const StrMap *map = symbol->owner               ? &symbol->owner->inner
                        : symbol->kind == SYM_GRAPH ? &index->graphs
                        : symbol->kind == SYM_CONST ? &index->consts
                                                    : &index->types;
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->entries[i].name, name) == 0)
            return map->entries[i].value;
    return NULL;
}

static bool may_rename(Request *r, const Occurrence *one) {
    if (one && one->symbol->kind != SYM_C && one->symbol->kind != SYM_FILE)
        return true;
    if (!r->code)
        refuse(r, REQUEST_FAILED, "there is no name of this language here");
    return false;
}

json_t *answer_prepare_rename(Request *r) {
    Document *document;
    const Occurrence *one = request_occurrence(r, &document);
    return may_rename(r, one) ? json_of_range(&document->text, one->span.begin, one->span.end)
                              : NULL;
}

json_t *answer_rename(Request *r) {
    Document *document;
    const Occurrence *one = request_occurrence(r, &document);
    const char *name = json_text(r->params, "newName");
    if (!may_rename(r, one))
        return NULL;
    if (!name || !is_name(name))
        return refuse(r, INVALID_PARAMS, "a name is made of letters, digits and _");
    if (is_reserved(name))
        return refuse(r, REQUEST_FAILED, "'%s' is reserved", name);
    if (taken_by(document->analysis->index, one->symbol, name) &&
        strcmp(one->symbol->name, name) != 0)
        return refuse(r, REQUEST_FAILED, "'%s' is something else here already", name);
    Places p = {.r = r,
                .symbol = one->symbol,
                .found = add_edit,
                .declarations = true,
                .out = json_object(),
                .name = name};
    look_everywhere(&p, document);
    return json_pack("{s:o}", "changes", p.out);
}
