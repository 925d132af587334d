#include "failed_section_is_resumed.h"

#include "check.h"

int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = "t", .error = &error};
    dfl_checkpoint latest;
    sections_state s;
    sections_node next;
    bool good = false;
    sections_state_init(&s);
    s.good = &good;
    show_end("run", sections_run(&s, &run), &error);
    CHECK_STR(s.log, "a");
    CHECK_INT(s.total, 0);
    CHECK_INT(dfl_store_latest(store, "t", &latest), DFL_OK);
    sections_state_reset(&s);
    s.good = &good;
    CHECK_INT(sections_load(&s, &next, &run), DFL_OK);
    CHECK_STR(s.log, "a");
    CHECK(s.good == &good);
    show_end("resume", sections_resume(&s, &run), &error);
    good = true;
    show_end("resume", sections_resume(&s, &run), &error);
    SHOW_STATE(sections, &s);
    sections_state_free(&s);
    dfl_store_close(store);
    return 0;
}
