/* What a program burns that sleeps between its sections: CPU time over the time that passed. */
#define _GNU_SOURCE
#include "cells.h"
#include "work.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

int bench_gap(dfl_ctx *ctx, int64_t *i) {
    struct timespec nap = {0, 50000000};
    (void)ctx;
    ++*i;
    return nanosleep(&nap, NULL);
}
int bench_branch(dfl_ctx *ctx, int64_t i, int64_t *sum) {
    (void)ctx, (void)i;
    *sum = 1 + (work_burn(20000) == 1);
    return 0;
}
int bench_done(dfl_ctx *ctx, int64_t i) {
    (void)ctx, (void)i;
    return 0;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           ((double)used.ru_utime.tv_usec + (double)used.ru_stime.tv_usec) / 1e6;
}

int main(void) {
    c8x20000_0_state s;
    double begun, cpu;
    c8x20000_0_state_init(&s);
    s.rounds = 1; /* what starting takes is not counted */
    if (c8x20000_0_run(&s, NULL) != DFL_OK)
        return 1;
    begun = cpu_seconds();
    s.i = 0;
    s.rounds = 40;
    if (c8x20000_0_run(&s, NULL) != DFL_OK)
        return 1;
    cpu = cpu_seconds() - begun;
    printf("idle: a section of 8 branches of 25 us every 50 ms (0.4 %% of work) uses %.2f %% of a core\n",
           100 * cpu / (40 * 0.05));
    return 0;
}
