/* Where something is declared; of what is a C function, and of a node at its
 * declaration, where that is. */
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "uri.h"
#include "workspace.h"

Index *request_index(Request *r, Document *document) {
    Analysis *analysis = document->analysis;
    const Options *options = r->server->options;
    if (!analysis->index)
        analysis->index = index_new(analysis->arena, &r->server->documents.view, document->path,
                                    options->include_dirs, options->n_include_dirs);
    return analysis->index;
}

static json_t *location(Request *r, const char *path, const Text *text, uint32_t begin,
                        uint32_t end) {
    const Document *open = documents_at(&r->server->documents, path);
    const char *uri = open ? open->uri : uri_of(r->arena, path);
    return json_pack("{s:o, s:o}", "uri", json_of_text(uri, strlen(uri)), "range",
                     json_of_range(text, begin, end));
}

static json_t *file_location(Request *r, const char *path) {
    Text nothing = text_of(r->arena, "", 0, true);
    return location(r, path_real(r->arena, path), &nothing, 0, 0);
}

static json_t *location_of_symbol(Request *r, const Symbol *symbol) {
    Text text =
        text_of(r->arena, symbol->span.source->text, symbol->span.source->n, r->server->in_bytes);
    return location(r, symbol->file->real, &text, symbol->span.begin, symbol->span.end);
}

/* Imports as the compiler looks for them; includes ("nodes.h" with its quotes)
 * beside the file. */
static json_t *named_file(Request *r, const Document *document, const char *name) {
    const Options *options = r->server->options;
    size_t n = strlen(name);
    if (n > 1 && name[0] == '"')
        name = arena_strndup(r->arena, name + 1, n - 2);
    for (size_t i = 0; i <= options->n_include_dirs; i++) {
        const char *path =
            i == 0 ? path_beside(r->arena, document->path, name)
                   : arena_printf(r->arena, "%s/%s", options->include_dirs[i - 1], name);
        if (documents_at(&r->server->documents, path) || access(path, R_OK) == 0)
            return file_location(r, path);
    }
    return json_null();
}

/* The name that the compiler has given it, where it has. */
static const char *c_name_of(Request *r, const Document *document, const Symbol *symbol) {
    const Program *program = document->analysis->program;
    for (size_t g = 0; program && symbol->owner && g < program->n_graphs; g++)
        for (size_t i = 0; i < program->graphs[g]->n_nodes; i++) {
            const Node *node = program->graphs[g]->nodes[i];
            if (strcmp(node->name, symbol->name) == 0 &&
                strcmp(program->graphs[g]->name, symbol->owner->name) == 0)
                return node->runs ? NULL : node->c_name;
        }
    return symbol_c_name(r->arena, symbol);
}

/* A body in the .dfl file is the function. */
static json_t *implementation(Request *r, const Document *document, const Symbol *symbol) {
    const char *name = c_name_of(r, document, symbol);
    CPlace place;
    bool is_node =
        symbol->kind == SYM_NODE || symbol->kind == SYM_PREDICATE || symbol->kind == SYM_ROUTER;
    if (is_node && symbol->ast.node->body) {
        Text text = text_of(r->arena, symbol->span.source->text, symbol->span.source->n,
                            r->server->in_bytes);
        Span body = symbol->ast.node->body_span;
        return location(r, symbol->file->real, &text, body.begin - 2, body.end + 2);
    }
    if (!name || !find_c_function(r, document, name, &place))
        return json_null();
    Text text = text_of(r->arena, place.text, place.n, r->server->in_bytes);
    return location(r, place.path, &text, place.begin, place.end);
}

const Occurrence *request_occurrence(Request *r, Document **document) {
    uint32_t offset;
    *document = request_document(r);
    if (!*document || !request_offset(r, *document, &offset))
        return NULL;
    const Index *index = request_index(r, *document);
    return index ? index_at(index, offset) : NULL;
}

json_t *answer_definition(Request *r) {
    Document *document;
    const Occurrence *one = request_occurrence(r, &document);
    if (!one)
        return NULL;
    if (one->symbol->kind == SYM_FILE)
        return named_file(r, document, one->symbol->name);
    if (one->symbol->kind == SYM_C)
        return implementation(r, document, one->symbol);
    bool is_node = one->symbol->kind == SYM_NODE || one->symbol->kind == SYM_PREDICATE ||
                   one->symbol->kind == SYM_ROUTER;
    json_t *there =
        one->declares && is_node ? implementation(r, document, one->symbol) : json_null();
    return json_is_null(there) ? location_of_symbol(r, one->symbol) : there;
}

json_t *answer_implementation(Request *r) {
    Document *document;
    const Occurrence *one = request_occurrence(r, &document);
    return one ? implementation(r, document, one->symbol) : NULL;
}
