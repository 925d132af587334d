/* What saving and finding checkpoints costs, engine beside engine: rounds in turn, medians over them.
 *
 *     store DIR [ROUNDS [TEXT]]      TEXT: only the rows with this in their names
 *
 * rows: a durable save and one that is not synced, of 200 bytes, 4 KB and 100 KB; the latest of a thread
 * among 1 and among MANY checkpoints; opening a store of MANY; 32 threads that save durably, as a multiple
 * of what one does. Columns: microseconds (the median of the rounds, each a mean; in brackets the rounds'
 * least and most), and the ratio of dflc to it. */
#define _GNU_SOURCE
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"

enum { MAX_ROUNDS = 50, MANY = 1000000, WRITERS = 32, SAVES_OF_EACH = 1000, LOOKUPS = 20000 };

static const Engine *const engines[] = {
    &engine_dflc,
    &engine_pwrite,
#ifdef HAVE_LMDB
    &engine_lmdb,
#endif
#ifdef HAVE_SQLITE
    &engine_sqlite,
#endif
#ifdef HAVE_ROCKSDB
    &engine_rocksdb,
#endif
};
enum { N_ENGINES = sizeof engines / sizeof *engines };

static const char *root;
static int rounds = 5;
static const char *wanted = "";
static char data[100 << 10];

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *at) {
    (void)about, (void)type, (void)at;
    return remove(path);
}

static const char *fresh(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (mkdir(path, 0777) != 0)
        perror(path), exit(1);
    return path;
}

static void *must_open(const Engine *engine, const char *path, bool synced) {
    void *self = engine->open(path, synced);
    if (!self)
        fprintf(stderr, "%s cannot open %s\n", engine->name, path), exit(1);
    return self;
}

static void must_save(const Engine *engine, void *self, uint32_t thread, size_t n) {
    if (!engine->save(self, thread, data, n))
        fprintf(stderr, "%s cannot save\n", engine->name), exit(1);
}

/* ---- what is measured: microseconds of one operation ---- */

static double saves(const Engine *engine, bool synced, size_t n, int count) {
    void *self = must_open(engine, fresh(engine->name), synced);
    double begin;
    for (int i = 0; i < count / 10 + 1; i++)
        must_save(engine, self, (uint32_t)i % 16, n);
    begin = now_us();
    for (int i = 0; i < count; i++)
        must_save(engine, self, (uint32_t)i % 16, n);
    begin = now_us() - begin;
    engine->close(self);
    return begin / count;
}

typedef struct Writer {
    pthread_t thread;
    const Engine *engine;
    void *self;
    uint32_t number;
    int count;
} Writer;

static void *write_some(void *arg) {
    Writer *w = arg;
    for (int i = 0; i < w->count; i++)
        must_save(w->engine, w->self, w->number, 200);
    return NULL;
}

static double many_writers(const Engine *engine, int count) {
    void *self = must_open(engine, fresh(engine->name), true);
    Writer writers[WRITERS];
    double begin;
    must_save(engine, self, 0, 200);
    begin = now_us();
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){.engine = engine, .self = self, .number = i, .count = count};
        pthread_create(&writers[i].thread, NULL, write_some, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    begin = now_us() - begin;
    engine->close(self);
    return begin / (WRITERS * count);
}

static double lookups(const Engine *engine, void *self, uint32_t threads) {
    size_t sum = 0;
    double begin = now_us();
    for (uint32_t i = 0; i < LOOKUPS; i++)
        sum += engine->latest(self, i * 7919 % threads);
    begin = now_us() - begin;
    if (sum != (size_t)LOOKUPS * 200)
        fprintf(stderr, "%s does not find all\n", engine->name), exit(1);
    return begin / LOOKUPS;
}

/* ---- rows ---- */

typedef struct Cell {
    double us[MAX_ROUNDS];
    int n;
} Cell;

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(Cell *cell) {
    qsort(cell->us, (size_t)cell->n, sizeof *cell->us, by_value);
    return cell->us[cell->n / 2];
}

static void print_row(const char *name, Cell cells[]) {
    double ours = median(&cells[0]);
    printf("%-24s", name);
    for (int i = 0; i < N_ENGINES; i++) {
        Cell *cell = &cells[i];
        char text[64] = "-";
        if (cell->n > 0) {
            double m = median(cell);
            snprintf(text, sizeof text, "%.3g [%.3g-%.3g]", m, cell->us[0], cell->us[cell->n - 1]);
            if (i > 0)
                snprintf(text + strlen(text), sizeof text - strlen(text), " %.2f", ours / m);
        }
        printf(" %-28s", text);
    }
    putchar('\n');
    fflush(stdout);
}

static void add(Cell *cell, double us) {
    cell->us[cell->n++] = us;
}

static bool is_wanted(const char *name) {
    return strstr(name, wanted) != NULL;
}

static void save_row(const char *name, bool synced, size_t n, int count) {
    Cell cells[N_ENGINES] = {0};
    if (!is_wanted(name))
        return;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < N_ENGINES; i++)
            add(&cells[i], saves(engines[i], synced, n, count));
    print_row(name, cells);
}

static void writers_row(const char *name) {
    Cell cells[N_ENGINES] = {0};
    if (!is_wanted(name))
        return;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < N_ENGINES; i++)
            if (engines[i]->threads)
                add(&cells[i], many_writers(engines[i], SAVES_OF_EACH));
    print_row(name, cells);
}

/* One store of MANY for each engine, in 1,000 threads; opened anew in each round. */
static void many_rows(void) {
    const char *names[] = {"latest, of 1", "latest, of 1,000,000", "reopen 1,000,000"};
    Cell one[N_ENGINES] = {0}, among[N_ENGINES] = {0}, reopen[N_ENGINES] = {0};
    if (!is_wanted(names[0]) && !is_wanted(names[1]) && !is_wanted(names[2]))
        return;
    for (int i = 0; i < N_ENGINES; i++) {
        const Engine *engine = engines[i];
        char path[512];
        void *self;
        if (engine == &engine_pwrite)
            continue;
        self = must_open(engine, fresh(engine->name), false);
        must_save(engine, self, 0, 200);
        for (int r = 0; r < rounds; r++)
            add(&one[i], lookups(engine, self, 1));
        engine->close(self);
        strcpy(path, fresh(engine->name));
        self = must_open(engine, path, false);
        for (uint32_t k = 0; k < MANY; k++)
            must_save(engine, self, k % 1000, 200);
        engine->close(self);
        for (int r = 0; r < rounds; r++) {
            double begin = now_us();
            self = must_open(engine, path, false);
            add(&reopen[i], now_us() - begin);
            add(&among[i], lookups(engine, self, 1000));
            engine->close(self);
        }
        (void)fresh(engine->name);
    }
    print_row(names[0], one);
    print_row(names[1], among);
    print_row(names[2], reopen);
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 2;
    root = argv[1];
    if (argc > 2)
        rounds = atoi(argv[2]);
    if (argc > 3)
        wanted = argv[3];
    if (rounds < 1 || rounds > MAX_ROUNDS)
        return 2;
    memset(data, 'x', sizeof data);
    printf("us: median of %d rounds [least-most] ratio of dflc\n%-24s", rounds, "");
    for (int i = 0; i < N_ENGINES; i++)
        printf(" %-28s", engines[i]->name);
    putchar('\n');
    save_row("durable, 200 B", true, 200, 200);
    save_row("durable, 4 KB", true, 4096, 200);
    save_row("durable, 100 KB", true, sizeof data, 50);
    save_row("unsynced, 200 B", false, 200, 20000);
    save_row("unsynced, 4 KB", false, 4096, 5000);
    save_row("unsynced, 100 KB", false, sizeof data, 300);
    writers_row("durable, 32 writers");
    many_rows();
    return 0;
}
