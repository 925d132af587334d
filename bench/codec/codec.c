/* What encoding and decoding cost, codec beside codec: rounds in turn, medians over them.
 *
 *     codec ROUNDS [FILE]              the table; FILE has counted instructions, as bench/codec/run.sh
 *                                      writes them: CODEC KIND OPERATION NUMBER, tab-separated
 *     codec once CODEC KIND OPERATION  that, COUNTED times in counted(): for callgrind
 *     codec list                       CODEC KIND OPERATION of all there is
 *
 * A cell is nanoseconds of one call (median over the rounds, each a mean over some milliseconds; in
 * brackets the least and the most of the rounds) and instructions of one call. What was decoded is
 * compared with what was encoded before and after the rounds, not while they are timed. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec.h"

enum { MAX_ROUNDS = 101, SAMPLE_NS = 1000000, COUNTED = 20 };

typedef enum Operation { ENCODE, DECODE, N_OPERATIONS } Operation;

static const Codec *const codecs[] = {
    &codec_dflc,
#ifdef HAVE_PROTOBUF
    &codec_protobuf,
    &codec_protobuf_arena,
#endif
#ifdef HAVE_MSGPACK
    &codec_msgpack,
#endif
};
enum { N_CODECS = sizeof codecs / sizeof *codecs };

static const char *const kinds[N_KINDS] = {"small", "medium", "large", "records"};
static const char *const operations[N_OPERATIONS] = {"encode", "decode"};

/* ---- measuring ---- */

typedef struct Cell {
    const Codec *codec;
    Kind kind;
    Operation operation;
    void *self;
    size_t bytes; /* of the encoding */
    long calls;   /* of a sample */
    double ns[MAX_ROUNDS];
    int n;
    double instructions; /* 0: not counted */
} Cell;

static Cell cells[N_KINDS][N_OPERATIONS][N_CODECS];

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void call(const Cell *cell, long times) {
    if (cell->operation == ENCODE) {
        size_t (*encode)(void *) = cell->codec->encode[cell->kind];
        for (long i = 0; i < times; i++)
            must(encode(cell->self) == cell->bytes, "an encoding of another length");
    } else {
        void (*decode)(void *) = cell->codec->decode[cell->kind];
        for (long i = 0; i < times; i++)
            decode(cell->self);
    }
}

/* What callgrind counts. */
__attribute__((noinline)) void counted(const Cell *cell) {
    call(cell, COUNTED);
}

static double sample(const Cell *cell, long calls) {
    double begin = now_ns();
    call(cell, calls);
    return (now_ns() - begin) / (double)calls;
}

static void check(const Cell *cell) {
    must(cell->codec->encode[cell->kind](cell->self) == cell->bytes, "an encoding of another length");
    cell->codec->decode[cell->kind](cell->self);
    must(cell->codec->same(cell->self), "what was decoded is not what was encoded");
}

static void begin(Cell *cell, const Codec *codec, Kind kind, Operation operation) {
    *cell = (Cell){.codec = codec, .kind = kind, .operation = operation, .self = codec->open(kind)};
    cell->bytes = codec->encode[kind](cell->self);
    check(cell);
}

static void calibrate(Cell *cell) {
    double ns = sample(cell, 10);
    ns = sample(cell, 1 + (long)(SAMPLE_NS / ns));
    cell->calls = 1 + (long)(SAMPLE_NS / ns);
}

static void for_each(void (*act)(Cell *)) {
    for (Kind k = 0; k < N_KINDS; k++)
        for (Operation o = 0; o < N_OPERATIONS; o++)
            for (int i = 0; i < N_CODECS; i++)
                act(&cells[k][o][i]);
}

static void begin_at_place(Cell *cell) {
    size_t at = (size_t)(cell - &cells[0][0][0]);
    begin(cell, codecs[at % N_CODECS], (Kind)(at / N_CODECS / N_OPERATIONS),
          (Operation)(at / N_CODECS % N_OPERATIONS));
    calibrate(cell);
}

static void add_sample(Cell *cell) {
    cell->ns[cell->n++] = sample(cell, cell->calls);
}

static void end(Cell *cell) {
    check(cell);
    cell->codec->close(cell->self);
}

/* ---- the table ---- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(Cell *cell) {
    qsort(cell->ns, (size_t)cell->n, sizeof *cell->ns, by_value);
}

static double median(const Cell *cell) {
    return cell->ns[cell->n / 2];
}

static void print_row(Kind kind, Operation operation, int i) {
    const Cell *cell = &cells[kind][operation][i], *ours = &cells[kind][operation][0];
    char spread[64];
    snprintf(spread, sizeof spread, "[%.5g-%.5g]", cell->ns[0], cell->ns[cell->n - 1]);
    printf("%-8s %-7s %-18s %8zu %10.5g %-18s %7.2f", kinds[kind], operations[operation], cell->codec->name,
           cell->bytes, median(cell), spread, median(cell) / median(ours));
    if (cell->instructions > 0 && ours->instructions > 0)
        printf(" %12.0f %7.2f", cell->instructions, cell->instructions / ours->instructions);
    putchar('\n');
}

static void print_table(void) {
    printf("%-8s %-7s %-18s %8s %10s %-18s %7s %12s %7s\n", "state", "", "codec", "bytes", "ns",
           "[least-most]", "/ dflc", "instructions", "/ dflc");
    for (Kind k = 0; k < N_KINDS; k++)
        for (Operation o = 0; o < N_OPERATIONS; o++)
            for (int i = 0; i < N_CODECS; i++)
                print_row(k, o, i);
}

/* ---- instructions ---- */

static bool is_called(const Cell *cell, const char *codec, const char *kind, const char *operation) {
    return strcmp(cell->codec->name, codec) == 0 && strcmp(kinds[cell->kind], kind) == 0 &&
           strcmp(operations[cell->operation], operation) == 0;
}

static void read_counts(const char *path) {
    FILE *f = fopen(path, "r");
    char codec[32], kind[32], operation[32];
    double n;
    must(f, "the file of instructions cannot be opened");
    while (fscanf(f, " %31[^\t]\t%31s\t%31s\t%lf", codec, kind, operation, &n) == 4)
        for (Cell *cell = &cells[0][0][0]; cell <= &cells[N_KINDS - 1][N_OPERATIONS - 1][N_CODECS - 1]; cell++)
            if (is_called(cell, codec, kind, operation))
                cell->instructions = n / COUNTED;
    fclose(f);
}

static int once(char **names) {
    for (Kind k = 0; k < N_KINDS; k++)
        for (Operation o = 0; o < N_OPERATIONS; o++)
            for (int i = 0; i < N_CODECS; i++) {
                Cell cell = {.codec = codecs[i], .kind = k, .operation = o};
                if (!is_called(&cell, names[0], names[1], names[2]))
                    continue;
                begin(&cell, codecs[i], k, o);
                counted(&cell);
                end(&cell);
                return 0;
            }
    return 2;
}

static int list(void) {
    for (int i = 0; i < N_CODECS; i++)
        for (Kind k = 0; k < N_KINDS; k++)
            for (Operation o = 0; o < N_OPERATIONS; o++)
                printf("%s\t%s\t%s\n", codecs[i]->name, kinds[k], operations[o]);
    return 0;
}

/* ---- */

static void pin(void) {
    cpu_set_t set;
    int cpu = sched_getcpu();
    CPU_ZERO(&set);
    if (cpu >= 0)
        CPU_SET((unsigned)cpu, &set);
    if (cpu < 0 || sched_setaffinity(0, sizeof set, &set) != 0)
        puts("not pinned to a CPU");
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    if (argc == 5 && strcmp(argv[1], "once") == 0)
        return once(argv + 2);
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (rounds < 1 || rounds > MAX_ROUNDS || argc > 3)
        return 2;
    pin();
    for_each(begin_at_place);
    if (argc == 3)
        read_counts(argv[2]);
    for (int r = 0; r < rounds; r++)
        for_each(add_sample);
    for_each(sort);
    print_table();
    for_each(end);
    return 0;
}
