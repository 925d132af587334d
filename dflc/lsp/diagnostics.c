/* What is wrong, as the command line says it: the same text, the range where it
 * puts the caret. */
#include <string.h>

#include "server.h"

/* Notes that have a place; the others are lines of the message. */
static json_t *related(Request *r, const Document *document, const Diag *diag) {
    json_t *all = json_array();
    for (size_t i = 0; i < diag->n_notes; i++) {
        const Note *note = &diag->notes[i];
        if (note->at.source)
            json_array_append_new(all, json_pack("{s:o, s:o}", "location",
                                                 json_of_location(r, document, note->at), "message",
                                                 json_of_text(note->text, strlen(note->text))));
    }
    return all;
}

static const char *message_of(Request *r, const Diag *diag) {
    const char *text = diag->text;
    for (size_t i = 0; i < diag->n_notes; i++)
        if (!diag->notes[i].at.source)
            text = arena_printf(r->arena, "%s\nnote: %s", text, diag->notes[i].text);
    return text;
}

/* The import that a file came in by; the first, where it did so through another
 * one. */
static Span import_of(const Document *document, const Source *source) {
    const AstFile *file = document->analysis->file;
    const char *base = strrchr(source->path, '/');
    Span first = {0};
    base = base ? base + 1 : source->path;
    for (size_t i = 0; i < file->n_items; i++) {
        const AstItem *item = &file->items[i];
        if (item->kind != AI_IMPORT)
            continue;
        const char *slash = strrchr(item->text, '/');
        if (strcmp(slash ? slash + 1 : item->text, base) == 0)
            return item->span;
        first = first.source ? first : item->span;
    }
    return first;
}

/* What lies in another file is said at its import, with the place as on the
 * command line. */
static Span place_of(Request *r, const Document *document, const Diag *diag, const char **message) {
    if (!diag->at.source || diag->at.source == document->analysis->source)
        return diag->at;
    uint32_t line, column;
    source_position(diag->at.source, diag->at.begin, &line, &column);
    *message = arena_printf(r->arena, "%s:%u:%u: %s: %s", diag->at.source->path, (unsigned)line,
                            (unsigned)column, diag->severity, *message);
    return import_of(document, diag->at.source);
}

static json_t *json_of_diag(Request *r, const Document *document, const Diag *diag) {
    enum { ERROR = 1, WARNING = 2, UNNECESSARY = 1 };
    const char *message = message_of(r, diag);
    Span at = place_of(r, document, diag, &message);
    json_t *json = json_pack("{s:o, s:i}", "range", json_of_span(r, document, at), "severity",
                             diag->is_error ? ERROR : WARNING);
    if (diag->warning)
        json_object_set_new(json, "code", json_string(diag->warning));
    json_object_set_new(json, "source", json_string("dflc"));
    json_object_set_new(json, "message", json_of_text(message, strlen(message)));
    if (diag->warning && strcmp(diag->warning, "unused-field") == 0)
        json_object_set_new(json, "tags", json_pack("[i]", UNNECESSARY));
    json_t *places = related(r, document, diag);
    if (at.source != diag->at.source && diag->at.source)
        json_array_insert_new(places, 0,
                              json_pack("{s:o, s:s}", "location",
                                        json_of_location(r, document, diag->at), "message",
                                        "it is here"));
    if (json_array_size(places) > 0)
        json_object_set(json, "relatedInformation", places);
    json_decref(places);
    return json;
}

void publish_diagnostics(Server *server, Document *document) {
    Request r = {.server = server, .arena = arena_new()};
    const Analysis *analysis = document->analysis;
    json_t *all = json_array();
    for (size_t i = 0; i < analysis->n_diags; i++)
        json_array_append_new(all, json_of_diag(&r, document, analysis->diags[i]));
    server_notify(server, "textDocument/publishDiagnostics",
                  json_pack("{s:s, s:I, s:o}", "uri", document->uri, "version",
                            (json_int_t)document->version, "diagnostics", all));
    document->published = true;
    arena_free(r.arena);
}
