#include "checkpoints_compiled_out.h"

#include "check.h"

static int n_calls;

int plain_one(dfl_ctx *ctx, int64_t *left) {
    (void)ctx;
    *left = 1;
    return DFL_OK;
}

int plain_two(dfl_ctx *ctx, int64_t *right) {
    (void)ctx;
    *right = 2;
    return DFL_OK;
}

int plain_ask(dfl_ctx *ctx, int64_t left, int64_t right, dfl_str *said) {
    n_calls++;
    CHECK_INT(left + right, 3);
    return dfl_interrupt(ctx, DFL_STR("well?"), said);
}

int plain_turn(dfl_ctx *ctx, int64_t *turns) {
    (void)ctx;
    ++*turns;
    return DFL_OK;
}

static void refused(int status, const dfl_error *error) {
    CHECK_INT(status, DFL_EINVAL);
    CHECK(strcmp(error->message,
                 "the graph was compiled with -fno-checkpoints: it takes no store") == 0);
}

static void takes_no_store(plain_state *s) {
    dfl_store *store = dfl_store_memory();
    dfl_error error;
    plain_node next;
    const dfl_run run = {.store = store, .thread_id = "t", .error = &error};
    CHECK(store);
    refused(plain_run(s, &run), &error);
    refused(plain_resume(s, &run), &error);
    refused(plain_continue(s, &run), &error);
    refused(plain_update(&run, s, plain_at_ask), &error);
    refused(plain_load(s, &next, &run), &error);
    CHECK_INT(s->left, 0);
    dfl_store_close(store);
}

int main(void) {
    plain_state s;
    plain_state_init(&s);
    takes_no_store(&s);
    CHECK_INT(plain_run(&s, NULL), DFL_PAUSED);
    CHECK_INT(n_calls, 1);
    CHECK_INT(plain_resume(&s, &(dfl_run){.answer = DFL_STR("yes")}), DFL_OK);
    CHECK_INT(n_calls, 2);
    CHECK_STR(s.said, "yes");
    CHECK_INT(s.turns, 3);
    plain_state_free(&s);
    return 0;
}
