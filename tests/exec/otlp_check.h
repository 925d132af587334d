/* otlp_check.h: are the lines of a file OTLP traces in JSON, and whole ones?
 *
 * - Each line is an object with resourceSpans, whose resource has a service.name.
 * - Of a span: traceId and spanId in hex, 32 and 16 digits, not all 0; no two of one trace have the same; the parent,
 *   if it has one, is in the trace and around it; kind is a number; 64-bit numbers are strings of digits; attributes
 *   have a key each, no two the same, and a value of one kind; events are within it; status is an error with a message.
 * - Members have the names of the protocol, and no others.
 *
 * A reader of its own, which knows nothing of how spans are written. */
#ifndef OTLP_CHECK_H
#define OTLP_CHECK_H

#include <stdint.h>

#include "json_check.h"

typedef struct OtlpSpan {
    const char *at; /* its object */
    char trace[33], id[17], parent[17];
    uint64_t start, end;
} OtlpSpan;

typedef struct OtlpFile {
    char *text;
    OtlpSpan *spans;
    size_t n, lines;
} OtlpFile;

/* The first item of the array, or the one behind `item`; NULL: there is none. */
static inline const char *otlp_next(const char *array, const char *item) {
    const char *p = json_space(item ? json_value(item, 0) : array + 1);
    if (!item)
        CHECK(*array == '[');
    if (item && *p == ',')
        p = json_space(p + 1);
    return *p == ']' ? NULL : p;
}

/* The members of the object are among these. */
static inline void otlp_members(const char *object, const char *names) {
    const char *p = json_space(object + 1);
    CHECK(*object == '{');
    while (*p != '}') {
        const char *end = json_string(p);
        char name[64];
        snprintf(name, sizeof name, " %.*s ", (int)(end - p - 2), p + 1);
        if (!strstr(names, name))
            fprintf(stderr, "a member '%s'\n", name);
        CHECK(strstr(names, name));
        p = json_space(json_value(json_space(json_space(end) + 1), 0));
        p = json_space(p + (*p == ','));
    }
}

static inline uint64_t otlp_number(const char *value) {
    CHECK(value && value[0] == '"' && strspn(value + 1, "-0123456789") > 0);
    CHECK(value[1 + strspn(value + 1, "-0123456789")] == '"');
    return strtoull(value + 1, NULL, 10);
}

static inline void otlp_id(const char *value, size_t digits, char *out) {
    CHECK(value && value[0] == '"' && strspn(value + 1, "0123456789abcdef") == digits);
    CHECK(value[digits + 1] == '"' && strspn(value + 1, "0") < digits);
    memcpy(out, value + 1, digits);
    out[digits] = '\0';
}

/* The value of an attribute: what its only member has; or NULL. */
static inline const char *otlp_attribute(const char *object, const char *key) {
    const char *all = json_need(object, "attributes");
    for (const char *p = otlp_next(all, NULL); p; p = otlp_next(all, p))
        if (json_is(json_need(p, "key"), key))
            return json_space(strchr(json_need(p, "value"), ':') + 1);
    return NULL;
}

static inline void otlp_attributes(const char *object) {
    const char *all = json_need(object, "attributes");
    for (const char *p = otlp_next(all, NULL); p; p = otlp_next(all, p)) {
        const char *value = json_need(p, "value");
        otlp_members(p, " key value ");
        otlp_members(value, " stringValue intValue bytesValue ");
        CHECK((json_get(value, "stringValue") != NULL) + (json_get(value, "intValue") != NULL) +
                  (json_get(value, "bytesValue") != NULL) ==
              1);
        if (json_get(value, "intValue"))
            otlp_number(json_get(value, "intValue"));
        for (const char *q = otlp_next(all, p); q; q = otlp_next(all, q))
            CHECK(!json_same(json_need(p, "key"), json_need(q, "key")));
    }
}

static inline void otlp_events(const OtlpSpan *span) {
    const char *all = json_get(span->at, "events");
    for (const char *p = all ? otlp_next(all, NULL) : NULL; p; p = otlp_next(all, p)) {
        uint64_t ns = otlp_number(json_need(p, "timeUnixNano"));
        otlp_members(p, " timeUnixNano name attributes ");
        CHECK(*json_need(p, "name") == '"' && ns >= span->start && ns <= span->end);
        otlp_attributes(p);
    }
}

static inline OtlpSpan otlp_span(const char *at) {
    OtlpSpan span = {.at = at};
    const char *status = json_get(at, "status"), *parent = json_get(at, "parentSpanId");
    otlp_members(
        at, " traceId spanId parentSpanId name kind startTimeUnixNano endTimeUnixNano attributes "
            "events droppedEventsCount status ");
    otlp_id(json_need(at, "traceId"), 32, span.trace);
    otlp_id(json_need(at, "spanId"), 16, span.id);
    if (parent)
        otlp_id(parent, 16, span.parent);
    CHECK(json_need(at, "name")[1] != '"' && *json_need(at, "kind") == '1');
    span.start = otlp_number(json_need(at, "startTimeUnixNano"));
    span.end = otlp_number(json_need(at, "endTimeUnixNano"));
    CHECK(span.start > UINT64_C(1600000000000000000) && span.end >= span.start);
    otlp_attributes(at);
    otlp_events(&span);
    if (status) {
        otlp_members(status, " code message ");
        CHECK(*json_need(status, "code") == '2' && json_need(status, "message")[1] != '"');
    }
    return span;
}

static inline void otlp_line(OtlpFile *file, const char *line) {
    const char *resource, *scopes, *spans;
    const char *all = json_need(line, "resourceSpans");
    otlp_members(line, " resourceSpans ");
    all = otlp_next(all, NULL);
    otlp_members(all, " resource scopeSpans ");
    resource = json_need(all, "resource");
    otlp_members(resource, " attributes ");
    otlp_attributes(resource);
    CHECK(otlp_attribute(resource, "service.name"));
    scopes = otlp_next(json_need(all, "scopeSpans"), NULL);
    otlp_members(scopes, " scope spans ");
    CHECK(json_is(json_need(json_need(scopes, "scope"), "name"), "dflrt"));
    spans = json_need(scopes, "spans");
    CHECK(otlp_next(spans, NULL));
    for (const char *p = otlp_next(spans, NULL); p; p = otlp_next(spans, p)) {
        file->spans = realloc(file->spans, (file->n + 1) * sizeof *file->spans);
        CHECK(file->spans);
        file->spans[file->n++] = otlp_span(p);
    }
}

static inline const OtlpSpan *otlp_parent(const OtlpFile *file, const OtlpSpan *span) {
    for (size_t i = 0; i < file->n; i++)
        if (strcmp(file->spans[i].trace, span->trace) == 0 &&
            strcmp(file->spans[i].id, span->parent) == 0)
            return &file->spans[i];
    return NULL;
}

static inline void otlp_tree(const OtlpFile *file) {
    for (size_t i = 0; i < file->n; i++) {
        const OtlpSpan *span = &file->spans[i];
        const OtlpSpan *parent = span->parent[0] ? otlp_parent(file, span) : NULL;
        CHECK(!span->parent[0] || parent);
        CHECK(!parent || (parent->start <= span->start && parent->end >= span->end));
        for (size_t k = i + 1; k < file->n; k++)
            CHECK(strcmp(file->spans[k].id, span->id) != 0);
    }
}

/* Reads it; without `whole` parents may be missing. */
static inline OtlpFile otlp_read(const char *path, bool whole) {
    OtlpFile file = {.text = json_read(path)};
    for (const char *p = file.text; *p; file.lines++) {
        const char *end = json_value(p, 0);
        CHECK(*end == '\n');
        otlp_line(&file, p);
        p = end + 1;
    }
    if (whole)
        otlp_tree(&file);
    return file;
}

static inline void otlp_free(OtlpFile *file) {
    free(file->spans);
    free(file->text);
}

/* How many spans have this name, and the first of them. */
static inline size_t otlp_count(const OtlpFile *file, const char *name, const OtlpSpan **first) {
    size_t n = 0;
    for (size_t i = file->n; i-- > 0;)
        if (json_is(json_need(file->spans[i].at, "name"), name)) {
            n++;
            if (first)
                *first = &file->spans[i];
        }
    return n;
}

#endif
