/* rt_run.h: a graph of two nodes, start -> a -> b -> end, for the tests of what surrounds a run.
 * What the nodes do is the test's: dfl_run.user is a Script. */
#ifndef RT_RUN_H
#define RT_RUN_H

#include "rt.h"

#include "internal.h"

typedef struct small {
    dfl__mem mem;
    int64_t n;
} small;

enum { AT_START, AT_A, AT_B, AT_END };

typedef struct Script {
    int (*a)(dfl_ctx *ctx, int64_t *n);
    int (*b)(dfl_ctx *ctx, int64_t *n);
    int runs_of_a, runs_of_b;
    bool mark_a; /* a says `checkpoint` */
} Script;

static const dfl_member small_members[] = {{"n", &dfl_type_i64, offsetof(small, n), 0}};
static const dfl_type type_small = {.kind = DFL_KIND_STRUCT,
                                    .name = "small",
                                    .size = sizeof(small),
                                    .n = 1,
                                    .members = small_members};

static inline int small_encode(const void *state, dfl_buf *out) {
    uint8_t *at = dfl__buf_room(out, DFL__HEADER_BYTES + 8);
    if (!at)
        return DFL_ENOMEM;
    dfl__put_i64(dfl__put_header(at, 0x77), ((const small *)state)->n);
    return DFL_OK;
}

static inline int small_decode(void *state, const void *bytes, size_t n) {
    small *s = state;
    dfl__decode in;
    if (!dfl__decode_begin(&in, &s->mem, bytes, n, 0x77, sizeof *s, DFL__NO_TEXTS))
        return in.status;
    if (!dfl__has(&in, in.at, 8))
        return dfl__decode_failed(&in, NULL);
    if (in.at + 8 != in.end)
        return dfl__decode_failed(&in, in.at + 8);
    s->n = dfl__get_i64(in.at);
    return dfl__decode_commit(&in);
}

static const dfl_place small_places[] = {{DFL_PLACE_START, "start", "", -1, -1, -1},
                                         {DFL_PLACE_NODE, "a", "small.dfl:3", -1, -1, -1},
                                         {DFL_PLACE_NODE, "b", "small.dfl:4", -1, -1, -1},
                                         {DFL_PLACE_END, "end", "", -1, -1, -1}};
static const dfl_graph small_graph = {.abi = DFL_ABI_VERSION,
                                      .name = "small",
                                      .places = small_places,
                                      .n_places = 4,
                                      .n_nodes = 4,
                                      .state = &type_small,
                                      .schema = 0x77,
                                      .mem_offset = offsetof(small, mem),
                                      .encode = small_encode,
                                      .decode = small_decode};

static inline int small_node(dfl_ctx *ctx, small *s, uint32_t place,
                             int (*node)(dfl_ctx *ctx, int64_t *n), int *runs) {
    int64_t was = s->n;
    int rc;
    if (dfl__due(ctx, 0) && (rc = dfl__before(ctx, place)) != DFL_OK)
        return dfl__stop(ctx, place, rc);
    ++*runs;
    rc = node ? node(ctx, &s->n) : 0;
    if (dfl__due(ctx, rc) && (rc = dfl__after(ctx, place, rc)) != DFL_OK) {
        s->n = was;
        return dfl__stop(ctx, place, rc);
    }
    return DFL_OK;
}

static inline int small_flow(dfl_ctx *ctx, small *s, uint32_t at) {
    Script *script = dfl_user(ctx);
    int rc;
    if (at <= AT_A) {
        if ((rc = small_node(ctx, s, AT_A, script->a, &script->runs_of_a)) != DFL_OK)
            return rc;
        if (script->mark_a)
            dfl__mark(ctx);
    }
    if (at <= AT_B && (rc = small_node(ctx, s, AT_B, script->b, &script->runs_of_b)) != DFL_OK)
        return rc;
    if (dfl__due(ctx, 0) && (rc = dfl__before(ctx, AT_END)) != DFL_OK)
        return dfl__stop(ctx, AT_END, rc);
    return dfl__stop(ctx, AT_END, DFL_OK);
}

static inline int small_run_of(const dfl_graph *graph, small *s, const dfl_run *run) {
    dfl__run self;
    uint64_t count[1] = {0};
    int rc;
    memset(&self, 0xa5, sizeof self); /* what lies on a stack */
    rc = dfl__run_begin(&self, graph, s, run, count, 1);
    if (rc == DFL_OK)
        rc = small_flow(&self.ctx, s, AT_START);
    rc = dfl__run_end(&self, rc);
    assert_int_equal(self.ctx.flags, 0);
    return rc;
}

static inline int small_run(small *s, const dfl_run *run) {
    return small_run_of(&small_graph, s, run);
}

static inline int small_resume_of(const dfl_graph *graph, small *s, const dfl_run *run,
                                  uint32_t n_counts) {
    dfl__run self;
    uint64_t count[4] = {0};
    uint32_t at = AT_START;
    int rc;
    memset(&self, 0xa5, sizeof self);
    rc = dfl__resume_begin(&self, graph, s, run, count, n_counts, &at);
    if (rc == DFL_OK)
        rc = small_flow(&self.ctx, s, at);
    return dfl__run_end(&self, rc);
}

static inline int small_resume(small *s, const dfl_run *run) {
    return small_resume_of(&small_graph, s, run, 1);
}

#endif
