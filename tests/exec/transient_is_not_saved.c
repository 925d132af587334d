#include "transient_is_not_saved.h"

#include "check.h"

static void nothing(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = "n"};
    nothing_state s;
    nothing_state_init(&s);
    s.cache = 9;
    CHECK_INT(nothing_run(&s, &run), DFL_PAUSED);
    nothing_state_reset(&s);
    CHECK_INT(nothing_resume(&s, &run), DFL_OK);
    CHECK_INT(s.cache, 6);
    nothing_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t"};
    int one = 1, two = 2;
    g_state s;

    g_state_init(&s);
    s.model = &one;
    CHECK_INT(g_run(&s, NULL), DFL_PAUSED);
    CHECK_INT(g_resume(&s, NULL), DFL_OK);
    CHECK_INT(s.seen, 11050050);

    g_state_reset(&s);
    s.model = &one;
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    g_state_reset(&s);
    s.model = &two, s.cache = 77;
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_INT(s.seen, 20005050);
    nothing(store);
    g_state_free(&s);
    dfl_store_close(store);
    return 0;
}
