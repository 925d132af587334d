#include <stdlib.h>
#include <string.h>

#include "calibrate.h"

void samples_add(Samples *samples, int64_t ns) {
    ARENA_PUSH(samples->arena, samples->ns, samples->n, samples->cap, ns > 0 ? ns : 0);
}

void samples_end_round(Samples *samples) {
    samples->round_ends[samples->n_rounds++] = samples->n;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The one below which so many of a hundred are. */
static int64_t quantile(Arena *arena, const int64_t *ns, size_t n, unsigned percent) {
    if (n == 0)
        return 0;
    int64_t *sorted = ARENA_ARRAY(arena, int64_t, n);
    memcpy(sorted, ns, n * sizeof *ns);
    qsort(sorted, n, sizeof *sorted, by_size);
    return sorted[(n - 1) * percent / 100];
}

int64_t samples_at(const Samples *samples, unsigned percent) {
    return quantile(samples->arena, samples->ns, samples->n, percent);
}

unsigned samples_disagree(const Samples *samples) {
    int64_t medians[N_ROUNDS];
    size_t n = 0, begin = 0;
    for (size_t i = 0; i < samples->n_rounds; i++) {
        size_t end = samples->round_ends[i];
        if (end > begin)
            medians[n++] = quantile(samples->arena, samples->ns + begin, end - begin, 50);
        begin = end;
    }
    if (n < 3)
        return 100;
    qsort(medians, n, sizeof *medians, by_size);
    /* Tens of nanoseconds are told apart no better than to a few. */
    int64_t least = medians[0] + 5, most = medians[n - 2] + 5;
    int64_t hundredths = most * 100 / least;
    return hundredths > 100000 ? 100000 : (unsigned)hundredths;
}
