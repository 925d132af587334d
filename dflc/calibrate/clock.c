#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "calibrate.h"

int64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The least of many, since all that comes in between only adds. */
int64_t clock_cost_ns(void) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < 200; i++) {
        int64_t before = clock_ns(), took = clock_ns() - before;
        least = took < least ? took : least;
    }
    return least;
}

void spin_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __asm__ __volatile__("pause");
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

/* Steps that wait for each other: no compiler and no processor takes them together. */
static void step(uint64_t steps) {
    volatile uint64_t out;
    uint64_t x = steps;
    for (uint64_t i = 0; i < steps; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    out = x;
    (void)out;
}

Work work_calibrate(void) {
    enum { STEPS = 20000 };
    int64_t least = INT64_MAX;
    for (int i = 0; i < 50; i++) {
        int64_t before = clock_ns();
        step(STEPS);
        int64_t took = clock_ns() - before;
        least = took < least ? took : least;
    }
    return (Work){(uint64_t)STEPS * 1000 / (uint64_t)(least > 0 ? least : 1) + 1};
}

void work_ns(Work work, int64_t ns) {
    step(work.steps_a_us * (uint64_t)ns / 1000);
}
