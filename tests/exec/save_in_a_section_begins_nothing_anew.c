#include "save_in_a_section_begins_nothing_anew.h"

#include "check.h"

/* Workers are awake for a while after a section. */
int moves_wake(dfl_ctx *ctx, int32_t *total) {
    awake_state s;
    awake_state_init(&s);
    CHECK_INT(awake_run(&s, &(dfl_run){.pool = dfl_user(ctx)}), DFL_OK);
    *total = s.n;
    awake_state_free(&s);
    return 0;
}

typedef struct Count {
    int begun[2], ended[2], saved;
    uint64_t span[2];
} Count;

static void count(void *user, const dfl_event *event) {
    Count *c = user;
    c->saved += event->kind == DFL_EVENT_SAVED;
    if (event->kind == DFL_EVENT_BRANCH_START) {
        c->begun[event->branch]++;
        c->span[event->branch] = event->span;
    }
    if (event->kind == DFL_EVENT_BRANCH_END) {
        c->ended[event->branch]++;
        CHECK(event->span == c->span[event->branch]);
    }
}

/* With a pool of its own, whose workers have not begun yet. */
static void moves(void) {
    Count c = {{0}, {0}, 0, {0}};
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = count, .user = &c};
    dfl_store *store = dfl_store_memory();
    dfl_pool *pool = dfl_pool_new(2);
    dfl_run run = {.thread_id = "t", .store = store, .hooks = &hooks, .pool = pool, .user = pool};
    moves_state s;
    moves_state_init(&s);
    CHECK_INT(moves_run(&s, &run), DFL_OK);
    CHECK_INT(s.total, 4);
    CHECK(c.saved > 1);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(c.begun[i], 1);
        CHECK_INT(c.ended[i], 1);
    }
    moves_state_free(&s);
    dfl_pool_free(pool);
    dfl_store_close(store);
}

int main(void) {
    for (int i = 0; i < 50; i++)
        moves();
    return 0;
}
