/* The three nodes, in a file of their own so that neither side can inline them. */
#include "ring.h"

int ring_first(dfl_ctx *ctx, uint64_t *a) {
    (void)ctx;
    *a += 1;
    return 0;
}

int ring_second(dfl_ctx *ctx, uint64_t a, uint64_t *b) {
    (void)ctx;
    *b += a & 1;
    return 0;
}

int ring_third(dfl_ctx *ctx, uint64_t b, uint64_t *c) {
    (void)ctx;
    *c += 1 + (b & 0);
    return 0;
}
