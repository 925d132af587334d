/* The only file that knows jansson. Elements are read one by one, so that a trace takes no more memory
 * than what is kept of it, and one whose process was killed is read up to there. */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifdef DFLC_JANSSON
#include <jansson.h>

#include "../source.h"

typedef struct Reader {
    Arena *arena;
    Trace *trace;
    const Source *source;
    size_t at;
    RunTold **by_number; /* open addressing; size is a power of two */
    size_t size;
    bool headed; /* the line of dfl_trace_open was there */
    const char *why;
} Reader;

/* ---- members ---- */

static const char *text_of(Reader *r, const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return json_is_string(value)
               ? arena_strndup(r->arena, json_string_value(value), json_string_length(value))
               : NULL;
}

static int64_t number_of(const json_t *object, const char *name, int64_t otherwise) {
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static bool is(const json_t *object, const char *name, const char *text) {
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

/* Microseconds with three places. */
static int64_t time_of(const json_t *event) {
    const json_t *ts = json_object_get(event, "ts");
    double ns = json_is_number(ts) ? json_number_value(ts) * 1000 : 0;
    return ns > -9e18 && ns < 9e18 ? (int64_t)(ns < 0 ? ns - 0.5 : ns + 0.5) : 0;
}

/* ---- runs and spans ---- */

static RunTold **slot_of(RunTold **table, size_t size, uint64_t number) {
    size_t i = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15)) & (size - 1);
    while (table[i] && table[i]->number != number)
        i = (i + 1) & (size - 1);
    return &table[i];
}

static void grow_table(Reader *r) {
    size_t size = r->size ? 2 * r->size : 64;
    RunTold **table = ARENA_ARRAY(r->arena, RunTold *, size);
    for (size_t i = 0; i < r->trace->n_runs; i++)
        *slot_of(table, size, r->trace->runs[i]->number) = r->trace->runs[i];
    r->by_number = table;
    r->size = size;
}

static RunTold *run_of(Reader *r, uint64_t number) {
    if (2 * r->trace->n_runs >= r->size)
        grow_table(r);
    RunTold **slot = slot_of(r->by_number, r->size, number);
    if (!*slot) {
        *slot = ARENA_NEW(r->arena, RunTold);
        (*slot)->number = number;
        ARENA_PUSH(r->arena, r->trace->runs, r->trace->n_runs, r->trace->cap_runs, *slot);
    }
    return *slot;
}

static Part *span_of(const RunTold *run, int64_t number) {
    return number > 0 && (uint64_t)number < run->n_spans ? run->spans[number] : NULL;
}

/* Spans have no gaps, but those of a trace that tells only some may. */
enum { MOST_GAP = 1 << 20 };

static bool keep_span(Reader *r, RunTold *run, int64_t number, Part *part) {
    size_t n = run->n_spans ? run->n_spans : 8;
    if (number <= 0 || (uint64_t)number > run->n_spans + MOST_GAP)
        return false;
    while (n <= (size_t)number)
        n *= 2;
    if (n > run->n_spans) {
        Part **spans = ARENA_ARRAY(r->arena, Part *, n);
        if (run->n_spans)
            memcpy(spans, run->spans, run->n_spans * sizeof *spans);
        run->spans = spans;
        run->n_spans = n;
    }
    run->spans[number] = part;
    return true;
}

static void add_moment(Reader *r, RunTold *run, const json_t *dfl, Moment moment) {
    moment.seq = number_of(dfl, "seq", 0);
    ARENA_PUSH(r->arena, run->moments, run->n, run->cap, moment);
}

/* ---- what begins and ends ---- */

static int kind_of(const json_t *event) {
    static const char *const names[] = {"run", "node", "section", "branch", "chunk"};
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (is(event, "cat", names[i]))
            return i;
    return -1;
}

static void put_into(Part *around, Part *part) {
    part->around = around;
    part->from = around->waiting;
    around->waiting = NULL;
    *(around->last ? &around->last->next : &around->first) = part;
    around->last = part;
}

/* Deeper than a graph can be. What is deeper in a file is not looked at. */
enum { MOST_DEPTH = 3000 };

static void begins(Reader *r, RunTold *run, const json_t *event, const json_t *dfl, int kind) {
    Part *part = ARENA_NEW(r->arena, Part), *around = span_of(run, number_of(dfl, "in", 0));
    part->kind = (PartKind)kind;
    part->at = text_of(r, dfl, "at");
    part->begin_ns = time_of(event);
    part->track = number_of(event, "tid", 0);
    part->branch = number_of(dfl, "branch", -1);
    part->element = number_of(dfl, "element", -1);
    part->attempt = number_of(dfl, "attempt", 0);
    part->depth = around ? around->depth + 1 : 0;
    if (!part->at || (kind != PART_RUN && !around) || part->depth > MOST_DEPTH || span_of(run, number_of(dfl, "span", 0)) ||
        !keep_span(r, run, number_of(dfl, "span", 0), part))
        return;
    if (kind == PART_RUN)
        run->part = part;
    else
        put_into(around, part);
    add_moment(r, run, dfl, (Moment){.ns = part->begin_ns, .part = part});
}

static void ends(Reader *r, RunTold *run, const json_t *event, const json_t *dfl, int kind) {
    Part *part = span_of(run, number_of(dfl, "span", 0));
    if (!part || part->kind != (PartKind)kind || part->ended)
        return;
    part->ended = true;
    part->end_ns = time_of(event);
    part->ns = number_of(dfl, "ns", 0);
    part->status = number_of(dfl, "status", 0);
    part->error = text_of(r, json_object_get(json_object_get(event, "args"), "error"), "message");
    add_moment(r, run, dfl, (Moment){.ns = part->end_ns, .part = part, .ends = true});
}

/* ---- moments ---- */

static void add_wrote(Reader *r, Part *part, const char *field, const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (!text) {
        r->why = "there is not enough memory";
        return;
    }
    Wrote wrote = {arena_strndup(r->arena, field, strlen(field)),
                   arena_strndup(r->arena, text, strlen(text))};
    ARENA_PUSH(r->arena, part->wrote, part->n_wrote, part->cap_wrote, wrote);
    free(text);
}

/* They follow the end of their node, the last in what is around it. */
static void updates(Reader *r, const Part *around, const json_t *event, const json_t *dfl) {
    Part *part = around->last;
    const char *field;
    json_t *value, *wrote = json_object_get(json_object_get(event, "args"), "wrote");
    if (!part || part->kind != PART_NODE || part->wrote || !is(dfl, "at", part->at))
        return;
    json_object_foreach(wrote, field, value) add_wrote(r, part, field, value);
}

/* "retry of read"; only "retry" where that is what it is told in. */
static const char *note_with_place(Reader *r, const Part *around, const json_t *event,
                                   const json_t *dfl) {
    const char *at = text_of(r, dfl, "at"), *name = text_of(r, event, "cat");
    return at && strcmp(at, around->at) != 0 ? arena_printf(r->arena, "%s of %s", name, at) : name;
}

static const char *note_of(Reader *r, const Part *around, const json_t *event, const json_t *dfl) {
    const json_t *args = json_object_get(event, "args");
    if (is(event, "cat", "saved") || is(event, "cat", "loaded"))
        return arena_printf(r->arena, "checkpoint %" PRId64 " %s", number_of(args, "checkpoint", 0),
                            is(event, "cat", "saved") ? "saved" : "loaded");
    if (is(event, "cat", "custom"))
        return text_of(r, event, "name");
    return is(event, "cat", "retry") || is(event, "cat", "limit") || is(event, "cat", "paused") ||
                   is(event, "cat", "resumed") || is(event, "cat", "timeout")
               ? note_with_place(r, around, event, dfl)
               : NULL;
}

static void moment(Reader *r, RunTold *run, const json_t *event, const json_t *dfl) {
    Part *around = span_of(run, number_of(dfl, "span", 0));
    if (is(event, "cat", "resumed") || is(event, "cat", "loaded"))
        run->resumed = true;
    if (!around)
        return;
    if (is(event, "cat", "edge"))
        around->waiting = text_of(r, dfl, "at");
    else if (is(event, "cat", "updates"))
        updates(r, around, event, dfl);
    const char *note = note_of(r, around, event, dfl);
    if (note)
        add_moment(r, run, dfl, (Moment){.ns = time_of(event), .part = around, .note = note});
}

/* ---- the file ---- */

static void head(Reader *r, const json_t *event) {
    int64_t version = number_of(json_object_get(event, "args"), "version", 0);
    if (!is(event, "name", "dflc_trace"))
        return;
    r->headed = true;
    if (version != 1)
        r->why = arena_printf(
            r->arena, "it has version %" PRId64 " of the form, and this dflc reads 1", version);
}

static void take(Reader *r, const json_t *event) {
    const json_t *dfl = json_object_get(event, "dfl");
    int kind = kind_of(event);
    if (is(event, "ph", "M"))
        head(r, event);
    if (!json_is_object(dfl) || !r->headed)
        return;
    RunTold *run = run_of(r, (uint64_t)number_of(dfl, "run", 0));
    if (is(event, "ph", "B") && kind >= 0)
        begins(r, run, event, dfl, kind);
    else if (is(event, "ph", "E") && kind >= 0)
        ends(r, run, event, dfl, kind);
    else if (is(event, "ph", "i"))
        moment(r, run, event, dfl);
}

static const char *rest(const Reader *r) {
    return r->source->text + r->at;
}

static void skip_blanks(Reader *r) {
    while (r->at < r->source->n && strchr(" \t\r\n", *rest(r)))
        r->at++;
}

static bool skip(Reader *r, char c) {
    skip_blanks(r);
    if (r->at == r->source->n || *rest(r) != c)
        return false;
    r->at++;
    return true;
}

static void not_json(Reader *r, const char *text) {
    uint32_t line, column;
    source_position(r->source, (uint32_t)r->at, &line, &column);
    r->why = arena_printf(r->arena, "line %" PRIu32 " is no JSON: %s", line, text);
}

static json_t *restored(json_t *value);

static void restore_members(json_t *value) {
    size_t i;
    const char *name;
    json_t *member;
    json_array_foreach(value, i, member) json_array_set_new(value, i, restored(member));
    json_object_foreach(value, name, member) json_object_set_new(value, name, restored(member));
}

/* A new reference to a value, or to the integer that it was: jansson bounds how deep they nest. */
static json_t *restored(json_t *value) {
    const double exact = 9007199254740992.0; /* 2^53 */
    double real = json_is_real(value) ? json_real_value(value) : exact;
    if (real > -exact && real < exact && real == (double)(int64_t)real)
        return json_integer((int64_t)real);
    restore_members(value);
    return json_incref(value);
}

/* jansson has integers of 64 bits with a sign. Where a larger one is, which only fields can hold, all of
 * the element are read as reals. */
static json_t *load(Reader *r, json_error_t *error) {
    size_t flags = JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, n = r->source->n - r->at;
    json_t *event = json_loadb(rest(r), n, flags, error);
    if (event || json_error_code(error) != json_error_numeric_overflow)
        return event;
    event = json_loadb(rest(r), n, flags | JSON_DECODE_INT_AS_REAL, error);
    if (event)
        restore_members(event);
    return event;
}

static bool one_element(Reader *r) {
    json_error_t error;
    json_t *event = load(r, &error);
    if (!event && json_error_code(&error) == json_error_premature_end_of_input) {
        r->trace->cut = true;
        return false;
    }
    if (!event) {
        not_json(r, error.text);
        return false;
    }
    r->at += (size_t)error.position;
    take(r, event);
    json_decref(event);
    return !r->why;
}

static void all_elements(Reader *r) {
    bool more = skip(r, '[');
    if (!more) {
        not_json(r, "an array was expected");
        return;
    }
    skip_blanks(r);
    while (more && r->at < r->source->n && *rest(r) != ']') {
        more = one_element(r);
        if (more && !skip(r, ',')) {
            skip_blanks(r);
            if (r->at < r->source->n && *rest(r) != ']')
                not_json(r, "',' or ']' was expected");
            break;
        }
        skip_blanks(r);
    }
    r->trace->cut |= r->at == r->source->n;
}

static int by_seq(const void *a, const void *b) {
    const Moment *x = a, *y = b;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

Trace *trace_read(Arena *arena, const char *path, const char **why) {
    Reader r = {.arena = arena, .trace = ARENA_NEW(arena, Trace)};
    r.trace->path = path;
    r.source = source_read(arena, path);
    if (!r.source) {
        *why = strerror(errno);
        return NULL;
    }
    all_elements(&r);
    if (!r.why && !r.headed)
        r.why = "it is no trace of dfl_trace_open";
    for (size_t i = 0; i < r.trace->n_runs; i++)
        if (r.trace->runs[i]->n > 0)
            qsort(r.trace->runs[i]->moments, r.trace->runs[i]->n, sizeof(Moment), by_seq);
    *why = r.why;
    return r.why ? NULL : r.trace;
}

#else

Trace *trace_read(Arena *arena, const char *path, const char **why) {
    (void)arena;
    (void)path;
    *why = "this dflc was built without jansson, which reads traces";
    return NULL;
}

#endif
