// needs: tsan
// What dflc would write for the graph below: a section on threads, its frames, its merge, and the
// events of it in written order.
//
//     graph fork {
//         state { in seed : i64; a : f64; b : string; total : i64 merge sum; log : string[] merge append; }
//         node left  (in seed, out a, total, log);
//         node right (in seed, out b, total, log)  checkpoint;
//         node sum   (in a, b, inout seed);
//         start -> [left, right] threads -> sum -> end;
//     }
#include <dfl.h>

#include <stdlib.h>

/* ---- the header ---- */

typedef struct fork_state {
    int64_t seed;
    double a;
    dfl_str b;
    int64_t total;
    dfl_str_list log;
    dfl__mem dfl_mem;
} fork_state;

typedef enum fork_node {
    fork_at_start,
    fork_at_left,
    fork_at_right,
    fork_at_sum,
    fork_at_end
} fork_node;
enum { fork__s1_at = 5 };

extern const dfl_graph fork_graph;

/* ---- the nodes, as a person writes them ---- */

typedef struct Script {
    int fail_left, fail_right; /* what the nodes return */
} Script;

static int fork_left(dfl_ctx *ctx, int64_t seed, double *a, int64_t *total, dfl_str_list *log) {
    const Script *script = dfl_user(ctx);
    *a = (double)seed / 2;
    *total = seed;
    dfl_emit(ctx, "half", (dfl_bytes){(const uint8_t *)"left", 4});
    dfl_str_list_push(ctx, log, DFL_STR("left"));
    if (script->fail_left)
        return dfl_fail(ctx, script->fail_left, "left fails with %d", script->fail_left);
    return 0;
}

static int fork_right(dfl_ctx *ctx, int64_t seed, dfl_str *b, int64_t *total, dfl_str_list *log) {
    const Script *script = dfl_user(ctx);
    *b = dfl_printf(ctx, "seed %lld", (long long)seed);
    *total = 10;
    for (int i = 0; i < 100; i++)
        dfl_str_list_push(ctx, log, dfl_printf(ctx, "right %d", i));
    return script->fail_right;
}

static int fork_sum(dfl_ctx *ctx, double a, dfl_str b, int64_t *seed) {
    (void)ctx;
    *seed = (int64_t)a + (int64_t)b.n;
    return 0;
}

/* ---- the source ---- */

static const dfl_type dfl_str_list__type = {.kind = DFL_KIND_LIST,
                                            .name = "string[]",
                                            .size = sizeof(dfl_str_list),
                                            .elem = &dfl_type_string};
static const dfl_member fork__fields[] = {
    {"seed", &dfl_type_i64, offsetof(fork_state, seed), DFL_FIELD_IN},
    {"a", &dfl_type_f64, offsetof(fork_state, a), 0},
    {"b", &dfl_type_string, offsetof(fork_state, b), 0},
    {"total", &dfl_type_i64, offsetof(fork_state, total), 0},
    {"log", &dfl_str_list__type, offsetof(fork_state, log), 0},
};
static const dfl_type fork__state_type = {.kind = DFL_KIND_STRUCT,
                                          .name = "fork",
                                          .size = sizeof(fork_state),
                                          .n = 5,
                                          .members = fork__fields};

/* A branch reads the state in place and keeps what it writes in its frame: `own` is the field as the
 * branch sees it, `added` the updates that the join appends. */
struct fork__s1_left {
    const fork_state *s;
    struct {
        double a;
        int64_t total;
    } own;
    struct {
        dfl_str_list log;
    } added;
};

struct fork__s1_right {
    const fork_state *s;
    struct {
        dfl_str b;
        int64_t total;
    } own;
    struct {
        dfl_str_list log;
    } added;
};

/* What reclaiming must know of a frame: where it points into the arena. */
static const dfl_member fork__s1_left_members[] = {
    {"log", &dfl_str_list__type, offsetof(struct fork__s1_left, added.log), 0}};
static const dfl_type fork__s1_left_type = {.kind = DFL_KIND_STRUCT,
                                            .name = "fork__s1_left",
                                            .size = sizeof(struct fork__s1_left),
                                            .n = 1,
                                            .members = fork__s1_left_members};
static const dfl_member fork__s1_right_members[] = {
    {"b", &dfl_type_string, offsetof(struct fork__s1_right, own.b), 0},
    {"log", &dfl_str_list__type, offsetof(struct fork__s1_right, added.log), 0}};
static const dfl_type fork__s1_right_type = {.kind = DFL_KIND_STRUCT,
                                             .name = "fork__s1_right",
                                             .size = sizeof(struct fork__s1_right),
                                             .n = 2,
                                             .members = fork__s1_right_members};

static void fork_state_init(fork_state *s) {
    memset(s, 0, sizeof *s);
    s->b = DFL_STR("");
}

/* This test loads no checkpoint, it only counts them. */
static int fork_encode(const void *state, dfl_buf *out) {
    (void)state;
    return dfl__buf_room(out, 1) ? DFL_OK : DFL_ENOMEM;
}

static const dfl_place fork__places[] = {
    {DFL_PLACE_START, "start", "", -1, -1, -1},
    {DFL_PLACE_NODE, "left", "fork.dfl:6", fork__s1_at, 0, -1},
    {DFL_PLACE_NODE, "right", "fork.dfl:6", fork__s1_at, 1, -1},
    {DFL_PLACE_NODE, "sum", "fork.dfl:6", -1, -1, -1},
    {DFL_PLACE_END, "end", "", -1, -1, -1},
    {DFL_PLACE_SECTION, "[left, right]", "fork.dfl:6", -1, -1, -1},
};
static const dfl_edge fork__edges[] = {{0, 5, ""}, {5, 3, ""}, {3, 4, ""}};
const dfl_graph fork_graph = {.abi = DFL_ABI_VERSION,
                              .name = "fork",
                              .places = fork__places,
                              .n_places = 6,
                              .n_nodes = 5,
                              .edges = fork__edges,
                              .n_edges = 3,
                              .state = &fork__state_type,
                              .schema = 0x2002,
                              .mem_offset = offsetof(fork_state, dfl_mem),
                              .encode = fork_encode};

static int fork__s1_left(dfl_ctx *ctx, void *frame) {
    struct fork__s1_left *f = frame;
    uint32_t due = dfl__due(ctx, 0);
    int rc;

    if (DFL__RARELY(due) && (rc = dfl__before(ctx, fork_at_left)) != DFL_OK)
        return rc;
    {
        const double a_was = f->own.a;
        const int64_t total_was = f->own.total;
        const dfl_str_list log_was_added = f->added.log;
        int64_t total_update = 0;
        dfl_str_list log_update = {0};
        f->own.a = 0.0;
        dfl__new_epoch(ctx);
        rc = fork_left(ctx, f->s->seed, &f->own.a, &total_update, &log_update);
        if (rc == DFL_OK)
            rc = dfl__sum_i64(ctx, &f->own.total, total_update, "total");
        if (rc == DFL_OK)
            rc = dfl_str_list_append(ctx, &f->added.log, &log_update);
        due = dfl__due(ctx, rc);
        if (DFL__RARELY(due)) {
            rc = dfl__after(ctx, fork_at_left, rc);
            if (rc != DFL_OK) {
                f->own.a = a_was;
                f->own.total = total_was;
                f->added.log = log_was_added;
                return rc;
            }
        }
    }
    return DFL_OK;
}

static int fork__s1_right(dfl_ctx *ctx, void *frame) {
    struct fork__s1_right *f = frame;
    uint32_t due = dfl__due(ctx, 0);
    int rc;

    if (DFL__RARELY(due) && (rc = dfl__before(ctx, fork_at_right)) != DFL_OK)
        return rc;
    {
        const dfl_str b_was = f->own.b;
        const int64_t total_was = f->own.total;
        const dfl_str_list log_was_added = f->added.log;
        int64_t total_update = 0;
        dfl_str_list log_update = {0};
        f->own.b = DFL_STR("");
        dfl__new_epoch(ctx);
        rc = fork_right(ctx, f->s->seed, &f->own.b, &total_update, &log_update);
        if (rc == DFL_OK)
            rc = dfl__sum_i64(ctx, &f->own.total, total_update, "total");
        if (rc == DFL_OK)
            rc = dfl_str_list_append(ctx, &f->added.log, &log_update);
        due = dfl__due(ctx, rc);
        if (DFL__RARELY(due)) {
            rc = dfl__after(ctx, fork_at_right, rc);
            if (rc != DFL_OK) {
                f->own.b = b_was;
                f->own.total = total_was;
                f->added.log = log_was_added;
                return rc;
            }
        }
    }
    (void)dfl__mark(ctx);
    return DFL_OK;
}

struct fork__s1 {
    struct fork__s1_left left;
    struct fork__s1_right right;
};

static const dfl__task fork__s1_tasks[] = {
    {fork__s1_left, &fork__s1_left_type, offsetof(struct fork__s1, left)},
    {fork__s1_right, &fork__s1_right_type, offsetof(struct fork__s1, right)},
};
static const uint32_t fork__s1_order[] = {0, 1}, fork__s1_chunk_end[] = {1, 2};
static const dfl__section fork__s1_section = {.tasks = fork__s1_tasks,
                                              .n = 2,
                                              .order = fork__s1_order,
                                              .chunk_end = fork__s1_chunk_end,
                                              .n_chunks = 2};

static int fork__s1(dfl_ctx *ctx, fork_state *s) {
    struct fork__s1 j = {.left = {.s = s, .own = {s->a, s->total}},
                         .right = {.s = s, .own = {s->b, s->total}}};
    dfl__ended *ended[2] = {NULL};
    const int64_t total_was = s->total;
    const dfl_str_list log_was = s->log;
    dfl__wide total_sum = {0, 0};
    int rc;

    rc = dfl__threads(ctx, &fork__s1_section, &j, false, ended);
    if (rc != DFL_OK)
        return rc;
    dfl__wide_add_signed(&total_sum, j.left.own.total, s->total);
    dfl__wide_add_signed(&total_sum, j.right.own.total, s->total);
    rc = dfl__join_i64(ctx, &s->total, total_sum, "total");
    if (rc == DFL_OK)
        rc = dfl_str_list_append(ctx, &s->log, &j.left.added.log);
    if (rc == DFL_OK)
        rc = dfl_str_list_append(ctx, &s->log, &j.right.added.log);
    rc = dfl__merged(ctx, fork__s1_at, rc);
    if (rc != DFL_OK) {
        s->total = total_was;
        s->log = log_was;
        return rc;
    }
    s->a = j.left.own.a;
    s->b = j.right.own.b;
    return DFL_OK;
}

static int fork__flow(dfl_ctx *ctx, fork_state *s) {
    uint32_t due = dfl__due(ctx, 0);
    int rc;

    if (DFL__RARELY(due) && (rc = dfl__before(ctx, fork__s1_at)) != DFL_OK)
        return dfl__stop(ctx, fork__s1_at, rc);
    rc = fork__s1(ctx, s);
    due = dfl__due(ctx, rc);
    if (DFL__RARELY(due)) {
        rc = dfl__after_section(ctx, fork__s1_at, rc);
        if (rc != DFL_OK)
            return dfl__stop(ctx, fork__s1_at, rc);
    }
    if (DFL__RARELY(due) && (rc = dfl__before(ctx, fork_at_sum)) != DFL_OK)
        return dfl__stop(ctx, fork_at_sum, rc);
    rc = fork_sum(ctx, s->a, s->b, &s->seed);
    due = dfl__due(ctx, rc);
    if (DFL__RARELY(due)) {
        rc = dfl__after(ctx, fork_at_sum, rc);
        if (rc != DFL_OK)
            return dfl__stop(ctx, fork_at_sum, rc);
    }
    if (DFL__RARELY(due) && (rc = dfl__before(ctx, fork_at_end)) != DFL_OK)
        return dfl__stop(ctx, fork_at_end, rc);
    return dfl__stop(ctx, fork_at_end, DFL_OK);
}

static int fork_run(fork_state *s, const dfl_run *run) {
    dfl__run self;
    int rc = dfl__run_begin(&self, &fork_graph, s, run, NULL, 0);

    if (rc == DFL_OK)
        rc = fork__flow(&self.ctx, s);
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

static void both_branches_merge(dfl_pool *pool) {
    Script script = {0};
    dfl_run run = {.user = &script, .pool = pool};
    fork_state s;
    fork_state_init(&s);
    s.seed = 8;
    CHECK(fork_run(&s, &run) == DFL_OK);
    CHECK(s.a == 4 && !strcmp(s.b.p, "seed 8") && s.total == 18 && s.seed == 10);
    CHECK(s.log.len == 101 && !strcmp(s.log.items[0].p, "left"));
    CHECK(!strcmp(s.log.items[100].p, "right 99"));
    dfl__mem_free(&s.dfl_mem);
}

/* Both fail: the error is the first branch's, and the state is as at the fork. */
static void the_lowest_failure_wins(dfl_pool *pool) {
    Script script = {.fail_left = 4, .fail_right = 5};
    dfl_error error;
    dfl_run run = {.user = &script, .pool = pool, .error = &error};
    fork_state s;
    fork_state_init(&s);
    s.seed = 8;
    CHECK(fork_run(&s, &run) == DFL_ENODE);
    CHECK(error.code == 4 && !strcmp(error.node, "left"));
    CHECK(!strcmp(error.message, "left fails with 4"));
    CHECK(s.seed == 8 && s.a == 0 && s.b.n == 0 && s.total == 0 && s.log.len == 0);
    dfl__mem_free(&s.dfl_mem);
}

/* A sum that overflows at the join fails the section, which leaves no trace. */
static void a_failed_merge_is_the_section_s(dfl_pool *pool) {
    Script script = {0};
    dfl_error error;
    dfl_run run = {.user = &script, .pool = pool, .error = &error};
    fork_state s;
    fork_state_init(&s);
    s.seed = 8;
    s.total = INT64_MAX - 12;
    CHECK(fork_run(&s, &run) == DFL_ENODE);
    CHECK(!strcmp(error.node, "[left, right]") && error.message[0]);
    CHECK(s.total == INT64_MAX - 12 && s.log.len == 0);
    dfl__mem_free(&s.dfl_mem);
}

/* A mark in a branch is kept for the first place behind the section. */
static void marks_wait_for_the_join(dfl_pool *pool) {
    Script script = {0};
    dfl_run run = {.user = &script, .pool = pool, .thread_id = "t", .store = dfl_store_memory()};
    dfl_checkpoint latest;
    fork_state s;
    fork_state_init(&s);
    CHECK(fork_run(&s, &run) == DFL_OK);
    /* The input, behind the section, the end. */
    CHECK(dfl_store_latest(run.store, "t", &latest) == DFL_OK);
    CHECK(latest.id == 3 && latest.step == 3 && !strcmp(latest.next, "end"));
    dfl__mem_free(&s.dfl_mem);
    dfl_store_close(run.store);
}

typedef struct Trace {
    char text[4096];
    uint64_t sequence;
} Trace;

static void note(void *user, const dfl_event *event) {
    static const char *const kinds[] = {
        "run",        "run_end", "node",      "node_end", "error",   "edge",    "fork",    "join",
        "save",       "load",    "limit",     "retry",    "custom",  "paused",  "resumed", "branch",
        "branch_end", "chunk",   "chunk_end", "merge",    "timeout", "updates", "values"};
    Trace *trace = user;
    size_t n = strlen(trace->text);
    CHECK(event->sequence == trace->sequence + 1);
    trace->sequence = event->sequence;
    snprintf(trace->text + n, sizeof trace->text - n, "%s %s%s%s%.*s;", kinds[event->kind],
             event->path, event->to ? " " : "", event->to ? event->to : "", (int)event->data.n,
             event->data.p ? (const char *)event->data.p : "");
}

static void ordered_events(dfl_pool *pool) {
    Script script = {0};
    Trace trace = {0};
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note, .user = &trace, .ordered = true};
    dfl_run run = {.user = &script, .pool = pool, .hooks = &hooks};
    fork_state s;
    fork_state_init(&s);
    CHECK(fork_run(&s, &run) == DFL_OK);
    CHECK(!strcmp(trace.text, "run fork;"
                              "edge start [left, right];fork [left, right];"
                              "node left;custom left halfleft;node_end left;"
                              "node right;node_end right;"
                              "merge [left, right];join [left, right];edge [left, right] sum;"
                              "node sum;node_end sum;edge sum end;run_end fork;"));
    dfl__mem_free(&s.dfl_mem);
}

int main(void) {
    for (unsigned threads = 0; threads < 4; threads++) {
        dfl_pool *pool = threads ? dfl_pool_new(threads) : NULL;
        for (int round = 0; round < 50; round++) {
            both_branches_merge(pool);
            the_lowest_failure_wins(pool);
            a_failed_merge_is_the_section_s(pool);
            marks_wait_for_the_join(pool);
            ordered_events(pool);
        }
        dfl_pool_free(pool);
    }
    return failures != 0;
}
