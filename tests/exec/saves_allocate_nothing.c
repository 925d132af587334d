#include "saves_allocate_nothing.h"

#include "../unit/scratch.h"
#include "check.h"

/* The runtime's: heap.c. */
void *dfl__malloc(size_t n);
void dfl__fail_after(long n);

enum { WARM = 20, ROUNDS = 200 };

/* From one call to the next the next allocation would fail, and be found missing here: a save lies between. */
int next_round(dfl_ctx *ctx, int32_t *round, int64_t *total) {
    (void)ctx;
    if (*round > WARM)
        CHECK(dfl__malloc(1) == NULL);
    ++*round;
    *total += *round;
    dfl__fail_after(*round > WARM && *round < ROUNDS ? 0 : -1);
    return 0;
}

static void run_all(dfl_durability durability) {
    dfl_store_options options = {.keep_last = 3};
    dfl_checkpoint latest;
    dfl_store *store;
    steady_state s;
    CHECK_INT(dfl_store_open(scratch_path("store"), &options, &store), DFL_OK);
    for (int i = 0; i < 2; i++) {
        dfl_run run = {.store = store, .thread_id = "t", .durability = durability};
        steady_state_init(&s);
        CHECK_INT(steady_run(&s, &run), DFL_OK);
        CHECK_INT(s.total, ROUNDS * (ROUNDS + 1) / 2);
        steady_state_free(&s);
    }
    CHECK_INT(dfl_store_latest(store, "t", &latest), DFL_OK);
    CHECK_STR(((dfl_str){latest.next, strlen(latest.next)}), "end");
    CHECK_INT(latest.step, ROUNDS + 1);
    dfl_store_close(store);
}

int main(void) {
    scratch_begin();
    run_all(DFL_ASYNC);
    run_all(DFL_SYNC);
    scratch_end();
    return 0;
}
