#include "resume_in_a_loop_of_two.h"

#include "check.h"

static int note(void *user, const dfl_checkpoint *checkpoint) {
    uint64_t *newest = (uint64_t *)user;
    if (*newest == 0)
        *newest = checkpoint->id;
    return 0;
}

/* From each checkpoint that the run has left. */
int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.thread_id = "t", .store = store};
    uint64_t newest = 0;
    loop_state s;
    loop_state_init(&s);
    CHECK_INT(loop_run(&s, &run), DFL_OK);
    CHECK_INT(s.sum, 430);
    CHECK_INT(dfl_store_history(store, "t", 0, note, &newest), DFL_OK);
    CHECK(newest >= 8);
    for (uint64_t id = 1; id <= newest; id++) {
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)id);
        run.checkpoint = text;
        loop_state_reset(&s);
        CHECK_INT(loop_resume(&s, &run), DFL_OK);
        CHECK_INT(s.sum, 430);
    }
    loop_state_free(&s);
    dfl_store_close(store);
    return 0;
}
