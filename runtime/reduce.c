/* Reducers: sums that notice overflow, and appending to strings and bytes. */
#include <inttypes.h>

#include "arena.h"
#include "internal.h"

/* ---- what a node adds ---- */

int dfl__sum_signed(dfl_ctx *ctx, int64_t *total, int64_t update, int64_t min, int64_t max,
                    const char *field) {
    if (update > 0 ? *total > max - update : *total < min - update)
        return dfl_fail(ctx, 1, "'%s' would overflow: %" PRId64 " and %" PRId64, field, *total,
                        update);
    *total += update;
    return DFL_OK;
}

int dfl__sum_unsigned(dfl_ctx *ctx, uint64_t *total, uint64_t update, uint64_t max,
                      const char *field) {
    if (*total > max || update > max - *total)
        return dfl_fail(ctx, 1, "'%s' would overflow: %" PRIu64 " and %" PRIu64, field, *total,
                        update);
    *total += update;
    return DFL_OK;
}

/* ---- appending ---- */

int dfl__append_str(dfl_ctx *ctx, dfl_str *total, dfl_str update) {
    if (update.n == 0)
        return DFL_OK;
    bool fits = update.n < SIZE_MAX / 2 && total->n < SIZE_MAX / 2;
    char *p = fits ? dfl__ctx_alloc(ctx, total->n + update.n + 1, 1) : NULL;
    if (!p) {
        ctx->flags |= DFL__NOMEM;
        return DFL_ENOMEM;
    }
    if (total->n)
        memcpy(p, total->p, total->n);
    memcpy(p + total->n, update.p, update.n);
    p[total->n + update.n] = '\0';
    *total = (dfl_str){p, total->n + update.n};
    return DFL_OK;
}

/* Bytes that were the newest allocation grow where they are: whoever else sees them sees as many as
 * before. (A string cannot: the NUL behind it belongs to what others see.) */
static uint8_t *extend(dfl_ctx *ctx, dfl_bytes total, size_t more) {
    dfl__mem *mem = ctx->mem;
    if (total.n == 0 || (uintptr_t)total.p + total.n != (uintptr_t)mem->at ||
        more > (size_t)(mem->end - mem->at) || !dfl__mem_holds(mem, total.p))
        return NULL;
    mem->at += more;
    return (uint8_t *)mem->at - more - total.n;
}

int dfl__append_bytes(dfl_ctx *ctx, dfl_bytes *total, dfl_bytes update) {
    if (update.n == 0)
        return DFL_OK;
    uint8_t *p = extend(ctx, *total, update.n);
    if (!p) {
        bool fits = update.n < SIZE_MAX / 2 && total->n < SIZE_MAX / 2;
        p = fits ? dfl__ctx_alloc(ctx, total->n + update.n, 1) : NULL;
        if (!p) {
            ctx->flags |= DFL__NOMEM;
            return DFL_ENOMEM;
        }
        if (total->n)
            memcpy(p, total->p, total->n);
    }
    memcpy(p + total->n, update.p, update.n);
    *total = (dfl_bytes){p, total->n + update.n};
    return DFL_OK;
}

/* ---- what the branches of a section add ---- */

static dfl__wide wide_of(int64_t v) {
    return (dfl__wide){(uint64_t)v, v < 0 ? -1 : 0};
}

static int section_overflow(dfl_ctx *ctx, const char *field) {
    return dfl_fail(ctx, 1, "'%s' would overflow when its branches are joined", field);
}

static bool wide_less(dfl__wide a, dfl__wide b) {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

int dfl__wide_signed(dfl_ctx *ctx, int64_t *total, dfl__wide sum, int64_t min, int64_t max,
                     const char *field) {
    dfl__wide_add(&sum, wide_of(*total));
    if (wide_less(sum, wide_of(min)) || wide_less(wide_of(max), sum))
        return section_overflow(ctx, field);
    *total = (int64_t)sum.low;
    return DFL_OK;
}

int dfl__wide_unsigned(dfl_ctx *ctx, uint64_t *total, dfl__wide sum, uint64_t max,
                       const char *field) {
    dfl__wide_add(&sum, (dfl__wide){*total, 0});
    if (sum.high != 0 || sum.low > max)
        return section_overflow(ctx, field);
    *total = sum.low;
    return DFL_OK;
}
