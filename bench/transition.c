/* One node transition against the same calls written by hand.
 *
 * Both sides call the same three functions (ring_nodes.c) on the same state, `TURNS` times
 * around, in turn, `ROUNDS` times. Prints the median of each and of the ratios pair by pair, with
 * the spread between the 5th and the 95th percentile. */
#define _POSIX_C_SOURCE 200809L
#include "ring.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { TURNS = 200000, ROUNDS = 201 };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What a careful C programmer writes: call, test, go on. */
static int by_hand(ring_state *s) {
    int rc;
    do {
        if ((rc = ring_first(NULL, &s->a)) != 0)
            return rc;
        if ((rc = ring_second(NULL, s->a, &s->b)) != 0)
            return rc;
        if ((rc = ring_third(NULL, s->b, &s->c)) != 0)
            return rc;
    } while (s->c < s->turns);
    return 0;
}

static int compiled(ring_state *s) {
    return ring_run(s, NULL);
}

static double time_one(int (*run)(ring_state *)) {
    ring_state s;
    double began;
    int rc;
    ring_state_init(&s);
    s.turns = TURNS;
    began = now_ns();
    rc = run(&s);
    began = now_ns() - began;
    if (rc != 0 || s.a != TURNS || s.c != TURNS) {
        fprintf(stderr, "transition: wrong result: rc %d, a %" PRIu64 ", c %" PRIu64 "\n", rc, s.a,
                s.c);
        exit(1);
    }
    ring_state_free(&s);
    return began / (3.0 * TURNS);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, double *values, const char *unit) {
    qsort(values, ROUNDS, sizeof *values, by_value);
    printf("%-28s %6.3f %s   (5 %%: %.3f, 95 %%: %.3f)\n", name, values[ROUNDS / 2], unit,
           values[ROUNDS / 20], values[ROUNDS - 1 - ROUNDS / 20]);
}

int main(void) {
    static double hand[ROUNDS], dfl[ROUNDS], ratio[ROUNDS];
    int i;
    time_one(by_hand);
    time_one(compiled);
    for (i = 0; i < ROUNDS; i++) {
        hand[i] = time_one(by_hand);
        dfl[i] = time_one(compiled);
        ratio[i] = dfl[i] / hand[i];
    }
    printf("%d rounds of %d transitions, in turn\n", ROUNDS, 3 * TURNS);
    print("by hand", hand, "ns a node");
    print("dflc", dfl, "ns a node");
    print("ratio", ratio, "");
    return 0;
}
