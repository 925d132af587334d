#include "many_runs_at_once.h"

#include <pthread.h>

#include "check.h"

enum { THREADS = 8, RUNS = 4, ROUNDS = 5 };

static dfl_store *store;

/* What the result must be. */
static uint64_t expected(uint32_t seed) {
    uint64_t digits = 0;
    for (uint32_t i = 0; i < 20; i++)
        digits += (uint64_t)snprintf(NULL, 0, "%u-%u", seed, i);
    return ROUNDS * (4 * (uint64_t)seed + 20 * (uint64_t)seed + digits);
}

static void one(uint32_t seed, const dfl_run *run) {
    worker_state s;
    worker_state_init(&s);
    s.seed = seed, s.rounds = ROUNDS;
    CHECK_INT(worker_run(&s, run), DFL_OK);
    CHECK_INT(s.result, expected(seed));
    CHECK_INT(s.log.len, ROUNDS * 21);
    CHECK_INT(s.table.len, ROUNDS);
    worker_state_free(&s);
}

static void *many(void *arg) {
    uint32_t seed = *(const uint32_t *)arg;
    for (uint32_t k = 0; k < RUNS; k++) {
        char thread[32];
        snprintf(thread, sizeof thread, "thread %u", seed);
        one(seed + k, NULL);
        one(seed + k, &(dfl_run){.store = store, .thread_id = thread});
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    uint32_t seeds[THREADS];
    store = dfl_store_memory();
    CHECK(store);
    for (uint32_t i = 0; i < THREADS; i++) {
        seeds[i] = 1 + i * 1000;
        CHECK_INT(pthread_create(&threads[i], NULL, many, &seeds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    dfl_store_close(store);
    return 0;
}
