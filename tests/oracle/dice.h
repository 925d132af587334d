/* Chance that the oracle and the C of a generated graph share: both throw the same dice, so that a node
 * gives the same values whoever computes it. Nothing here knows of the runtime. */
#ifndef ORACLE_DICE_H
#define ORACLE_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../unit/chance.h"

typedef Chance Dice;

static inline uint64_t dice_next(Dice *dice) {
    return chance_next(dice);
}

/* From 0 to n - 1. */
static inline uint32_t dice_below(Dice *dice, uint32_t n) {
    return (uint32_t)(dice_next(dice) % n);
}

/* An integer for any type, which takes the low bits: most are small, some are any. */
static inline uint64_t dice_int(Dice *dice) {
    uint64_t n = dice_next(dice);
    return n % 16 == 0 ? dice_next(dice) : (n >> 8) % 12;
}

/* The same with negative ones. */
static inline uint64_t dice_signed(Dice *dice) {
    uint64_t n = dice_int(dice);
    return dice_below(dice, 4) == 0 ? 0 - n : n;
}

/* No NaN and no infinity; most sums of them are rounded. */
static inline double dice_f64(Dice *dice) {
    return ((double)dice_below(dice, 200) - 50.0) * (dice_below(dice, 2) ? 0.1 : 0.25);
}

static inline float dice_f32(Dice *dice) {
    return (float)dice_f64(dice);
}

/* A piece of text, with its length. */
static inline const char *dice_text(Dice *dice, size_t *n) {
    static const char *const pieces[] = {"",        "a",          "bc", "\xc3\xa9", "\"q\"",
                                         "line\nx", "tab\t\\end", "z"};
    const char *piece = pieces[dice_below(dice, 8)];
    *n = strlen(piece);
    return piece;
}

/* Elements of a long list. */
static inline uint32_t dice_many(Dice *dice) {
    return 10 + dice_below(dice, 30);
}

/* ---- hashes ---- */

static inline uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 29;
}

static inline uint64_t mix_bytes(uint64_t hash, const void *p, size_t n) {
    const uint8_t *at = (const uint8_t *)p;
    hash = mix(hash, n);
    for (size_t i = 0; i < n; i++)
        hash = mix(hash, at[i]);
    return hash;
}

static inline uint64_t mix_f64(uint64_t hash, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return mix(hash, bits);
}

static inline uint64_t mix_f32(uint64_t hash, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return mix(hash, bits);
}

/* ---- what becomes of a list, a map or a text that a node changes ---- */

typedef enum Change {
    CHANGE_ANEW,   /* a fresh value */
    CHANGE_CLEAR,
    CHANGE_CUT,    /* the last item goes; of a map: a key */
    CHANGE_SET,    /* one item */
    CHANGE_PUSH,
    CHANGE_GROW    /* of a list: an item of zero */
} Change;

static inline Change dice_change(Dice *dice, size_t len) {
    uint32_t n = dice_below(dice, 8);
    if (len > 8)
        return CHANGE_ANEW;
    if (len == 0 || n >= 5)
        return CHANGE_PUSH;
    return (Change)n == CHANGE_PUSH ? CHANGE_GROW : (Change)n;
}

#endif
