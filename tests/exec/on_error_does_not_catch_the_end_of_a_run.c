#include "on_error_does_not_catch_the_end_of_a_run.h"

#include "check.h"
#include "timeout_sleep.inc"

static dfl_cancel cancel;

static void be_cancelled(dfl_ctx *ctx) {
    (void)ctx;
    dfl_cancel_now(&cancel);
}

static void be_late(dfl_ctx *ctx) {
    sleep_ms(60);
    CHECK(dfl_cancelled(ctx));
}

static void be_out_of_memory(dfl_ctx *ctx) {
    CHECK(!dfl_alloc(ctx, SIZE_MAX - 4));
}

static void check(void (*act)(dfl_ctx *), dfl_run run, int status) {
    g_state s;
    g_state_init(&s);
    run.user = &act;
    CHECK_INT(g_run(&s, &run), status);
    CHECK_INT(s.caught, false);
    g_state_free(&s);
}

int main(void) {
    guard_state s;
    check(be_cancelled, (dfl_run){.cancel = &cancel}, DFL_ECANCELLED);
    check(be_late, (dfl_run){.timeout_ns = 20000000}, DFL_ETIMEOUT);
    check(be_out_of_memory, (dfl_run){0}, DFL_ENOMEM);
    guard_state_init(&s);
    CHECK_INT(guard_run(&s, NULL), DFL_EGUARD);
    CHECK_INT(s.caught, false);
    guard_state_free(&s);
    return 0;
}
