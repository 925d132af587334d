#define _POSIX_C_SOURCE 200809L
#include "clock.h"

#include <time.h>

#include "internal.h"

int64_t live_now(void) {
    return dfl__now();
}

int64_t live_time(void) {
    return dfl__wall_clock();
}

void live_sleep_until(int64_t ns) {
    int64_t left;
    while ((left = ns - live_now()) > 0) {
        struct timespec pause = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
        (void)nanosleep(&pause, NULL);
    }
}
