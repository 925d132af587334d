/* FNV-1a, 64 bits (Fowler, Noll, Vo): fingerprints, and where names go in tables. */
#ifndef DFLC_FNV_H
#define DFLC_FNV_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv(uint64_t hash, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* With the NUL, so that texts one after the other are told from other texts. */
static inline uint64_t fnv_text(uint64_t hash, const char *text) {
    return fnv(hash, text, strlen(text) + 1);
}

#endif
