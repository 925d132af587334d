/* hash.h: hashes of bytes that nobody outside the process can foresee. */
#ifndef DFL_HASH_H
#define DFL_HASH_H

#include "dfl.h"

/* SipHash-1-3 under the key of the process. */
uint64_t dfl__hash(const void *p, size_t n);
/* The same under a given key. */
uint64_t dfl__siphash(const uint64_t key[2], const void *p, size_t n);

/* ---- keys of maps: short, and many ---- */

enum { DFL__SHORT_KEY = 32, DFL__HASH_WORDS = 10 };

/* Random numbers of this process. */
const uint64_t *dfl__hash_words(void);

static inline uint64_t dfl__word(const uint8_t *p, size_t n) {
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

/* A pair of the words of 32 bits that make up a key. */
static inline uint64_t dfl__hash_pair(const uint64_t random[2], uint64_t pair) {
    return (random[0] + (pair >> 32)) * (random[1] + (uint32_t)pair);
}

/* Note [hashing keys]: at most DFL__SHORT_KEY bytes. What is loaded twice, where loads overlap, does not
 * matter: together with n the words tell every key from every other. */
__attribute__((always_inline)) static inline uint32_t dfl__hash_short(const uint64_t *random,
                                                                      const void *key, size_t n) {
    const uint8_t *p = key;
    uint64_t sum = random[8] + random[9] * n;
    if (n > 16) {
        sum += dfl__hash_pair(random + 4, dfl__word(p + 8, 8));
        sum += dfl__hash_pair(random + 6, dfl__word(p + n - 16, 8));
    }
    if (n >= 8) {
        sum += dfl__hash_pair(random, dfl__word(p, 8));
        sum += dfl__hash_pair(random + 2, dfl__word(p + n - 8, 8));
    } else if (n >= 4) {
        sum += dfl__hash_pair(random, dfl__word(p, 4) << 32 | dfl__word(p + n - 4, 4));
    } else if (n > 0) {
        sum += dfl__hash_pair(random, p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16);
    }
    uint32_t hash = (uint32_t)(sum >> 32);
    hash = (hash ^ hash >> 16) * 0x7feb352du;
    return hash ^ hash >> 15;
}

uint32_t dfl__hash_long(const void *key, size_t n);
static inline uint32_t dfl__hash_key(const uint64_t *random, const void *key, size_t n) {
    return n <= DFL__SHORT_KEY ? dfl__hash_short(random, key, n) : dfl__hash_long(key, n);
}

#endif
