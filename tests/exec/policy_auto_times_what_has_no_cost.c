#define _POSIX_C_SOURCE 200809L
#include "policy_auto_times_what_has_no_cost.h"

#include <time.h>

#include "check.h"

static void sleep_2_ms(void) {
    struct timespec left = {.tv_nsec = 2000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

int slow_nap(dfl_ctx *ctx, int64_t *x) {
    (void)ctx;
    sleep_2_ms();
    *x += 1;
    return 0;
}

int slow_a(dfl_ctx *ctx, int64_t *sum) {
    (void)ctx;
    sleep_2_ms();
    *sum = 1;
    return 0;
}

int slow_b(dfl_ctx *ctx, int64_t *sum) {
    return slow_a(ctx, sum);
}

static int show(void *user, const dfl_checkpoint *checkpoint) {
    (void)user;
    printf("%llu:%s\n", (unsigned long long)checkpoint->step, checkpoint->next);
    return 0;
}

int main(void) {
    dfl_pool *pool = dfl_pool_new(2);
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t", .pool = pool};
    slow_state s;
    slow_state_init(&s);
    CHECK_INT(slow_run(&s, &run), DFL_OK);
    (void)dfl_store_history(run.store, "t", 0, show, NULL);
    slow_state_free(&s);
    dfl_store_close(run.store);
    dfl_pool_free(pool);
    return 0;
}
