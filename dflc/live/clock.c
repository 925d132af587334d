#define _POSIX_C_SOURCE 200809L
#include "clock.h"

#include <time.h>

static int64_t read_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t live_now(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t live_time(void) {
    return read_clock(CLOCK_REALTIME);
}

void live_sleep_until(int64_t ns) {
    int64_t left;
    while ((left = ns - live_now()) > 0) {
        struct timespec pause = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
        (void)nanosleep(&pause, NULL);
    }
}
