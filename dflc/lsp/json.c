#include <stdarg.h>
#include <string.h>

#include "server.h"
#include "uri.h"

json_t *refuse(Request *r, int code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    r->code = code;
    r->why = arena_vprintf(r->arena, fmt, args);
    va_end(args);
    return NULL;
}

const json_t *json_member(const json_t *of, const char *path) {
    while (of && *path) {
        char name[64];
        size_t n = strcspn(path, ".");
        if (n >= sizeof name)
            return NULL;
        memcpy(name, path, n);
        name[n] = '\0';
        of = json_object_get(of, name);
        path += n + (path[n] == '.');
    }
    return of;
}

const char *json_text(const json_t *of, const char *path) {
    return json_string_value(json_member(of, path));
}

static bool is_count(const json_t *number, uint32_t *n) {
    json_int_t value = json_integer_value(number);
    if (!json_is_integer(number) || value < 0)
        return false;
    *n = value > INT32_MAX ? INT32_MAX : (uint32_t)value;
    return true;
}

bool json_position(const json_t *of, Position *at) {
    return is_count(json_object_get(of, "line"), &at->line) &&
           is_count(json_object_get(of, "character"), &at->character);
}

json_t *json_of_position(Position at) {
    return json_pack("{s:I, s:I}", "line", (json_int_t)at.line, "character",
                     (json_int_t)at.character);
}

json_t *json_of_range(const Text *text, uint32_t begin, uint32_t end) {
    return json_pack("{s:o, s:o}", "start", json_of_position(text_position(text, begin)), "end",
                     json_of_position(text_position(text, end)));
}

json_t *json_of_span(Request *r, const Document *document, Span span) {
    if (document && document->analysis && span.source == document->analysis->source)
        return json_of_range(&document->text, span.begin, span.end);
    Text text = {0};
    if (span.source)
        text = text_of(r->arena, span.source->text, span.source->n, r->server->in_bytes);
    return span.source ? json_of_range(&text, span.begin, span.end)
                       : json_pack("{s:{s:i, s:i}, s:{s:i, s:i}}", "start", "line", 0, "character",
                                   0, "end", "line", 0, "character", 0);
}

json_t *json_of_location(Request *r, const Document *document, Span span) {
    const char *path = span.source->path;
    const Document *open = documents_at(&r->server->documents, path);
    const char *uri = open ? open->uri : uri_of(r->arena, path_real(r->arena, path));
    return json_pack("{s:o, s:o}", "uri", json_of_text(uri, strlen(uri)), "range",
                     json_of_span(r, document, span));
}

/* Bytes that are not UTF-8 become '?'. */
json_t *json_of_text(const char *s, size_t n) {
    json_t *text = json_stringn(s, n);
    if (text)
        return text;
    Arena *scratch = arena_new();
    char *copy = arena_strndup(scratch, s, n);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)copy[i] >= 0x80)
            copy[i] = '?';
    text = json_stringn(copy, n);
    arena_free(scratch);
    return text;
}

Document *request_document(Request *r) {
    Server *server = r->server;
    const char *uri = json_text(r->params, "textDocument.uri");
    Document *document = uri ? documents_find(&server->documents, uri) : NULL;
    if (!uri)
        refuse(r, INVALID_PARAMS, "no textDocument.uri");
    else if (!document)
        refuse(r, INVALID_PARAMS, "'%s' is not open", uri);
    else if (!document->analysis)
        document->analysis = analysis_new(server->options, server->machine, &server->documents.view,
                                          document->path, document->text.p, document->text.n);
    return document;
}

bool request_offset(Request *r, const Document *document, uint32_t *offset) {
    Position at;
    if (!json_position(json_member(r->params, "position"), &at)) {
        refuse(r, INVALID_PARAMS, "no position");
        return false;
    }
    *offset = text_offset(&document->text, at);
    return true;
}
