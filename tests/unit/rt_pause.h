/* rt_pause.h: what dflc would write for a graph that asks, for the tests of pauses:
 *
 *     graph talk {
 *         state { out said : string[] merge append; }
 *         node ask  (out said);
 *         node tell (out said)        in a section of three branches, as elements 0, 1, 2
 *         node last (out said);
 *         start -> ask -> fan: [...] threads -> last -> end;
 *     }
 *
 * What the nodes do is the test's: dfl_run.user is a Talk. */
#ifndef RT_PAUSE_H
#define RT_PAUSE_H

#include "rt.h"

#include "branches.h"

#include "internal.h"

typedef struct talk {
    dfl_str_list said;
    dfl__mem mem;
} talk;

enum { AT_START, AT_ASK, AT_TELL, AT_LAST, AT_END, AT_FAN };
enum { BRANCHES = 3 };

typedef struct Talk {
    int (*ask)(dfl_ctx *ctx, dfl_str *said);
    int (*tell)(dfl_ctx *ctx, dfl_str *said);
    int (*last)(dfl_ctx *ctx, dfl_str *said);
    bool pause_before, pause_after; /* of `last` */
    bool fan_on_error;              /* fan -> last on error */
    uint64_t retries;               /* of `ask` */
    int runs_of_ask, runs_of_tell[BRANCHES], runs_of_last;
} Talk;

static const dfl_type talk_list_type = {.kind = DFL_KIND_LIST,
                                        .name = "string[]",
                                        .size = sizeof(dfl_str_list),
                                        .elem = &dfl_type_string};
static const dfl_member talk_members[] = {{"said", &talk_list_type, offsetof(talk, said), 0}};
static const dfl_type talk_type = {
    .kind = DFL_KIND_STRUCT, .name = "talk", .size = sizeof(talk), .n = 1, .members = talk_members};

static inline int talk_encode(const void *state, dfl_buf *out) {
    uint8_t *at = dfl__buf_room(out, DFL__HEADER_BYTES);
    if (!at)
        return DFL_ENOMEM;
    dfl__put_header(at, 0x7a1c);
    return dfl__pack(&talk_type, state, out);
}

static inline const uint8_t *read_said(dfl__decode *in, const uint8_t *at, dfl_str_list *said) {
    dfl_str *items;
    uint32_t n;
    at = dfl__read_count(in, at, 1, &n);
    if (!at)
        return NULL;
    items = dfl__new_items(in, n, sizeof *items);
    if (n > 0 && !items)
        return NULL;
    for (uint32_t i = 0; at && i < n; i++)
        at = dfl__read_str(in, at, &items[i]);
    said->items = items, said->len = n, said->cap = 0;
    return at;
}

static inline int talk_decode(void *state, const void *bytes, size_t n) {
    talk *s = state, *old;
    const uint8_t *at;
    dfl__decode in;
    old = dfl__decode_begin(&in, &s->mem, bytes, n, 0x7a1c, sizeof *old, DFL__NO_TEXTS);
    if (!old)
        return in.status;
    *old = *s;
    at = read_said(&in, in.at, &s->said);
    if (at == in.end)
        return dfl__decode_commit(&in);
    s->said = old->said;
    return dfl__decode_failed(&in, at);
}

static const dfl_place talk_places[] = {
    {DFL_PLACE_START, "start", "", -1, -1, -1},
    {DFL_PLACE_NODE, "ask", "talk.dfl:3", -1, -1, -1},
    {DFL_PLACE_NODE, "fan/tell", "talk.dfl:4", AT_FAN, 0, -1},
    {DFL_PLACE_NODE, "last", "talk.dfl:5", -1, -1, -1},
    {DFL_PLACE_END, "end", "", -1, -1, -1},
    {DFL_PLACE_SECTION, "fan", "talk.dfl:6", -1, -1, -1},
};
static const dfl_graph talk_graph = {.abi = DFL_ABI_VERSION,
                                     .name = "talk",
                                     .places = talk_places,
                                     .n_places = 6,
                                     .n_nodes = 5,
                                     .state = &talk_type,
                                     .schema = 0x7a1c,
                                     .mem_offset = offsetof(talk, mem),
                                     .encode = talk_encode,
                                     .decode = talk_decode};

struct talk_branch {
    uint32_t at;
    dfl_bytes inner;
    int64_t i;
    dfl_str_list added;
};
struct talk_fan {
    struct talk_branch b[BRANCHES];
};
static const dfl_member talk_branch_members[] = {
    {"at", &dfl_type_u32, offsetof(struct talk_branch, at), 0},
    {"inner", &dfl_type_bytes, offsetof(struct talk_branch, inner), 0},
    {"i", &dfl_type_i64, offsetof(struct talk_branch, i), 0},
    {"added", &talk_list_type, offsetof(struct talk_branch, added), 0},
};
static const dfl_type talk_branch_type = {.kind = DFL_KIND_STRUCT,
                                          .is_frame = true,
                                          .name = "talk_branch",
                                          .size = sizeof(struct talk_branch),
                                          .n = 4,
                                          .members = talk_branch_members};
static const dfl_member talk_fan_members[] = {
    {"b0", &talk_branch_type, offsetof(struct talk_fan, b[0]), 0},
    {"b1", &talk_branch_type, offsetof(struct talk_fan, b[1]), 0},
    {"b2", &talk_branch_type, offsetof(struct talk_fan, b[2]), 0},
};
static const dfl_type talk_fan_type = {.kind = DFL_KIND_STRUCT,
                                       .is_frame = true,
                                       .name = "talk_fan",
                                       .size = sizeof(struct talk_fan),
                                       .n = BRANCHES,
                                       .members = talk_fan_members};

/* Before, call, after: DFL_OK, or a status with nothing said. */
static inline int talk_node(dfl_ctx *ctx, uint32_t place, int (*node)(dfl_ctx *, dfl_str *),
                            int *runs, dfl_str_list *said, uint64_t retries) {
    dfl_str word;
    int rc;
    if (dfl__due(ctx, 0) && (rc = dfl__before(ctx, place)) != DFL_OK)
        return rc;
    do {
        word = DFL_STR("");
        ++*runs;
        rc = node ? node(ctx, &word) : 0;
        if (dfl__due(ctx, rc))
            rc = dfl__after(ctx, place, rc);
    } while (rc != DFL_OK && dfl__retry(ctx, &rc, retries, 0, 0));
    ctx->attempt = 1;
    return rc == DFL_OK && word.n ? dfl_str_list_push(ctx, said, word) : rc;
}

static inline int talk_branch(dfl_ctx *ctx, void *frame) {
    struct talk_branch *f = frame;
    Talk *script = dfl_user(ctx);
    int rc;
    if (f->at == DFL__DONE)
        return DFL_OK;
    if (f->at != DFL__FRESH)
        assert_int_equal(dfl__enter(ctx, f->at, &f->inner), AT_TELL);
    ctx->index = f->i;
    rc = talk_node(ctx, AT_TELL, script->tell, &script->runs_of_tell[f->i], &f->added, 0);
    if (rc != DFL_OK)
        return dfl__park(ctx, &f->at, &f->inner, AT_TELL, rc);
    f->at = DFL__DONE;
    return DFL_OK;
}

static inline int talk_fan(dfl_ctx *ctx, talk *s) {
    struct talk_fan j;
    Branch b[BRANCHES];
    int rc;
    memset(&j, 0, sizeof j);
    for (int i = 0; i < BRANCHES; i++)
        j.b[i].i = i;
    if (ctx->resume.n && (rc = dfl__take(ctx, &talk_fan_type, &j)) != DFL_OK)
        return rc;
    for (int i = 0; i < BRANCHES; i++) {
        b[i].body = talk_branch;
        b[i].frame = &j.b[i];
        b[i].type = &talk_branch_type;
    }
    rc = run_branches(ctx, b, BRANCHES, false);
    if (rc != DFL_OK)
        return dfl__keep(ctx, rc, &talk_fan_type, &j);
    for (int i = 0; rc == DFL_OK && i < BRANCHES; i++)
        rc = dfl_str_list_append(ctx, &s->said, &j.b[i].added);
    return rc;
}

static inline int talk_flow(dfl_ctx *ctx, talk *s, uint32_t at) {
    Talk *script = dfl_user(ctx);
    int rc;
    switch (at & ~DFL__PASSED) {
    case AT_START:
    case AT_ASK:
        rc = talk_node(ctx, AT_ASK, script->ask, &script->runs_of_ask, &s->said, script->retries);
        if (rc != DFL_OK)
            return dfl__stop(ctx, AT_ASK, rc);
        /* fall through */
    case AT_ASK | DFL__AFTER:
    case AT_FAN:
        if (dfl__due(ctx, 0) && (rc = dfl__before(ctx, AT_FAN)) != DFL_OK)
            return dfl__stop(ctx, AT_FAN, rc);
        rc = talk_fan(ctx, s);
        if (dfl__due(ctx, rc) && (rc = dfl__after_section(ctx, AT_FAN, rc)) != DFL_OK &&
            !(rc == DFL_ENODE && script->fan_on_error && dfl__caught(ctx)))
            return dfl__stop(ctx, AT_FAN, rc);
        /* fall through */
    case AT_LAST:
        if (script->pause_before && dfl__pause_before(ctx, AT_LAST))
            return dfl__stop(ctx, AT_LAST | DFL__PASSED, DFL_PAUSED);
        rc = talk_node(ctx, AT_LAST, script->last, &script->runs_of_last, &s->said, 0);
        if (rc != DFL_OK)
            return dfl__stop(ctx, AT_LAST, rc);
        if (script->pause_after)
            return dfl__stop(ctx, AT_LAST | DFL__AFTER, DFL_PAUSED);
        /* fall through */
    case AT_LAST | DFL__AFTER:
    case AT_END:
        if (dfl__due(ctx, 0) && (rc = dfl__before(ctx, AT_END)) != DFL_OK)
            return dfl__stop(ctx, AT_END, rc);
        return dfl__stop(ctx, AT_END, DFL_OK);
    default:
        fail_msg("position %u", at);
        return DFL_EINVAL;
    }
}

static inline int talk_run(talk *s, const dfl_run *run) {
    dfl__run self;
    uint64_t count[1] = {0};
    int rc;
    memset(&self, 0xa5, sizeof self); /* what lies on a stack */
    rc = dfl__run_begin(&self, &talk_graph, s, run, count, 1);
    if (rc == DFL_OK)
        rc = talk_flow(&self.ctx, s, AT_START);
    return dfl__run_end(&self, rc);
}

static inline int talk_resume_of(const dfl_graph *graph, talk *s, const dfl_run *run) {
    dfl__run self;
    uint64_t count[1] = {0};
    uint32_t at = AT_START;
    int rc;
    memset(&self, 0xa5, sizeof self);
    rc = dfl__resume_begin(&self, graph, s, run, count, 1, &at);
    if (rc == DFL_OK)
        rc = talk_flow(&self.ctx, s, at);
    return dfl__run_end(&self, rc);
}

static inline int talk_resume(talk *s, const dfl_run *run) {
    return talk_resume_of(&talk_graph, s, run);
}

static inline void talk_free(talk *s) {
    dfl__mem_free(&s->mem);
    *s = (talk){0};
}

#endif
