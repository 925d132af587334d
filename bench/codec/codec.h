/* codec.h: what a codec is measured by. Four kinds of state, the same content for every codec:
 *
 *     small      counter, status, value                                          about 200 bytes
 *     medium     100 times "Item {i}", 50 pairs, 100 numbers of 32 bits           about 2.6 KB
 *     large      1000 times "Message {i}", 500 pairs, 10 blocks of 10,240 bytes   about 130 KB
 *     records    100 records of two numbers, a bool and three strings; 500 doubles  about 8 KB
 *
 * The first three are the encoding benchmarks of DashFlow. */
#ifndef BENCH_CODEC_H
#define BENCH_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum Kind { SMALL, MEDIUM, LARGE, RECORDS, N_KINDS } Kind;

typedef struct Text {
    const char *p; /* NUL-terminated */
    size_t n;
} Text;

enum { N_TAGS = 2 };

typedef struct Line {
    Text symbol;
    double price;
    uint64_t volume;
    bool open;
    Text tags[N_TAGS];
} Line;

/* What a state of each kind holds; of the others nothing is set. */
typedef struct Content {
    uint32_t counter;
    Text status, value;
    size_t n_texts, n_pairs, n_numbers, n_blocks, n_lines, n_series;
    Text *texts, *keys, *values;
    uint32_t *numbers;
    Text *blocks;
    Line *lines;
    double *series;
} Content;

const Content *content_of(Kind kind); /* for ever */
void must(bool all_is_well, const char *what); /* else says so, and ends the program */
bool same_text(Text text, const void *p, size_t n);

/* A codec with one value of a kind, its encoding, and what was decoded from that. Buffers are kept from
 * call to call, as far as the library lets them. */
typedef struct Codec {
    const char *name;
    void *(*open)(Kind kind); /* with the value built from content_of */
    size_t (*encode[N_KINDS])(void *self); /* over the encoding before; its bytes */
    void (*decode[N_KINDS])(void *self);   /* over what was decoded before; that is freed */
    bool (*same)(const void *self);        /* what was decoded holds the content, strings end with NUL */
    void (*close)(void *self);
} Codec;

extern const Codec codec_dflc, codec_protobuf, codec_protobuf_arena, codec_msgpack;

#endif
