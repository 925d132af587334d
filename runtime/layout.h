/* What checkpoints of a graph consist of, as a text that the store keeps beside them: so that a later
 * version of the graph, or a tool that has no graph at all, can read them.
 *
 *     state                        the saved fields, in their order
 *       ticker: string
 *       quotes: quote[]
 *     struct quote                 what these are made of
 *       symbol: string
 *       mood: mood
 *     enum mood
 *       calm = 0
 *       angry = 1
 *     counters                     of the outermost region, in their order
 *       steps
 *       b -> a
 *
 * Types are written as in a .dfl file, lines end with a newline. */
#ifndef DFL_LAYOUT_H
#define DFL_LAYOUT_H

#include "dfl.h"

/* A text that was read. */
typedef struct dfl__layout {
    dfl_type *state; /* DFL_KIND_STRUCT; its values are read by dfl__unpack_encoded and the like */
    const char **counters;
    uint32_t n_counters;
    dfl__mem mem; /* holds all of it */
} dfl__layout;

/* Appends the text of a graph that has a layout. DFL_OK or DFL_ENOMEM. */
int dfl__layout_text(const dfl_graph *graph, dfl_buf *out);
/* Any bytes are safe. DFL_OK, DFL_ECORRUPT (no such text) or DFL_ENOMEM; then there is nothing to
 * free. */
int dfl__layout_parse(const char *text, size_t n, dfl__layout *out);
void dfl__layout_free(dfl__layout *layout);

/* The fields of a state, one after the other, those whose bits are set; the others are left as they
 * are. DFL_OK, DFL_ECORRUPT or DFL_ENOMEM. */
int dfl__layout_read(dfl_ctx *ctx, const dfl__layout *layout, const uint8_t *live, dfl__in *in,
                     void *state);
/* Zero, empty or none, and the defaults of a struct's members where its type knows them. */
void dfl__set_zero(const dfl_type *type, void *value);

/* ---- convert.c ---- */

/* Why a value cannot be taken over: "quotes.price", "is i64, which f32 does not hold". */
typedef struct dfl__misfit {
    char field[128], why[160];
} dfl__misfit;

/* *to = *from, of another type: numbers may be wider, structs have other members, enums other
 * values of the same names, and what was there may be an option now. `to` holds a value of its type.
 * Memory may be shared with *from. DFL_OK, DFL_ENOMEM, or DFL_ESCHEMA with *misfit. */
int dfl__convert(dfl_ctx *ctx, const char *field, const dfl_type *from, const void *value,
                 const dfl_type *type, void *to, dfl__misfit *misfit);
/* The same by the types alone: whether every value of `from` that is possible today would do, but for
 * enum values that have gone, which are told, too. */
bool dfl__converts(const char *field, const dfl_type *from, const dfl_type *type,
                   dfl__misfit *misfit);

#endif
