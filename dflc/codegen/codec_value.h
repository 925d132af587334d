/* Statements that measure, put and get one value of any type: what codec.c and save.c are made of.
 * Every function that is given a Codec writes to its `w`. */
#ifndef DFLC_CODEC_VALUE_H
#define DFLC_CODEC_VALUE_H

#include "../cwriter.h"
#include "../graph.h"
#include "../strmap.h"

typedef enum CodecVisit { UNSEEN, ON_THE_WAY, SEEN } CodecVisit;

typedef struct CodecInfo {
    const Type *type;
    bool sized; /* the next three are known */
    bool fixed;
    uint64_t bytes; /* encoded: fixed ? exactly : at least */
    bool has_bool;  /* fixed: loading it may find a byte that is no bool */
    CodecVisit visit;
    bool deep; /* it can hold itself, or something that can */
    bool emitted;
} CodecInfo;

typedef struct Codec {
    CWriter *w;
    Arena *arena;
    StrMap infos;  /* by the type itself */
    bool in_state; /* a function of a state is written, not one of a type */
} Codec;

/* A StrMap compares its names by pointer, and so are types compared. */
const char *codec_key(const Type *type);
CodecInfo *codec_info_of(Codec *c, const Type *type);
/* The same, measured. */
const CodecInfo *codec_info(Codec *c, const Type *type);
bool codec_is_fixed(Codec *c, const Type *type);
uint64_t codec_bytes(Codec *c, const Type *type);
/* Encoded bytes of a number; 0: it is none. */
uint64_t codec_number_bytes(TypeKind kind);
/* A string, or strings one after another. */
bool codec_is_text(const Type *type);
/* Whether a cycle of types can be reached. */
bool codec_is_deep(Codec *c, const Type *type);

__attribute__((format(printf, 2, 3))) const char *codec_say(Codec *c, const char *fmt, ...);
void codec_begin(Codec *c, const char *prototype);
void codec_end(Codec *c);
/* "at", "at + 8"; "at + 8 + i * 4" */
const char *codec_at_offset(Codec *c, uint64_t offset);
const char *codec_at_item(Codec *c, const char *at, uint64_t bytes);

/* A value of fixed size at a known place. fail: the statement for bytes that are no encoding. */
void codec_store(Codec *c, const Type *type, const char *at, const char *from);
void codec_load(Codec *c, const Type *type, const char *at, const char *to, const char *fail);

/* Any value: `n` grows by what it takes; it is put at `at`, which moves on; it is read at `at` from `in`,
 * where at becomes NULL when it cannot be. */
void codec_add_size(Codec *c, const Type *type, const char *from);
void codec_put(Codec *c, const Type *type, const char *from);
const char *codec_get_call(Codec *c, const Type *type, const char *to);
void codec_get_fixed(Codec *c, const Type *type, const char *to);
/* Returns NULL unless so many bytes follow. */
void codec_need(Codec *c, uint64_t bytes);
/* Not of fixed size; `checked`: at is known not to be NULL. */
void codec_get(Codec *c, const Type *type, const char *to, bool checked);

/* codec.c: the rest of a function that reads a state into `s`. `old` is the room for what `s` was, or NULL
 * with in.status set; get: the call that reads its fields. reads_all: but for handles, which stay the
 * program's; else what is not read has its default. After a failure `s` is what it was. */
void codec_take_place(Codec *c, const Graph *graph, bool reads_all, const char *get);

#endif
