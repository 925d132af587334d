/* What the states hold. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

void must(bool all_is_well, const char *what) {
    if (!all_is_well)
        fprintf(stderr, "codec: %s\n", what), exit(1);
}

bool same_text(Text text, const void *p, size_t n) {
    return text.n == n && memcmp(text.p, p, n) == 0;
}

static void *zeroes(size_t n, size_t size) {
    void *p = calloc(n, size);
    must(p, "out of memory");
    return p;
}

static Text text(const char *fmt, ...) {
    char room[256];
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(room, sizeof room, fmt, args);
    va_end(args);
    must(n >= 0 && (size_t)n < sizeof room, "a text that does not fit");
    return (Text){memcpy(zeroes((size_t)n + 1, 1), room, (size_t)n), (size_t)n};
}

static Text *texts(size_t n, const char *fmt) {
    Text *all = zeroes(n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = text(fmt, (int)i);
    return all;
}

static void add_texts(Content *c, size_t n, const char *fmt) {
    c->n_texts = n;
    c->texts = texts(n, fmt);
}

static void add_pairs(Content *c, size_t n) {
    c->n_pairs = n;
    c->keys = texts(n, "key_%d");
    c->values = texts(n, "value_%d");
}

static void fill_small(Content *c) {
    c->counter = 42;
    c->status = text("waiting for the second reviewer");
    c->value = text("%s", "The parcel was weighed twice, and its label printed; what is left is to find a "
                          "carrier that takes it over the weekend, and to tell the customer by when.");
}

static void fill_medium(Content *c) {
    add_texts(c, 100, "Item %d");
    add_pairs(c, 50);
    c->n_numbers = 100;
    c->numbers = zeroes(c->n_numbers, sizeof *c->numbers);
    for (uint32_t i = 0; i < c->n_numbers; i++)
        c->numbers[i] = i;
}

static void fill_large(Content *c) {
    enum { BLOCK = 10240 };
    add_texts(c, 1000, "Message %d");
    add_pairs(c, 500);
    c->n_blocks = 10;
    c->blocks = zeroes(c->n_blocks, sizeof *c->blocks);
    for (size_t i = 0; i < c->n_blocks; i++)
        c->blocks[i] = (Text){zeroes(BLOCK, 1), BLOCK};
}

static void fill_records(Content *c) {
    c->counter = 7;
    c->n_lines = 100;
    c->lines = zeroes(c->n_lines, sizeof *c->lines);
    for (size_t i = 0; i < c->n_lines; i++)
        c->lines[i] = (Line){text("SYM%d", (int)i), 100.25 + (double)i, 1000000 * i, i % 3 == 0,
                             {text("sector %d", (int)i % 11), text("listed")}};
    c->n_series = 500;
    c->series = zeroes(c->n_series, sizeof *c->series);
    for (size_t i = 0; i < c->n_series; i++)
        c->series[i] = 1.0 / (double)(i + 1);
}

const Content *content_of(Kind kind) {
    static void (*const fill[N_KINDS])(Content *) = {fill_small, fill_medium, fill_large, fill_records};
    static Content all[N_KINDS];
    static bool is_filled[N_KINDS];
    if (!is_filled[kind])
        fill[kind](&all[kind]);
    is_filled[kind] = true;
    return &all[kind];
}
