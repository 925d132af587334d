#include "pause_in_a_loop.h"

#include "resume_hooks.h"

/* With a store each step is another state of the same thread; without, the same state. */
static void check(dfl_store *store) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .hooks = &hooks};
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "");
    CHECK_STR(s.log, "");
    CHECK_INT(all.paused, 1);

    for (int i = 1; i <= 3; i++) {
        if (store)
            g_state_reset(&s);
        CHECK_INT(g_resume(&s, &run), DFL_PAUSED);   /* after work */
        CHECK_NODES(&all, "ask work ");
        CHECK_INT(s.n, i);
        if (i == 3)
            break;
        CHECK_INT(g_resume(&s, &run), DFL_PAUSED);   /* before ask */
        CHECK_NODES(&all, "");
        CHECK_INT(s.n, i);
    }
    CHECK_STR(s.log, "ask work1 ask work2 ask work3 ");
    if (store) {
        g_node next;
        CHECK_INT(g_load(&s, &next, &run), DFL_OK);
        s.stop = true;
        CHECK_INT(g_update(&run, &s, g_at_work), DFL_OK);
    } else {
        s.stop = true;
    }
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "done ");
    CHECK_STR(s.log, "ask work1 ask work2 ask work3 done ");
    g_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
