/* How often something happens, of late: an average that halves its memory every two seconds. */
#ifndef DFLC_LIVE_RATE_H
#define DFLC_LIVE_RATE_H

#include <stdint.h>

typedef struct Rate {
    int64_t at; /* ns, as all here */
    double per_second;
} Rate;

/* It happened n times between two moments; not at all between those told before and `from`. */
void rate_add(Rate *rate, int64_t from, int64_t to, uint64_t n);
/* A second, as of `now`. */
double rate_now(const Rate *rate, int64_t now);

#endif
