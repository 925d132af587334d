#include "guard_arithmetic_fails_as_eguard.h"

#include "check.h"

static void deep(void) {
    dfl_store *store = dfl_store_memory();
    dfl_error error = {0};
    dfl_run run = {.error = &error, .store = store, .thread_id = "t"};
    deep_state s;
    deep_state_init(&s);
    s.go = true;
    show_end("deep", deep_run(&s, &run), &error);
    show_end("again", deep_resume(&s, &run), &error);
    CHECK_INT(s.n, 11);
    deep_state_free(&s);
    dfl_store_close(store);
}

int main(void) {
    deep();
    for (way way = way_divide; way <= way_skipped; way++) {
        arithmetic_state s;
        dfl_error error = {0};
        arithmetic_state_init(&s);
        s.way = way, s.big = INT64_MAX, s.small = INT64_MIN, s.huge = UINT64_MAX, s.x = 1;
        show_end(way_name(way), arithmetic_run(&s, &(dfl_run){.error = &error}), &error);
        CHECK_INT(s.reached, 1);
        arithmetic_state_free(&s);
    }
    return 0;
}
