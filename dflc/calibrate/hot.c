/* A section whose workers are awake: handed out, seen, done, and seen to be done. */
#include <errno.h>

#include "calibrate.h"

enum { MOST_SAMPLES = 2000, GAP_NS = 1000 };

static void sample(Bench *bench, Mate *mate, int64_t cost_ns) {
    Samples *figures = bench->figures;
    work_ns(bench->work, GAP_NS);
    int64_t begin = clock_ns();
    mate_ask(mate);
    int64_t asked = clock_ns();
    mate_wait(mate);
    int64_t end = clock_ns();
    int64_t over = mate_seen_ns(mate) - begin - cost_ns, back = end - mate_done_ns(mate) - cost_ns;
    samples_add(&figures[FIG_PUBLISH], asked - begin - cost_ns);
    samples_add(&figures[FIG_HAND_OVER], over);
    samples_add(&figures[FIG_JOIN], back);
    samples_add(&bench->round_trip, over + back);
}

bool measure_hot(Bench *bench, int64_t until_ns) {
    int64_t cost_ns = clock_cost_ns();
    Mate *mate = mate_new(bench->arena, false);
    if (!mate)
        return false;
    for (int i = 0; i < MOST_SAMPLES && (i == 0 || clock_ns() < until_ns); i++)
        sample(bench, mate, cost_ns);
    mate_free(mate);
    return true;
}

/* ---- several workers ---- */

/* They all wait for one line; it goes from one to the next. */
typedef struct Gate {
    _Atomic uint32_t open;
    char gap[LINE_BYTES];
    _Atomic uint32_t waiting;
} Gate;

typedef struct Waiter {
    Gate *gate;
    int64_t seen_ns;
    char gap[LINE_BYTES];
} Waiter;

static void wait_at_gate(void *arg) {
    Waiter *waiter = arg;
    atomic_fetch_add(&waiter->gate->waiting, 1);
    while (!atomic_load_explicit(&waiter->gate->open, memory_order_acquire))
        spin_pause();
    waiter->seen_ns = clock_ns();
}

enum { MOST_MATES = 4 };

static int64_t stagger(Bench *bench, Mate **mates, int n) {
    Gate gate = {0};
    Waiter waiters[MOST_MATES];
    int64_t first = INT64_MAX, last = 0;
    for (int i = 0; i < n; i++) {
        waiters[i] = (Waiter){.gate = &gate};
        mate_ask_to(mates[i], wait_at_gate, &waiters[i]);
    }
    while (atomic_load(&gate.waiting) < (uint32_t)n)
        spin_pause();
    work_ns(bench->work, GAP_NS);
    atomic_store(&gate.open, 1);
    for (int i = 0; i < n; i++) {
        mate_wait(mates[i]);
        first = waiters[i].seen_ns < first ? waiters[i].seen_ns : first;
        last = waiters[i].seen_ns > last ? waiters[i].seen_ns : last;
    }
    return (last - first) / (n - 1);
}

bool measure_stagger(Bench *bench, int64_t until_ns) {
    Mate *mates[MOST_MATES];
    int n = 0, wanted = bench->cpus - 1 < MOST_MATES ? (int)bench->cpus - 1 : MOST_MATES;
    if (wanted < 2)
        return true;
    while (n < wanted && (mates[n] = mate_new(bench->arena, false)))
        n++;
    int error = errno;
    for (int i = 0; n == wanted && i < MOST_SAMPLES && (i == 0 || clock_ns() < until_ns); i++)
        samples_add(&bench->figures[FIG_STAGGER], stagger(bench, mates, n));
    for (int i = 0; i < n; i++)
        mate_free(mates[i]);
    errno = error;
    return n == wanted;
}
