/* Waking a worker that sleeps, after a while in which the caller worked. */
#include "calibrate.h"

static void sample(Bench *bench, Mate *mate, int64_t gap_ns, int64_t cost_ns, Figure caller,
                   Figure latency) {
    mate_settle(mate);
    work_ns(bench->work, gap_ns);
    int64_t begin = clock_ns();
    mate_ask(mate);
    int64_t rung = clock_ns();
    mate_wait(mate);
    samples_add(&bench->figures[caller], rung - begin - cost_ns);
    samples_add(&bench->figures[latency], mate_seen_ns(mate) - begin - cost_ns);
}

static bool measure(Bench *bench, int64_t until_ns, int64_t gap_ns, Figure caller, Figure latency) {
    enum { MOST_SAMPLES = 300 };
    int64_t cost_ns = clock_cost_ns();
    Mate *mate = mate_new(bench->arena, true);
    if (!mate)
        return false;
    for (int i = 0; i < MOST_SAMPLES && (i == 0 || clock_ns() < until_ns); i++)
        sample(bench, mate, gap_ns, cost_ns, caller, latency);
    mate_free(mate);
    return true;
}

bool measure_wake_100us(Bench *bench, int64_t until_ns) {
    return measure(bench, until_ns, 100000, FIG_WAKE_100US_CALLER, FIG_WAKE_100US_LATENCY);
}

bool measure_wake_2ms(Bench *bench, int64_t until_ns) {
    return measure(bench, until_ns, 2000000, FIG_WAKE_2MS_CALLER, FIG_WAKE_2MS_LATENCY);
}
