// What dflc would write for the graph below, and a program that runs it, breaks it, and resumes it.
//
//     graph loop {
//         limit steps 100;
//         state { in goal : i64; count : i64; log : string merge append; }
//         node step  (inout count, out log)  checkpoint;
//         node check (in count, goal)        checkpoint;
//         start -> step -> check;
//         check -> step when count < goal max 50;
//         check -> end;
//     }
#include <dfl.h>

#include <errno.h>
#include <stdlib.h>

/* ---- the header ---- */

typedef struct loop_state {
    int64_t goal;
    int64_t count;
    dfl_str log;
    dfl__mem dfl_mem;
} loop_state;

typedef enum loop_node { loop_at_start, loop_at_step, loop_at_check, loop_at_end } loop_node;

extern const dfl_graph loop_graph;

/* ---- the nodes, as a person writes them ---- */

typedef struct Script {
    int64_t fail_step_at, fail_check_at; /* the count at which the node fails; 0: never */
    int steps, checks;
    dfl_cancel *cancel_in_check;
} Script;

static int loop_step(dfl_ctx *ctx, int64_t *count, dfl_str *log) {
    Script *script = dfl_user(ctx);
    script->steps++;
    ++*count;
    *log = dfl_printf(ctx, "%lld ", (long long)*count);
    if (*count == script->fail_step_at)
        return dfl_fail(ctx, 7, "no step %d", (int)*count);
    return 0;
}

static int loop_check(dfl_ctx *ctx, int64_t count, int64_t goal) {
    Script *script = dfl_user(ctx);
    (void)goal;
    script->checks++;
    if (script->cancel_in_check)
        dfl_cancel_now(script->cancel_in_check);
    return count == script->fail_check_at ? 3 : 0;
}

/* ---- the source ---- */

static const dfl_member loop__fields[] = {
    {"goal", &dfl_type_i64, offsetof(loop_state, goal), DFL_FIELD_IN},
    {"count", &dfl_type_i64, offsetof(loop_state, count), 0},
    {"log", &dfl_type_string, offsetof(loop_state, log), 0},
};
static const dfl_type loop__state_type = {.kind = DFL_KIND_STRUCT,
                                          .name = "loop",
                                          .size = sizeof(loop_state),
                                          .n = 3,
                                          .members = loop__fields};

static void loop_state_init(loop_state *s) {
    s->goal = 0;
    s->count = 0;
    s->log = DFL_STR("");
    dfl__mem_init(&s->dfl_mem);
}

static int loop_encode(const void *state, dfl_buf *out) {
    const loop_state *s = state;
    size_t n = DFL__HEADER_BYTES + 16 + dfl__size_block(s->log.n, 1);
    uint8_t *at = dfl__buf_room(out, n);

    if (!at)
        return DFL_ENOMEM;
    at = dfl__put_header(at, UINT64_C(0x1001));
    dfl__put_i64(at, s->goal);
    dfl__put_i64(at + 8, s->count);
    dfl__put_block(at + 16, s->log.p, s->log.n, 1);
    return DFL_OK;
}

static const uint8_t *loop_state__get(dfl__decode *in, const uint8_t *at, loop_state *s) {
    if (!dfl__has(in, at, 16))
        return NULL;
    s->goal = dfl__get_i64(at);
    s->count = dfl__get_i64(at + 8);
    at += 16;
    return dfl__read_str(in, at, &s->log);
}

static int loop_decode(void *state, const void *bytes, size_t n) {
    loop_state *s = state, *old;
    const uint8_t *at;
    dfl__decode in;

    old = dfl__decode_begin(&in, &s->dfl_mem, bytes, n, UINT64_C(0x1001), sizeof *old, 16);
    if (!old)
        return in.status;
    *old = *s;
    loop_state_init(s);
    s->dfl_mem = old->dfl_mem;
    at = loop_state__get(&in, in.at, s);
    if (at == in.end)
        return dfl__decode_commit(&in);
    memcpy(s, old, offsetof(loop_state, dfl_mem));
    return dfl__decode_failed(&in, at);
}

static const dfl_place loop__places[] = {
    {DFL_PLACE_START, "start", "", -1, -1, -1},
    {DFL_PLACE_NODE, "step", "loop.dfl:6", -1, -1, -1},
    {DFL_PLACE_NODE, "check", "loop.dfl:6", -1, -1, -1},
    {DFL_PLACE_END, "end", "", -1, -1, -1},
};
static const dfl_edge loop__edges[] = {{0, 1, ""}, {1, 2, ""}, {2, 1, "count < goal"}, {2, 3, ""}};
const dfl_graph loop_graph = {.abi = DFL_ABI_VERSION,
                              .name = "loop",
                              .places = loop__places,
                              .n_places = 4,
                              .n_nodes = 4,
                              .edges = loop__edges,
                              .n_edges = 4,
                              .state = &loop__state_type,
                              .schema = 0x1001,
                              .mem_offset = offsetof(loop_state, dfl_mem),
                              .encode = loop_encode,
                              .decode = loop_decode};

/* count[0]: steps; count[1]: the edge with `max`. */
static int loop__flow(dfl_ctx *ctx, loop_state *s, uint64_t *count, uint32_t at) {
    uint32_t due = dfl__due(ctx, 0);
    int rc;

    switch (at) {
    case loop_at_start:
        break;
    case loop_at_step:
        goto step;
    case loop_at_check:
        goto check;
    default:
        goto end;
    }

step:
    if (DFL__RARELY(due) && (rc = dfl__before(ctx, loop_at_step)) != DFL_OK)
        return dfl__stop(ctx, loop_at_step, rc);
    if (count[0] >= 100)
        return dfl__stop(ctx, loop_at_step, dfl__limit(ctx, loop_at_step, 100));
    count[0]++;
    {
        const int64_t count_was = s->count;
        dfl_str log_update = DFL_STR("");
        const dfl_str log_was = s->log;
        dfl__new_epoch(ctx);
        rc = loop_step(ctx, &s->count, &log_update);
        if (rc == DFL_OK)
            rc = dfl__append_str(ctx, &s->log, log_update);
        due = dfl__due(ctx, rc);
        if (DFL__RARELY(due)) {
            rc = dfl__after(ctx, loop_at_step, rc);
            if (rc != DFL_OK) {
                s->count = count_was;
                s->log = log_was;
                return dfl__stop(ctx, loop_at_step, rc);
            }
        }
    }
    due |= dfl__mark(ctx);
check:
    if (DFL__RARELY(due) && (rc = dfl__before(ctx, loop_at_check)) != DFL_OK)
        return dfl__stop(ctx, loop_at_check, rc);
    if (count[0] >= 100)
        return dfl__stop(ctx, loop_at_check, dfl__limit(ctx, loop_at_check, 100));
    count[0]++;
    rc = loop_check(ctx, s->count, s->goal);
    due = dfl__due(ctx, rc);
    if (DFL__RARELY(due)) {
        rc = dfl__after(ctx, loop_at_check, rc);
        if (rc != DFL_OK)
            return dfl__stop(ctx, loop_at_check, rc);
    }
    due |= dfl__mark(ctx);
    if (s->count < s->goal && count[1] < 50) {
        count[1]++;
        goto step;
    }
end:
    if (DFL__RARELY(due) && (rc = dfl__before(ctx, loop_at_end)) != DFL_OK)
        return dfl__stop(ctx, loop_at_end, rc);
    return dfl__stop(ctx, loop_at_end, DFL_OK);
}

static int loop_run(loop_state *s, const dfl_run *run) {
    dfl__run self;
    uint64_t count[2] = {0};
    int rc = dfl__run_begin(&self, &loop_graph, s, run, count, 2);

    if (rc == DFL_OK)
        rc = loop__flow(&self.ctx, s, count, loop_at_start);
    return dfl__run_end(&self, rc);
}

static int loop_resume(loop_state *s, const dfl_run *run) {
    dfl__run self;
    uint64_t count[2] = {0};
    uint32_t at = loop_at_start;
    int rc = dfl__resume_begin(&self, &loop_graph, s, run, count, 2, &at);

    if (rc == DFL_OK)
        rc = loop__flow(&self.ctx, s, count, at);
    return dfl__run_end(&self, rc);
}

/* ---- the program ---- */

static int failures;

#define CHECK(CONDITION)                                                                           \
    do {                                                                                           \
        if (!(CONDITION)) {                                                                        \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #CONDITION);                                 \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static bool log_is(const loop_state *s, const char *text) {
    return strcmp(s->log.p, text) == 0;
}

static void a_plain_run(void) {
    loop_state s;
    Script script = {0};
    dfl_run run = {.user = &script};
    loop_state_init(&s);
    s.goal = 3;
    CHECK(loop_run(&s, &run) == DFL_OK);
    CHECK(s.count == 3 && log_is(&s, "1 2 3 "));
    CHECK(script.steps == 3 && script.checks == 3);
    dfl__mem_free(&s.dfl_mem);
}

/* The state is what it was before the node began; the message is of this attempt. */
static void a_node_fails(void) {
    loop_state s;
    Script script = {.fail_step_at = 2};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error};
    loop_state_init(&s);
    s.goal = 3;
    CHECK(loop_run(&s, &run) == DFL_ENODE);
    CHECK(s.count == 1 && log_is(&s, "1 "));
    CHECK(error.status == DFL_ENODE && error.code == 7 && error.attempt == 1 && error.index == -1);
    CHECK(!strcmp(error.node, "step") && !strcmp(error.at, "loop.dfl:6"));
    CHECK(!strcmp(error.message, "no step 2"));
    script = (Script){.fail_check_at = 2};
    CHECK(loop_run(&s, &run) == DFL_ENODE && error.code == 3 && !error.message[0]);
    dfl__mem_free(&s.dfl_mem);
}

static void limits(void) {
    loop_state s;
    Script script = {0};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error};
    loop_state_init(&s);
    s.goal = 1000;
    CHECK(loop_run(&s, &run) == DFL_ELIMIT);
    CHECK(script.steps == 50 && script.checks == 50 && s.count == 50);
    CHECK(!strcmp(error.node, "step") && !strcmp(error.message, "limit of 100 steps reached"));
    dfl__mem_free(&s.dfl_mem);
}

static void a_run_is_cancelled(void) {
    loop_state s;
    dfl_cancel cancel = {0};
    Script script = {.cancel_in_check = &cancel};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error, .cancel = &cancel};
    loop_state_init(&s);
    s.goal = 3;
    CHECK(loop_run(&s, &run) == DFL_ECANCELLED);
    CHECK(script.steps == 1 && s.count == 1 && !error.node[0]);
    CHECK(!strcmp(error.message, "cancelled before 'step'"));
    /* Nothing stops a run that has only its end to reach. */
    cancel.requested = 0;
    s.goal = s.count + 1;
    CHECK(loop_run(&s, &run) == DFL_OK);
    dfl__mem_free(&s.dfl_mem);
}

/* What a resumed run does is what the first one left to do, counters included. */
static void a_failed_run_is_resumed(void) {
    loop_state s, later;
    Script script = {.fail_check_at = 2};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error, .thread_id = "t", .store = dfl_store_memory()};
    dfl_checkpoint latest;
    uint32_t next = 0;
    loop_state_init(&s);
    loop_state_init(&later);
    s.goal = 3;
    CHECK(loop_run(&s, &run) == DFL_ENODE && script.steps == 2 && script.checks == 2);
    CHECK(dfl_store_latest(run.store, "t", &latest) == DFL_OK);
    CHECK(!strcmp(latest.next, "check") && latest.step == 3);
    CHECK(dfl__load(&loop_graph, &later, &run, &next) == DFL_OK);
    CHECK(next == loop_at_check && later.count == 2 && log_is(&later, "1 2 "));
    script = (Script){0};
    CHECK(loop_resume(&later, &run) == DFL_OK);
    CHECK(script.steps == 1 && script.checks == 2 && log_is(&later, "1 2 3 "));
    CHECK(dfl_store_latest(run.store, "t", &latest) == DFL_OK);
    CHECK(!strcmp(latest.next, "end") && latest.step == 6);
    /* Finished: the final state again, and nothing runs. */
    CHECK(loop_resume(&s, &run) == DFL_OK && log_is(&s, "1 2 3 ") && script.steps == 1);
    dfl__mem_free(&s.dfl_mem);
    dfl__mem_free(&later.dfl_mem);
    dfl_store_close(run.store);
}

/* The counter of `max` comes with the checkpoint: 50 edges in all, however often resumed. */
static void counters_survive(void) {
    loop_state s;
    Script script = {.fail_step_at = 30};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    loop_state_init(&s);
    s.goal = 1000;
    CHECK(loop_run(&s, &run) == DFL_ENODE && s.count == 29);
    script.fail_step_at = 0;
    CHECK(loop_resume(&s, &run) == DFL_ELIMIT && s.count == 50);
    dfl__mem_free(&s.dfl_mem);
    dfl_store_close(run.store);
}

int main(void) {
    a_plain_run();
    a_node_fails();
    limits();
    a_run_is_cancelled();
    a_failed_run_is_resumed();
    counters_survive();
    return failures != 0;
}
