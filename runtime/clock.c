/* The clocks. */
#define _POSIX_C_SOURCE 200809L

#include <time.h>

#include "internal.h"

static int64_t read_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t dfl__now(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t dfl__wall_clock(void) {
    return read_clock(CLOCK_REALTIME);
}

int64_t dfl__wall_tick(void) {
#ifdef CLOCK_REALTIME_COARSE
    return read_clock(CLOCK_REALTIME_COARSE);
#else
    return dfl__wall_clock();
#endif
}
