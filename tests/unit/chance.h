/* Chance that can be repeated: what the torture and fuzz programs and the oracle throw. */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Chance {
    uint64_t state;
} Chance;

/* SplitMix64. */
static inline uint64_t chance_next(Chance *chance) {
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* From 0 to n - 1. */
static inline uint64_t chance_below(Chance *chance, uint64_t n) {
    return chance_next(chance) % n;
}

static inline bool chance_one_in(Chance *chance, uint64_t n) {
    return chance_below(chance, n) == 0;
}

/* One that depends on both numbers. */
static inline Chance chance_of(uint64_t a, uint64_t b) {
    Chance chance = {a};
    chance.state = chance_next(&chance) ^ b;
    chance.state = chance_next(&chance);
    return chance;
}

#endif
