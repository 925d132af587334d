#include "rate.h"

enum { HALF_NS = 2000000000 };

/* 2 to the power of -ns/HALF_NS; between whole powers a parabola, off by 0.2 % at most. */
static double weight(int64_t ns) {
    double whole = 1, part;
    if (ns <= 0)
        return 1;
    if (ns / HALF_NS > 60)
        return 0;
    for (int64_t i = ns / HALF_NS; i > 0; i--)
        whole /= 2;
    part = (double)(ns % HALF_NS) / HALF_NS;
    return whole * (1 - part * (0.67157 - 0.17157 * part));
}

void rate_add(Rate *rate, int64_t from, int64_t to, uint64_t n) {
    double kept = weight(to - from);
    if (to <= from)
        return;
    rate->per_second =
        rate_now(rate, from) * kept + (double)n * 1e9 / (double)(to - from) * (1 - kept);
    rate->at = to;
}

double rate_now(const Rate *rate, int64_t now) {
    return rate->per_second * weight(now - rate->at);
}
