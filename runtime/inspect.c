/* inspect.h. The form of the body is checkpoint.c's. */
#include "inspect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"
#include "mem.h"

typedef struct Look {
    dfl__seen *seen;
    dfl_ctx ctx;
    dfl__in in;
    int status;
} Look;

/* ---- the body; a failure is remembered, and what follows reads nothing ---- */

static void damaged(Look *look) {
    if (look->status == DFL_OK)
        look->status = DFL_ECORRUPT;
}

static uint64_t get_number(Look *look, uint64_t most) {
    uint64_t v = 0;
    if (look->status == DFL_OK && (!dfl__get_varint(&look->in, &v) || v > most))
        damaged(look);
    return look->status == DFL_OK ? v : 0;
}

static unsigned get_byte(Look *look) {
    if (look->status == DFL_OK && dfl__left(&look->in) == 0)
        damaged(look);
    return look->status == DFL_OK ? *look->in.at++ : 0;
}

static void skip(Look *look, uint64_t n) {
    if (n > dfl__left(&look->in))
        damaged(look);
    else if (look->status == DFL_OK)
        look->in.at += n;
}

static dfl_str get_text(Look *look) {
    dfl_str s = {"", 0};
    int status = look->status == DFL_OK ? dfl__get_str(&look->in, &look->ctx, &s) : DFL_OK;
    if (status != DFL_OK)
        look->status = status;
    return s;
}

/* n zeroed items; more than can be addressed are as many as there is no memory for. */
static void *take(Look *look, uint64_t n, size_t size) {
    bool fits = n < SIZE_MAX / size;
    void *p = look->status == DFL_OK && fits ? dfl_alloc(&look->ctx, (size_t)n * size + 1) : NULL;
    if (p)
        return memset(p, 0, (size_t)n * size + 1);
    if (look->status == DFL_OK)
        look->status = DFL_ENOMEM;
    return NULL;
}

static void get_counts(Look *look) {
    uint32_t n = look->seen->layout.n_counters;
    if (get_number(look, UINT32_MAX) != n)
        damaged(look);
    look->seen->counts = take(look, n, sizeof *look->seen->counts);
    for (uint32_t i = 0; look->status == DFL_OK && i < n; i++)
        look->seen->counts[i] = get_number(look, UINT64_MAX);
}

static void copy_text(char *to, size_t cap, dfl_str text) {
    snprintf(to, cap, "%.*s", (int)(text.n < cap ? text.n : cap - 1), text.p);
}

static void get_error(Look *look) {
    dfl_error *error = &look->seen->error;
    look->seen->has_error = true;
    error->status = (int)(int64_t)get_number(look, UINT64_MAX);
    error->code = (int)(int64_t)get_number(look, UINT64_MAX);
    error->attempt = (unsigned)get_number(look, UINT32_MAX);
    error->index = (int64_t)get_number(look, UINT64_MAX);
    copy_text(error->node, sizeof error->node, get_text(look));
    copy_text(error->at, sizeof error->at, get_text(look));
    copy_text(error->message, sizeof error->message, get_text(look));
}

static void get_asks(Look *look) {
    uint64_t n = get_number(look, dfl__left(&look->in));
    dfl__seen_ask *asks = take(look, n, sizeof *asks);
    look->seen->asks = asks;
    for (uint64_t i = 0; look->status == DFL_OK && i < n; i++) {
        uint64_t depth;
        asks[i].node = get_text(look);
        depth = get_number(look, dfl__left(&look->in));
        for (uint64_t k = 0; look->status == DFL_OK && k < depth; k++)
            (void)get_number(look, UINT64_MAX);
        (void)get_number(look, UINT32_MAX);
        asks[i].answered = get_byte(look) == 1;
        asks[i].text = get_text(look);
        look->seen->n_asks = (size_t)i + 1;
    }
}

static void get_state(Look *look) {
    const dfl_type *type = look->seen->layout.state;
    uint64_t bytes = (type->n + UINT64_C(7)) / 8;
    void *state;
    if (get_number(look, UINT32_MAX) != type->n)
        damaged(look);
    look->seen->live = look->in.at;
    skip(look, bytes);
    state = take(look, 1, type->size);
    if (!state)
        return;
    dfl__set_zero(type, state);
    look->seen->state = state;
    look->status =
        dfl__layout_read(&look->ctx, &look->seen->layout, look->seen->live, &look->in, state);
}

/* The bits of the second byte, as in checkpoint.c. */
enum { FORM = 2, AFTER = 1, INNER = 4, ERROR = 8, ASKS = 16 };

static void get_body(Look *look) {
    unsigned form = get_byte(look), what;
    if (look->status == DFL_OK && form != FORM)
        look->status = DFL_ESCHEMA;
    what = get_byte(look);
    look->seen->is_after = what & AFTER;
    look->seen->is_within = what & INNER;
    get_counts(look);
    if (what & INNER) {
        skip(look, 8);
        skip(look, get_number(look, UINT64_MAX));
    }
    if (what & ERROR)
        get_error(look);
    if (what & ASKS)
        get_asks(look);
    if (look->status == DFL_OK)
        get_state(look);
}

static int read_layout(dfl_store *store, dfl__seen *seen) {
    dfl_buf text = {0};
    int status = dfl__store_layout(store, seen->record.layout, &text);
    if (status == DFL_OK)
        status = dfl__layout_parse((const char *)text.p, text.n, &seen->layout);
    dfl_buf_free(&text);
    return status == DFL_ENOTFOUND ? DFL_ESCHEMA : status;
}

int dfl__inspect(dfl_store *store, const char *thread, uint64_t id, dfl__seen *out) {
    Look look = {.seen = out};
    int status;
    memset(out, 0, sizeof *out);
    status = store->ops->read(store->self, thread, id, &out->record, &out->hold);
    if (status == DFL_OK)
        status = read_layout(store, out);
    if (status != DFL_OK)
        return status;
    dfl__ctx_init(&look.ctx, &out->mem);
    look.in = (dfl__in){out->record.body, out->record.body + out->record.n};
    get_body(&look);
    return look.status;
}

void dfl__seen_free(dfl__seen *seen) {
    dfl__layout_free(&seen->layout);
    dfl__mem_free(&seen->mem);
    dfl_buf_free(&seen->hold);
}

/* ---- as JSON ---- */

static int say(dfl_buf *out, const char *fmt, ...) DFL__PRINTF(2, 3);
static int say(dfl_buf *out, const char *fmt, ...) {
    char text[256];
    va_list args;
    int n;
    uint8_t *at;
    va_start(args, fmt);
    n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    at = dfl__buf_room(out, (size_t)n);
    if (!at)
        return DFL_ENOMEM;
    memcpy(at, text, (size_t)n);
    return DFL_OK;
}

static int say_string(dfl_buf *out, const char *name, const char *p, size_t n) {
    dfl_str s = {p, n};
    int status = say(out, "\"%s\":", name);
    return status == DFL_OK ? dfl__to_json(&dfl_type_string, &s, out) : status;
}

static int say_text(dfl_buf *out, const char *name, const char *text) {
    return say_string(out, name, text, strlen(text));
}

#define DO(CALL)                                                                                   \
    do {                                                                                           \
        if ((status = (CALL)) != DFL_OK)                                                           \
            return status;                                                                         \
    } while (0)

static int say_head(const dfl__seen *seen, dfl_buf *out) {
    const dfl_checkpoint *about = &seen->record.about;
    int status;
    DO(say(out, "{\"id\":%" PRIu64 ",\"previous\":%" PRIu64 ",", about->id, about->previous));
    DO(say_text(out, "thread", about->thread));
    DO(say(out, ","));
    DO(say_text(out, "graph", seen->record.graph));
    DO(say(out, ","));
    DO(say_text(out, "next", about->next));
    return say(out, ",\"after\":%s,\"within\":%s,\"step\":%" PRIu64 ",\"time_ns\":%" PRId64,
               seen->is_after ? "true" : "false", seen->is_within ? "true" : "false", about->step,
               about->time_ns);
}

static int say_counters(const dfl__seen *seen, dfl_buf *out) {
    int status;
    DO(say(out, ",\"counters\":{"));
    for (uint32_t i = 0; i < seen->layout.n_counters; i++) {
        dfl_str name = {seen->layout.counters[i], strlen(seen->layout.counters[i])};
        DO(say(out, "%s", i ? "," : ""));
        DO(dfl__to_json(&dfl_type_string, &name, out));
        DO(say(out, ":%" PRIu64, seen->counts[i]));
    }
    return say(out, "}");
}

static int say_error(const dfl__seen *seen, dfl_buf *out) {
    const dfl_error *error = &seen->error;
    int status;
    DO(say(out, ",\"error\":{"));
    DO(say_text(out, "node", error->node));
    DO(say(out, ","));
    DO(say_text(out, "message", error->message));
    return say(out, ",\"status\":%d,\"code\":%d,\"attempt\":%u}", error->status, error->code,
               error->attempt);
}

static int say_questions(const dfl__seen *seen, dfl_buf *out) {
    int status;
    DO(say(out, ",\"questions\":["));
    for (size_t i = 0; i < seen->n_asks; i++) {
        const dfl__seen_ask *ask = &seen->asks[i];
        DO(say(out, "%s{", i ? "," : ""));
        DO(say_string(out, "node", ask->node.p, ask->node.n));
        DO(say(out, ","));
        DO(say_string(out, ask->answered ? "answer" : "question", ask->text.p, ask->text.n));
        DO(say(out, "}"));
    }
    return say(out, "]");
}

int dfl__seen_json(const dfl__seen *seen, dfl_buf *out) {
    const dfl_type *type = seen->layout.state;
    bool any = false;
    int status;
    DO(say_head(seen, out));
    DO(say_counters(seen, out));
    if (seen->has_error)
        DO(say_error(seen, out));
    if (seen->n_asks > 0)
        DO(say_questions(seen, out));
    DO(say(out, ",\"state\":{"));
    for (uint32_t i = 0; i < type->n; i++) {
        if (!dfl__bit(seen->live, i))
            continue;
        dfl_str name = {type->members[i].name, strlen(type->members[i].name)};
        DO(say(out, "%s", any ? "," : ""));
        DO(dfl__to_json(&dfl_type_string, &name, out));
        DO(say(out, ":"));
        DO(dfl__to_json(type->members[i].type, (const char *)seen->state + type->members[i].offset,
                        out));
        any = true;
    }
    return say(out, "}}");
}

/* ---- public ---- */

int dfl_store_get(dfl_store *store, const char *thread, uint64_t id, dfl_buf *json) {
    dfl__seen seen;
    size_t n;
    int status;
    if (!store || !thread || !json)
        return DFL_EINVAL;
    n = json->n;
    status = dfl__inspect(store, thread, id, &seen);
    if (status == DFL_OK)
        status = dfl__seen_json(&seen, json);
    if (status != DFL_OK)
        json->n = n;
    dfl__seen_free(&seen);
    return status;
}
