#include "resume_knows_what_sums_up.h"

#include "check.h"

int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_error error = {0};
    dfl_run run = {.thread_id = "t", .store = store, .error = &error};
    adds_state s;
    adds_state_init(&s);
    CHECK_INT(adds_run(&s, &run), DFL_ENODE);
    for (int id = 1; id <= 4; id++) {
        char text[8];
        snprintf(text, sizeof text, "%d", id);
        run.checkpoint = text;
        CHECK_INT(adds_resume(&s, &run), DFL_ENODE);
        CHECK(strcmp(error.node, "third") == 0);
        CHECK(strcmp(error.message, "'small' would overflow: 100 and 100") == 0);
    }
    adds_state_free(&s);
    dfl_store_close(store);
    return 0;
}
