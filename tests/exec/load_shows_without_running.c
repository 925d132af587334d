#include "load_shows_without_running.h"

#include "check.h"

int main(void) {
    static const looked_at_node expected[] = {looked_at_at_a, looked_at_at_b, looked_at_at_end};
    static const int n[] = {0, 1, 11};
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t"};
    looked_at_state s;
    looked_at_node next;
    int ran = 0;
    looked_at_state_init(&s);
    s.ran = &ran, s.name = DFL_STR("Ada");
    CHECK_INT(looked_at_run(&s, &run), DFL_OK);
    CHECK_INT(ran, 2);
    looked_at_state_reset(&s);
    for (int id = 1; id <= 3; id++) {
        char text[2] = {(char)('0' + id), 0};
        run.checkpoint = text;
        CHECK_INT(looked_at_load(&s, &next, &run), DFL_OK);
        CHECK_INT(next, expected[id - 1]);
        CHECK_INT(s.n, n[id - 1]);
        CHECK_STR(s.name, "Ada");
    }
    run.checkpoint = NULL;
    CHECK_INT(looked_at_load(&s, &next, &run), DFL_OK);
    CHECK_INT(next, looked_at_at_end);
    CHECK_INT(looked_at_load(&s, NULL, &run), DFL_OK);
    CHECK_INT(s.n, 11);
    CHECK_INT(ran, 2);
    run.checkpoint = "two";
    CHECK(looked_at_load(&s, &next, &run) < 0);
    run.checkpoint = NULL, run.thread_id = "other";
    CHECK_INT(looked_at_load(&s, &next, &run), DFL_ENOTFOUND);
    CHECK_INT(looked_at_load(&s, &next, NULL), DFL_EINVAL);
    CHECK_INT(s.n, 11);
    looked_at_state_free(&s);
    dfl_store_close(store);
    return 0;
}
