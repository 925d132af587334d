/* hash.h: a hash of bytes that nobody outside the process can foresee. */
#ifndef DFL_HASH_H
#define DFL_HASH_H

#include "dfl.h"

uint64_t dfl__hash(const void *p, size_t n);
/* SipHash-1-3 under a given key. */
uint64_t dfl__siphash(const uint64_t key[2], const void *p, size_t n);

#endif
