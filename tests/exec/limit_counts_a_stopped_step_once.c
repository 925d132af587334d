#include "limit_counts_a_stopped_step_once.h"

#include "check.h"

/* What is to be done this time: mended, or not yet. */
typedef struct Mended {
    bool asked, failed, pushed, deep;
} Mended;

int stopped_ask(dfl_ctx *ctx, int32_t *n) {
    dfl_str answer;
    int rc = dfl_interrupt(ctx, DFL_STR("go on?"), &answer);
    *n = 1;
    return rc;
}

int stopped_fail(dfl_ctx *ctx, int32_t mode, int32_t *n) {
    const Mended *mended = dfl_user(ctx);
    *n = mode;
    return mended->failed ? 0 : dfl_fail(ctx, 2, "not yet");
}

static int push(dfl_ctx *ctx, int8_t *small) {
    const Mended *mended = dfl_user(ctx);
    *small = mended->pushed ? 1 : 100;
    return 0;
}

int stopped_push(dfl_ctx *ctx, int32_t mode, int8_t *small) {
    (void)mode;
    return push(ctx, small);
}

int stopped_again(dfl_ctx *ctx, int32_t mode, int8_t *small) {
    (void)mode;
    return push(ctx, small);
}

int inside_deep(dfl_ctx *ctx, int32_t mode, int32_t *m) {
    const Mended *mended = dfl_user(ctx);
    *m = mode;
    return mended->deep ? 0 : 3;
}

static void resumed(stopped_state *s, dfl_run *run, int status, const char *node) {
    for (int i = 0; i < 9; i++) {
        CHECK_INT(stopped_resume(s, run), status);
        CHECK(strcmp(run->error->node, node) == 0);
    }
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_error error = {0};
    Mended mended = {0};
    dfl_run run = {.thread_id = "t", .store = store, .user = &mended, .error = &error};
    stopped_state s;
    stopped_state_init(&s);
    s.mode = 5;
    CHECK_INT(stopped_run(&s, &run), DFL_PAUSED);
    resumed(&s, &run, DFL_PAUSED, "");
    run.answer = DFL_STR("yes");
    CHECK_INT(stopped_resume(&s, &run), DFL_ENODE);
    run.answer = (dfl_str){0};
    resumed(&s, &run, DFL_ENODE, "fail");
    mended.failed = true;
    CHECK_INT(stopped_resume(&s, &run), DFL_ENODE);
    CHECK(strcmp(error.message, "'small' would overflow when its branches are joined") == 0);
    CHECK_INT(stopped_resume(&s, &run), DFL_ENODE);
    CHECK(strcmp(error.message, "'small' would overflow when its branches are joined") == 0);
    resumed(&s, &run, DFL_ENODE, "[push, again]");
    mended.pushed = true;
    resumed(&s, &run, DFL_ENODE, "inner/deep");
    mended.deep = true;
    CHECK_INT(stopped_resume(&s, &run), DFL_OK);
    CHECK_INT(s.n, 11);
    CHECK_INT(s.small, 2);
    CHECK_INT(s.ended, 1);
    stopped_state_free(&s);
    dfl_store_close(store);
    return 0;
}
