#include "sections_go_either_way.h"

#include <pthread.h>

#include "check.h"

static void check_run(int64_t n, dfl_pool *pool) {
    dfl_error error = {0};
    dfl_run run = {.pool = pool, .error = &error};
    either_state s;
    int64_t done = n < 77 ? n : 76, words = done / 16;
    either_state_init(&s);
    s.n = n;
    CHECK_INT(either_run(&s, &run), n < 77 ? DFL_OK : DFL_ENODE);
    if (n >= 77) {
        CHECK(strcmp(error.node, "b2") == 0 && strcmp(error.message, "at 77") == 0);
        CHECK_INT(error.code, 9);
        done = 77; /* the first section of round 77 has merged, the second has not */
        CHECK_INT(s.sum, 6 * 76 * 77 / 2 + 10 * 76 + 3 * 77);
    } else {
        CHECK_INT(s.sum, 6 * done * (done + 1) / 2 + 10 * done);
    }
    CHECK_INT(s.last, 2);
    CHECK_INT(s.words.len, 2 * words);
    for (int64_t i = 0; i < words; i++) {
        char text[32];
        snprintf(text, sizeof text, "one %d", (int)(16 * (i + 1)));
        CHECK_STR(s.words.items[2 * i], text);
        snprintf(text, sizeof text, "slow %d", (int)(16 * (i + 1)));
        CHECK_STR(s.words.items[2 * i + 1], text);
    }
    either_state_free(&s);
}

static void *many_runs(void *pool) {
    for (int i = 0; i < 20; i++) {
        check_run(60, pool);
        check_run(90, pool);
    }
    return NULL;
}

int main(void) {
    dfl_pool *pools[] = {NULL, dfl_pool_new(1), dfl_pool_new(2), dfl_pool_new(5)};
    for (size_t p = 0; p < sizeof pools / sizeof *pools; p++) {
        pthread_t threads[3];
        for (int i = 0; i < 3; i++)
            pthread_create(&threads[i], NULL, many_runs, pools[p]);
        many_runs(pools[p]);
        for (int i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        dfl_pool_free(pools[p]);
    }
    return 0;
}
