/* What the fuzz targets share. A target defines fuzz_one(); it is driven by libFuzzer (-DLIBFUZZER), or by the main
 * below, which any compiler builds:
 *
 *     NAME [--seed N] [--rounds N] [--seconds N] FILE...
 *
 * takes each file as it is, and then `rounds` times a file that it changes in a few places. What was taken when
 * something went wrong is left in $FUZZ_KEEP (or ./failed). 0: nothing went wrong; else a signal or a sanitizer ends it. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Any bytes, any number of them; what the target promises about them is asserted with MUST. */
static void fuzz_one(const uint8_t *data, size_t n);

#define MUST(CONDITION)                                                                            \
    do {                                                                                           \
        if (!(CONDITION)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #CONDITION);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- the input, taken piece by piece; zeroes where it has ended ---- */

typedef struct Taker {
    const uint8_t *at, *end;
} Taker;

static inline uint64_t take_number(Taker *taker, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)(taker->at < taker->end ? *taker->at++ : 0) << 8 * i;
    return v;
}

static inline const uint8_t *take_bytes(Taker *taker, size_t *n) {
    const uint8_t *p = taker->at;
    if (*n > (size_t)(taker->end - taker->at))
        *n = (size_t)(taker->end - taker->at);
    taker->at += *n;
    return p;
}

#ifdef LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    fuzz_one(data, n);
    return 0;
}

#else

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "../unit/chance.h"

enum { FUZZ_MOST_BYTES = 1 << 16, FUZZ_WITHIN_SECONDS = 60 };

static struct {
    uint8_t bytes[FUZZ_MOST_BYTES];
    size_t n;
    Chance chance;
} fuzz;

static inline uint64_t fuzz_dice(uint64_t below) {
    return chance_below(&fuzz.chance, below);
}

static inline void fuzz_keep(int signal_) {
    const char *name = getenv("FUZZ_KEEP");
    FILE *out = fopen(name ? name : "failed", "wb");
    if (out) {
        fwrite(fuzz.bytes, 1, fuzz.n, out);
        fclose(out);
    }
    signal(signal_, SIG_DFL);
    raise(signal_);
}

static inline bool fuzz_read(const char *path) {
    FILE *in = fopen(path, "rb");
    if (!in)
        return false;
    fuzz.n = fread(fuzz.bytes, 1, sizeof fuzz.bytes, in);
    fclose(in);
    return true;
}

static inline void fuzz_insert(size_t at, const uint8_t *p, size_t n) {
    if (fuzz.n + n > sizeof fuzz.bytes)
        return;
    memmove(fuzz.bytes + at + n, fuzz.bytes + at, fuzz.n - at);
    memmove(fuzz.bytes + at, p, n);
    fuzz.n += n;
}

/* One change: a bit, a byte, a number at an edge, a piece cut out, doubled, moved, or another file's. */
static inline void fuzz_change(char **files, size_t n_files) {
    static const uint8_t edges[][4] = {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0x7f}, {0, 0, 0, 0x80}};
    static uint8_t piece[FUZZ_MOST_BYTES];
    size_t at = fuzz.n ? fuzz_dice(fuzz.n) : 0;
    size_t n = fuzz.n - at < 64 ? fuzz.n - at : 64;
    n = n ? fuzz_dice(n) + 1 : 0;
    memcpy(piece, fuzz.bytes + at, n);
    switch (fuzz_dice(8)) {
    case 0:
        if (fuzz.n)
            fuzz.bytes[at] ^= (uint8_t)(1 << fuzz_dice(8));
        break;
    case 1:
        if (fuzz.n)
            fuzz.bytes[at] = (uint8_t)fuzz_dice(256);
        break;
    case 2:
        if (fuzz.n - at >= 4)
            memcpy(fuzz.bytes + at, edges[fuzz_dice(4)], 4);
        break;
    case 3:
        memmove(fuzz.bytes + at, fuzz.bytes + at + n, fuzz.n - at - n);
        fuzz.n -= n;
        break;
    case 4: fuzz_insert(at, piece, n); break;
    case 5: fuzz_insert(fuzz_dice(fuzz.n + 1), piece, n); break;
    case 6: fuzz.n = at; break;
    default: {
        FILE *in = fopen(files[fuzz_dice(n_files)], "rb");
        size_t got = in ? fread(piece, 1, sizeof piece, in) : 0;
        size_t from = got ? fuzz_dice(got) : 0, most = got - from < 200 ? got - from : 200;
        if (in)
            fclose(in);
        if (most)
            fuzz_insert(at, piece + from, fuzz_dice(most) + 1);
    }
    }
}

static inline double fuzz_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A copy of just as many bytes: a sanitizer sees what is read behind them. */
static inline void fuzz_take(void) {
    uint8_t *exact = malloc(fuzz.n ? fuzz.n : 1);
    MUST(exact);
    memcpy(exact, fuzz.bytes, fuzz.n);
    alarm(FUZZ_WITHIN_SECONDS);
    fuzz_one(exact, fuzz.n);
    alarm(0);
    free(exact);
}

int main(int argc, char **argv) {
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM};
    unsigned long long rounds = 0, seconds = 0, done = 0;
    double until;
    int first = 1;
    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        unsigned long long v = strtoull(argv[first + 1], NULL, 10);
        if (strcmp(argv[first], "--rounds") == 0)
            rounds = v;
        else if (strcmp(argv[first], "--seconds") == 0)
            seconds = v;
        else
            fuzz.chance.state = v;
    }
    if (first >= argc)
        return 2;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], fuzz_keep);
    for (int i = first; i < argc; i++)
        if (fuzz_read(argv[i]))
            fuzz_take();
    until = fuzz_now() + (double)seconds;
    for (; done < rounds && (!seconds || fuzz_now() < until); done++) {
        size_t changes = fuzz_dice(4) ? fuzz_dice(4) + 1 : fuzz_dice(40) + 1;
        if (!fuzz_read(argv[first + (int)fuzz_dice((uint64_t)(argc - first))]))
            continue;
        while (changes-- > 0)
            fuzz_change(argv + first, (size_t)(argc - first));
        fuzz_take();
    }
    printf("%d files, %llu changed ones\n", argc - first, done);
    return 0;
}

#endif

#endif
