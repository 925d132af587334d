#include "pause_in_branches.h"

#include "resume_hooks.h"

static void check(dfl_store *store) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .hooks = &hooks};
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "a c d ");
    CHECK_STR(s.log, "");   /* nothing is merged before the join */
    CHECK_INT(s.sum, 0);

    if (store)
        g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "b b2 c2 ");
    CHECK_STR(s.log, "a b b2 c c2 d ");
    CHECK_INT(s.sum, 1111);
    g_state_free(&s);
}

static void fails_beside_a_pause(bool fails) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_error error = {0};
    dfl_run run = {.hooks = &hooks, .error = &error};
    beside_state s;
    beside_state_init(&s);
    s.fails = fails;
    CHECK_INT(beside_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "bad! ");
    all.nodes[0] = 0;
    CHECK_INT(beside_resume(&s, &run), DFL_ENODE);
    CHECK_INT(error.code, fails ? 2 : 3);
    beside_state_free(&s);
}

static void fails_below_beside_a_pause(void) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.hooks = &hooks};
    below_state s;
    below_state_init(&s);
    CHECK_INT(below_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "work good bad! ");
    CHECK_INT(below_resume(&s, &run), DFL_ENODE);
    CHECK_NODES(&all, "ask bad! ");
    below_state_free(&s);
}

static void limit_beside_a_pause(bool fails) {
    dfl_error error = {0};
    dfl_run run = {.error = &error};
    turns_state s;
    turns_state_init(&s);
    s.fails = fails;
    CHECK_INT(turns_run(&s, &run), DFL_PAUSED);
    CHECK_INT(turns_resume(&s, &run), fails ? DFL_ENODE : DFL_ELIMIT);
    CHECK_INT(error.code, fails ? 2 : 0);
    turns_state_free(&s);
}

static void element_fails_beside_a_pause(dfl_store *store) {
    const int64_t xs[] = {1, 2, 3};
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_error error = {0};
    dfl_run run = {.hooks = &hooks, .error = &error, .store = store, .thread_id = store ? "e" : NULL};
    elements_state s;
    elements_state_init(&s);
    s.xs = (dfl_i64_list){xs, 3, 0};
    CHECK_INT(elements_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "first first first! ");
    CHECK_INT(elements_resume(&s, &run), DFL_ENODE);
    CHECK_NODES(&all, "second first! ");
    CHECK_INT(error.code, 3);
    CHECK_INT(error.index, 2);
    elements_state_free(&s);
}

static void first_save(void *user, const dfl_event *event) {
    uint64_t *id = user;
    if (*id == 0 && event->kind == DFL_EVENT_SAVED)
        *id = event->checkpoint;
}

/* Goes on with an answer; the checkpoint that has this answer, and was saved before anything else was done. */
static uint64_t answered(again_state *s, dfl_store *store, int status) {
    uint64_t id = 0;
    dfl_hooks hooks = {.mask = DFL_EV_CHECKPOINT, .on_event = first_save, .user = &id};
    dfl_run run = {.store = store, .thread_id = "a", .answer = DFL_STR("yes"), .hooks = &hooks};
    CHECK_INT(again_resume(s, &run), status);
    CHECK(id > 0);
    return id;
}

static void again_from(dfl_store *store, uint64_t id, int status, const char *nodes) {
    char checkpoint[24];
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.hooks = &hooks, .store = store, .thread_id = "a", .checkpoint = checkpoint};
    again_state s;
    snprintf(checkpoint, sizeof checkpoint, "%llu", (unsigned long long)id);
    again_state_init(&s);
    CHECK_INT(again_resume(&s, &run), status);
    CHECK_NODES(&all, nodes);
    again_state_free(&s);
}

static void save_at_a_resume(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = "a"};
    uint64_t before, asks;
    again_state s;
    again_state_init(&s);
    CHECK_INT(again_run(&s, &run), DFL_PAUSED);    /* before 'before' */
    CHECK_INT(again_resume(&s, &run), DFL_PAUSED); /* for its question */
    before = answered(&s, store, DFL_PAUSED);      /* for that of 'asks' */
    asks = answered(&s, store, DFL_OK);
    CHECK_INT(s.n, 111);
    again_from(store, asks, DFL_OK, "asks ");
    again_from(store, before, DFL_PAUSED, "before good ");
    again_state_free(&s);
}

static void attempts(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = store ? "w" : NULL};
    int status, pauses = 0;
    tried_state s;
    tried_state_init(&s);
    status = tried_run(&s, &run);
    for (; status == DFL_PAUSED && pauses < 9; pauses++)
        status = tried_resume(&s, &run);
    CHECK_INT(status, DFL_OK);
    CHECK_INT(pauses, 3);
    CHECK_INT(s.m, 1);
    tried_state_free(&s);
}

/* Leaves bytes on the stack that are no bool. */
__attribute__((noinline)) static void dirty(void) {
    volatile char junk[16384];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = 'B';
}

static void what_nobody_has_read_is_kept(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = store ? "u" : NULL};
    unread_state s;
    unread_state_init(&s);
    dirty();
    CHECK_INT(unread_run(&s, &run), DFL_PAUSED);
    CHECK_INT(unread_resume(&s, &run), DFL_OK);
    CHECK_INT(s.flags[0], 0);
    CHECK_INT(s.n, 1);
    CHECK_INT(s.faults.len, 1);
    unread_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    attempts(NULL);
    attempts(store);
    fails_beside_a_pause(false);
    fails_beside_a_pause(true);
    fails_below_beside_a_pause();
    limit_beside_a_pause(false);
    limit_beside_a_pause(true);
    element_fails_beside_a_pause(NULL);
    element_fails_beside_a_pause(store);
    save_at_a_resume(store);
    what_nobody_has_read_is_kept(NULL);
    what_nobody_has_read_is_kept(store);
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
