#include "pause_before_starts_no_node.h"

#include "check.h"

static void count(void *user, const dfl_event *event) {
    *(int *)user += event->kind == DFL_EVENT_NODE_START;
}

static void check(dfl_store *store) {
    int started = 0;
    dfl_hooks hooks = {.mask = DFL_EV_NODE, .on_event = count, .user = &started};
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .hooks = &hooks};
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_INT(started, 0);
    for (int i = 1; i <= 3; i++) {
        CHECK_INT(g_resume(&s, &run), i < 3 ? DFL_PAUSED : DFL_OK);
        CHECK_INT(s.n, i);
        CHECK_INT(started, i);
    }
    g_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
