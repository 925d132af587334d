/* Times of what is shown again and again. */
#ifndef DFLC_LIVE_CLOCK_H
#define DFLC_LIVE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, and CLOCK_REALTIME, ns. */
int64_t live_now(void);
int64_t live_time(void);
/* Sleeps until live_now() is at least that. */
void live_sleep_until(int64_t ns);

#endif
