/* What the torture programs share: rounds that can be repeated, chance, and how a failure is told.
 *
 *     NAME [--seed N] [--from ROUND] [--rounds N] [--seconds N]
 *
 * A round depends on the seed and its number alone (as far as a race with a signal or another process can):
 * one that failed is run again with --from, and a run that was stopped goes on there. After --seconds no
 * round is begun, and it is said how to go on. 0: passed, 1: failed, 2: usage. */
#ifndef TORTURE_H
#define TORTURE_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/chance.h"
#include "../unit/scratch.h"

/* ---- rounds ---- */

static struct {
    const char *name;
    uint64_t seed;
    long from, rounds, seconds; /* seconds 0: no bound */
    long round;                 /* the one that runs */
} torture = {.seed = 1, .rounds = 1};

/* Says what was wrong and how to see it again; what the round has made stays where it is. Also in a child,
 * whose parent then finds the exit status 1. */
static inline void torture_failed(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));
static inline void torture_failed(const char *file, int line, const char *fmt, ...) {
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "%s:%d: %s\n%s --seed %llu --from %ld --rounds 1 does it again; files: %s\n",
            file, line, text, torture.name, (unsigned long long)torture.seed, torture.round,
            scratch_dir[0] ? scratch_dir : "none");
    fflush(NULL);
    _exit(1);
}

/* MUST(condition, format, ...) */
#define MUST(CONDITION, ...)                                                                       \
    do {                                                                                           \
        if (!(CONDITION))                                                                          \
            torture_failed(__FILE__, __LINE__, __VA_ARGS__);                                       \
    } while (0)

static inline void torture_hangs(int signal) {
    (void)signal;
    torture_failed(__FILE__, __LINE__, "it hangs");
}

/* What takes longer than this from now on is a failure; 0: no more. Not inherited by children. */
static inline void torture_within(unsigned seconds) {
    signal(SIGALRM, torture_hangs);
    alarm(seconds);
}

static inline long torture_number(const char *text) {
    char *end = NULL;
    unsigned long long number = text ? strtoull(text, &end, 10) : 0;
    if (end && end != text && *end == '\0')
        return (long)number;
    fprintf(stderr, "usage: %s [--seed N] [--from ROUND] [--rounds N] [--seconds N]\n",
            torture.name);
    exit(2);
}

static inline void torture_options(int argc, char **argv) {
    torture.name = argv[0];
    for (int i = 1; i < argc; i += 2) {
        long number = torture_number(i + 1 < argc ? argv[i + 1] : NULL);
        if (strcmp(argv[i], "--seed") == 0)
            torture.seed = (uint64_t)number;
        else if (strcmp(argv[i], "--from") == 0)
            torture.from = number;
        else if (strcmp(argv[i], "--rounds") == 0)
            torture.rounds = number;
        else if (strcmp(argv[i], "--seconds") == 0)
            torture.seconds = number;
        else
            (void)torture_number(NULL);
    }
}

static inline time_t torture_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Each round has a scratch directory of its own. Returns the status of main; `what` counts rounds. */
static inline int torture_run(int argc, char **argv, const char *what,
                              void (*one_round)(Chance *chance)) {
    time_t begun = torture_now();
    torture_options(argc, argv);
    for (torture.round = torture.from; torture.round < torture.from + torture.rounds;
         torture.round++) {
        Chance chance = chance_of(torture.seed, (uint64_t)torture.round);
        if (torture.seconds > 0 && torture_now() - begun >= torture.seconds)
            break;
        scratch_begin();
        one_round(&chance);
        scratch_end();
    }
    printf("%ld %s, seed %llu", torture.round - torture.from, what,
           (unsigned long long)torture.seed);
    if (torture.round < torture.from + torture.rounds)
        printf("; out of time, goes on with --from %ld", torture.round);
    printf("\n");
    return 0;
}

#endif
