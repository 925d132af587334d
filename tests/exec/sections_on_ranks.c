#include "sections_on_ranks.h"

#include "check.h"

/* ---- nodes ---- */

static int middle_calls;
static char (*keys)[64]; /* by element; NULL: not wanted */

static void note_key(dfl_ctx *ctx, int64_t i) {
    dfl_str key = dfl_effect_key(ctx);
    CHECK(key.n > 0 && key.n < sizeof *keys);
    memcpy(keys[i], key.p, key.n + 1);
    CHECK(strcmp(dfl_thread_id(ctx), "t") == 0);
}

int spread_prepare(dfl_ctx *ctx, point_list points, double *big, int64_t *steps) {
    (void)ctx;
    for (int i = 0; i < 100; i++)
        big[i] = i;
    *steps = points.len;
    return 0;
}

int spread_weigh(dfl_ctx *ctx, const point *p, int64_t i, double scale, int64_t fail_at, const double *big,
                 double *total, dfl_str_list *words) {
    if (keys)
        note_key(ctx, i);
    if (i == fail_at || i == 97)
        return dfl_fail(ctx, 7, "point %d is bad", (int)i);
    *total = p->x * scale + big[i % 100];
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "%d:%s", (int)i, p->tags.len ? p->tags.items[0].p : "-"));
}

int spread_left(dfl_ctx *ctx, int64_t steps, dfl_str *last, double *total, dfl_i64_map *names) {
    *last = dfl_printf(ctx, "%s, after %d", last->n ? last->p : "nothing", (int)steps);
    *total = 0.5;
    return dfl_i64_map_put(ctx, names, DFL_STR("left"), steps);
}

int spread_middle(dfl_ctx *ctx, int64_t steps, int64_t fail_at, dfl_str_list *words) {
    middle_calls++;
    if (fail_at == -2)
        return dfl_fail(ctx, 9, "attempt %u of the middle", dfl_attempt(ctx));
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "middle %d", (int)steps));
}

int spread_right(dfl_ctx *ctx, double scale, int64_t steps, dfl_str_list *words, int64_t *steps_out) {
    *steps_out = steps + (int64_t)scale;
    return dfl_str_list_push(ctx, words, DFL_STR("right"));
}

int spread_judge(dfl_ctx *ctx, double total, dfl_str_list words, dfl_str last, int64_t steps, dfl_str *verdict) {
    *verdict = dfl_printf(ctx, "%g of %u words, %s, %d", total, words.len, last.p, (int)steps);
    return 0;
}

static const dfl_graph *const graphs[] = {&spread_graph};

#include "fake_ranks.h"

/* ---- runs ---- */

static void begin(spread_state *s, int64_t fail_at) {
    static point points[120];
    static dfl_str tags[120];
    static char texts[120][8];
    for (int i = 0; i < 120; i++) {
        snprintf(texts[i], sizeof texts[i], "t%d", i);
        tags[i] = (dfl_str){texts[i], strlen(texts[i])};
        points[i] = (point){i / 2.0, {&tags[i], i % 3 == 0, 0}};
    }
    spread_state_init(s);
    s->points = (point_list){points, 120, 0};
    s->scale = 2;
    s->fail_at = fail_at;
}

static void json_of(const spread_state *s, dfl_buf *json) {
    json->n = 0;
    CHECK_INT(spread_to_json(s, json), DFL_OK);
}

/* As without ranks, by what is in the state and by what it took. */
static void same_on_any_number_of_ranks(void) {
    dfl_buf expected = {0}, json = {0};
    spread_state s;
    begin(&s, 5);
    CHECK_INT(spread_run(&s, NULL), DFL_OK);
    CHECK_INT(s.bad.len, 2);
    json_of(&s, &expected);
    spread_state_free(&s);
    for (unsigned n = 1; n <= MOST; n++) {
        Fake fake;
        dfl_run run = {0};
        fake_begin(&fake, n);
        run.ranks = &fake.ranks;
        middle_calls = 0;
        begin(&s, 5);
        CHECK_INT(spread_run(&s, &run), DFL_OK);
        json_of(&s, &json);
        CHECK(json.n == expected.n && memcmp(json.p, expected.p, json.n) == 0);
        CHECK_INT(fake.sends, 4 * n + 3); /* four chunks for each rank, and three branches */
        CHECK_INT(middle_calls, 1);
        spread_state_free(&s);
        fake_end(&fake);
    }
    dfl_buf_free(&expected);
    dfl_buf_free(&json);
}

static size_t bytes_sent(unsigned n_ranks, uint32_t n_points) {
    Fake fake;
    dfl_run run = {0};
    spread_state s;
    fake_begin(&fake, n_ranks);
    run.ranks = &fake.ranks;
    begin(&s, -1);
    s.points.len = n_points;
    CHECK_INT(spread_run(&s, &run), DFL_OK);
    spread_state_free(&s);
    fake_end(&fake);
    return fake.sent;
}

/* What branches read goes once to each rank in a section; an element, of 9 to 13 bytes here, once in all, with its chunk;
 * and what no branch reads does not go. */
static void what_is_not_read_stays(void) {
    enum { BIG = 800, CHUNK = 80, STATE = 200 };
    size_t none = bytes_sent(1, 0), few = bytes_sent(1, 60), all = bytes_sent(1, 120), four = bytes_sent(4, 120);
    CHECK(none < 3 * CHUNK + STATE); /* then `pair` is all: `big` does not go along */
    CHECK(few - none > BIG + 60 * 9 && few - none < BIG + 60 * 13 + STATE + 4 * CHUNK);
    CHECK(all - few > 60 * 9 && all - few < 60 * 13);
    CHECK(four - all > 3 * BIG && four - all < 3 * (BIG + STATE + 4 * CHUNK));
}

/* A failure tells its place, attempt, element and message, and leaves the state as before the section. */
static void failures_come_back(void) {
    dfl_error error, there;
    spread_state s;
    Fake fake;
    dfl_run run = {.error = &error};
    begin(&s, -2);
    CHECK_INT(spread_run(&s, &run), DFL_ENODE);
    there = error;
    CHECK_INT(there.attempt, 2);
    spread_state_free(&s);
    fake_begin(&fake, 2);
    run.ranks = &fake.ranks;
    begin(&s, -2);
    CHECK_INT(spread_run(&s, &run), DFL_ENODE);
    CHECK(strcmp(error.node, there.node) == 0 && strcmp(error.at, there.at) == 0);
    CHECK(strcmp(error.message, there.message) == 0);
    CHECK(error.code == there.code && error.attempt == there.attempt && error.index == there.index);
    CHECK_INT(s.words.len, 119); /* of `weights`: the 97th is bad */
    spread_state_free(&s);
    fake_end(&fake);
}

/* With a store it goes on where it stood: what other branches had done on ranks is not done again. */
static void a_failed_section_is_resumed(void) {
    dfl_store *store = dfl_store_memory();
    spread_state s;
    Fake fake;
    dfl_run run = {.thread_id = "t", .store = store};
    CHECK(store != NULL);
    fake_begin(&fake, 2);
    run.ranks = &fake.ranks;
    begin(&s, -2);
    CHECK_INT(spread_run(&s, &run), DFL_ENODE);
    s.fail_at = -1;
    CHECK_INT(spread_update(&run, &s, spread_at_prepare), DFL_OK);
    spread_state_free(&s);
    spread_state_init(&s);
    middle_calls = 0;
    CHECK_INT(spread_resume(&s, &run), DFL_OK);
    CHECK_INT(middle_calls, 1);
    spread_state_free(&s);
    fake_end(&fake);
    dfl_store_close(store);
}

/* A call of a node has the key that it has where the run is. */
static void keys_are_the_same(void) {
    static char here[120][64], there[120][64];
    for (int on_ranks = 0; on_ranks < 2; on_ranks++) {
        dfl_run run = {.thread_id = "t", .store = dfl_store_memory()};
        spread_state s;
        Fake fake;
        fake_begin(&fake, 3);
        if (on_ranks)
            run.ranks = &fake.ranks;
        keys = on_ranks ? there : here;
        begin(&s, -1);
        CHECK_INT(spread_run(&s, &run), DFL_OK);
        keys = NULL;
        spread_state_free(&s);
        fake_end(&fake);
        dfl_store_close(run.store);
    }
    CHECK(memcmp(here, there, sizeof here) == 0);
    CHECK(strcmp(here[0], here[1]) != 0);
}

/* ---- hooks ---- */

typedef struct Counted {
    int of[DFL_EVENT_VALUES + 1];
} Counted;

static void count(void *user, const dfl_event *event) {
    ((Counted *)user)->of[event->kind]++;
}

static void count_of(const Counted *seen, dfl_event_kind first, dfl_event_kind second, int n) {
    CHECK_INT(seen->of[first], n);
    CHECK_INT(seen->of[second], n);
}

/* Those of the run are told of its sections; those of the rank of what is in them, each task as a run of its own. */
static void hooks_see_what_is_theirs(void) {
    Counted here = {0}, there = {0};
    dfl_hooks of_run = {.mask = DFL_EV_ALL | DFL_STREAM_VALUES, .on_event = count, .user = &here};
    dfl_hooks of_rank = {.mask = DFL_EV_ALL, .on_event = count, .user = &there};
    dfl_run run = {.hooks = &of_run}, options = {.hooks = &of_rank};
    spread_state s;
    Fake fake;
    if (spread_graph.no_events)
        return;
    fake_begin(&fake, 1);
    dfl_rank_free(fake.rank[0]);
    fake.rank[0] = dfl_rank_new(graphs, 1, &options);
    CHECK(fake.rank[0] != NULL);
    run.ranks = &fake.ranks;
    begin(&s, 5);
    CHECK_INT(spread_run(&s, &run), DFL_OK);
    count_of(&here, DFL_EVENT_RUN_START, DFL_EVENT_RUN_END, 1);
    count_of(&here, DFL_EVENT_NODE_START, DFL_EVENT_NODE_END, 2); /* prepare and judge */
    count_of(&here, DFL_EVENT_FORK, DFL_EVENT_JOIN, 2);
    count_of(&here, DFL_EVENT_BRANCH_START, DFL_EVENT_CHUNK_START, 0);
    CHECK_INT(here.of[DFL_EVENT_MERGE], 2);
    CHECK_INT(here.of[DFL_EVENT_VALUES], 4);
    count_of(&there, DFL_EVENT_RUN_START, DFL_EVENT_RUN_END, 4 + 3); /* chunks and branches */
    count_of(&there, DFL_EVENT_BRANCH_START, DFL_EVENT_BRANCH_END, 120 + 3);
    CHECK_INT(there.of[DFL_EVENT_NODE_START], 120 + 3);
    CHECK_INT(there.of[DFL_EVENT_NODE_ERROR], 2);
    count_of(&there, DFL_EVENT_FORK, DFL_EVENT_JOIN, 0);
    spread_state_free(&s);
    fake_end(&fake);
}

/* A rank that cannot be reached fails the section, the state is as before it. */
static void a_lost_rank_is_a_failure(void) {
    for (int at = 0; at < 8; at++) {
        dfl_error error;
        spread_state s;
        Fake fake;
        dfl_run run = {.error = &error};
        fake_begin(&fake, 2);
        fake.break_at = at;
        run.ranks = &fake.ranks;
        begin(&s, -1);
        CHECK_INT(spread_run(&s, &run), DFL_ESTORE);
        CHECK(strcmp(error.message, "a rank cannot be reached") == 0);
        CHECK_INT(s.words.len, 0);
        spread_state_free(&s);
        fake_end(&fake);
    }
}

/* A run that is cancelled hands out nothing any more. */
static void cancelled_runs_stop(void) {
    dfl_cancel cancel = {0};
    spread_state s;
    Fake fake;
    dfl_run run = {.cancel = &cancel};
    fake_begin(&fake, 2);
    run.ranks = &fake.ranks;
    dfl_cancel_now(&cancel);
    begin(&s, -1);
    CHECK_INT(spread_run(&s, &run), DFL_ECANCELLED);
    CHECK_INT(fake.sends, 0);
    spread_state_free(&s);
    fake_end(&fake);
}

/* What is no task is refused, whatever bytes it is; and one for another state than the last. */
static void strange_tasks_are_refused(void) {
    dfl_rank *rank = dfl_rank_new(graphs, 1, NULL);
    dfl_buf answer = {0};
    uint8_t bytes[64];
    CHECK(rank != NULL);
    for (unsigned seed = 0; seed < 2000; seed++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(seed * 2654435761u >> (i % 24));
        CHECK_INT(dfl_rank_do(rank, bytes, seed % sizeof bytes, &answer), DFL_EINVAL);
    }
    CHECK_INT(answer.n, 0);
    dfl_rank_free(rank);
    dfl_rank_free(NULL);
    dfl_buf_free(&answer);
}

int main(void) {
    same_on_any_number_of_ranks();
    what_is_not_read_stays();
    failures_come_back();
    a_failed_section_is_resumed();
    keys_are_the_same();
    hooks_see_what_is_theirs();
    a_lost_rank_is_a_failure();
    cancelled_runs_stop();
    strange_tasks_are_refused();
    return 0;
}
