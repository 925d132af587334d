#include "marks_inside_are_saved_at_once.h"

#include "check.h"

const char *failing;
static char ran[1024];

void note(dfl_ctx *ctx, const char *name) {
    (void)ctx;
    snprintf(ran + strlen(ran), sizeof ran - strlen(ran), " %s", name);
}

int fails(const char *name) {
    return failing && strcmp(failing, name) == 0 ? 7 : 0;
}

static void count_event(void *user, const dfl_event *event) {
    int *counts = user;
    counts[event->kind]++;
}

static int count_one(void *user, const dfl_checkpoint *checkpoint) {
    (void)checkpoint;
    ++*(int *)user;
    return 0;
}

static int checkpoints(dfl_store *store, const char *thread) {
    int n = 0;
    CHECK_INT(dfl_store_history(store, thread, 1000, count_one, &n), DFL_OK);
    return n;
}

static void events_are_those_of_a_plain_run(void) {
    int with[64] = {0}, without[64] = {0};
    dfl_hooks hooks = {.mask = DFL_EV_RUN | DFL_EV_NODE | DFL_EV_EDGE | DFL_EV_SECTION,
                       .on_event = count_event,
                       .user = without};
    dfl_run run = {.hooks = &hooks};
    outer_state s;
    outer_state_init(&s);
    s.n = 5;
    CHECK_INT(outer_run(&s, &run), DFL_OK);
    CHECK_INT(s.m, 11136);
    outer_state_reset(&s);
    s.n = 5;
    hooks.user = with;
    run.store = dfl_store_memory();
    run.thread_id = "t";
    CHECK_INT(outer_run(&s, &run), DFL_OK);
    CHECK_INT(s.m, 11136);
    CHECK_INT(s.words.len, 2);
    for (int i = 0; i < 64; i++)
        CHECK_INT(with[i], without[i]);
    printf("checkpoints: %d\n", checkpoints(run.store, "t"));
    outer_state_free(&s);
    dfl_store_close(run.store);
}

/* From every checkpoint the run ends in the same state, and repeats nothing that was saved. */
static void every_checkpoint_leads_to_the_same_end(void) {
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t"};
    outer_state s;
    int n;
    outer_state_init(&s);
    s.n = 5;
    ran[0] = '\0';
    CHECK_INT(outer_run(&s, &run), DFL_OK);
    printf("run:%s\n", ran);
    n = checkpoints(run.store, "t");
    for (int i = 1; i <= n; i++) {
        char id[16];
        outer_node next = outer_at_end;
        snprintf(id, sizeof id, "%d", i);
        run.checkpoint = id;
        outer_state_reset(&s);
        CHECK_INT(outer_load(&s, &next, &run), DFL_OK);
        ran[0] = '\0';
        CHECK_INT(outer_resume(&s, &run), DFL_OK);
        CHECK_INT(s.m, 11136);
        CHECK_INT(s.words.len, 2);
        printf("%d at %s:%s\n", i, outer_graph.places[next].name, ran);
    }
    outer_state_free(&s);
    dfl_store_close(run.store);
}

static void a_failure_inside_keeps_what_was_saved(const char *who) {
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t"};
    dfl_error error = {0};
    outer_state s;
    outer_state_init(&s);
    s.n = 5;
    run.error = &error;
    ran[0] = '\0';
    failing = who;
    CHECK_INT(outer_run(&s, &run), DFL_ENODE);
    printf("fails:%s (in %s)\n", ran, error.node);
    failing = NULL;
    ran[0] = '\0';
    CHECK_INT(outer_resume(&s, &run), DFL_OK);
    printf("resumed:%s\n", ran);
    CHECK_INT(s.m, 11136);
    CHECK_INT(s.words.len, 2);
    outer_state_free(&s);
    dfl_store_close(run.store);
}

static void what_is_tried_as_a_whole_is_saved_behind(void) {
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t"};
    whole_state s;
    whole_state_init(&s);
    s.n = 5;
    for (int i = 0; i < 3; i++)
        CHECK_INT(dfl_str_list_push(whole_state_ctx(&s), &s.docs, DFL_STR("doc")), DFL_OK);
    ran[0] = '\0';
    CHECK_INT(whole_run(&s, &run), DFL_OK);
    printf("whole:%s, checkpoints: %d\n", ran, checkpoints(run.store, "t"));
    whole_state_free(&s);
    dfl_store_close(run.store);
}

int main(void) {
    events_are_those_of_a_plain_run();
    every_checkpoint_leads_to_the_same_end();
    a_failure_inside_keeps_what_was_saved("three");
    a_failure_inside_keeps_what_was_saved("right");
    what_is_tried_as_a_whole_is_saved_behind();
    return 0;
}
