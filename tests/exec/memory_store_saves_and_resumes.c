#include "memory_store_saves_and_resumes.h"

#include "check.h"

static int print(void *unused, const dfl_checkpoint *c) {
    (void)unused;
    CHECK(c->bytes > 0 && c->time_ns > 0 && strcmp(c->thread, "t") == 0);
    printf("  %d after %d: next %s, step %d\n", (int)c->id, (int)c->previous, c->next, (int)c->step);
    return 0;
}

static void history(dfl_store *store) {
    CHECK_INT(dfl_store_history(store, "t", 0, print, NULL), DFL_OK);
}

/* In a state of its own, as another process would. */
static void resume(dfl_store *store, const char *checkpoint, bool mend) {
    saved_state s;
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = "t", .checkpoint = checkpoint, .error = &error};
    saved_state_init(&s);
    s.text = DFL_STR("to be replaced");
    if (mend) {     /* no way to change a saved state: run anew with another input */
        s.fail = false;
        show_end("run", saved_run(&s, &run), &error);
    } else {
        show_end(checkpoint ? "resume an old one" : "resume", saved_resume(&s, &run), &error);
    }
    SHOW_STATE(saved, &s);
    saved_state_free(&s);
    history(store);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = "t", .error = &error};
    saved_state s;
    CHECK(store);
    saved_state_init(&s);

    CHECK_INT(saved_resume(&s, &run), DFL_ENOTFOUND);
    CHECK_INT(saved_load(&s, NULL, &run), DFL_ENOTFOUND);
    CHECK_INT(saved_run(&s, &(dfl_run){.store = store}), DFL_EINVAL);

    s.fail = true;
    show_end("run", saved_run(&s, &run), &error);
    SHOW_STATE(saved, &s);
    history(store);
    resume(store, NULL, false);         /* c fails again; a and b do not run */
    resume(store, "2", false);          /* after the first b: the loop has its rounds left */
    resume(store, NULL, true);          /* a new line in the same thread */
    resume(store, NULL, false);         /* it is finished: runs nothing */
    CHECK_INT(saved_resume(&s, &(dfl_run){.store = store, .thread_id = "t", .checkpoint = "99"}),
              DFL_ENOTFOUND);
    saved_state_free(&s);
    dfl_store_close(store);
    return 0;
}
