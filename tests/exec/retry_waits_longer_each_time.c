#include "retry_waits_longer_each_time.h"

#include <time.h>

#include "check.h"

static double ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(void) {
    double begin = ms(), took;
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_run(&s, NULL), DFL_OK);
    took = ms() - begin;
    CHECK(took >= 50);
    CHECK_INT(s.x, 9);
    g_state_free(&s);
    return 0;
}
