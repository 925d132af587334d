/* The nodes of state.dfl. */
#ifndef NODES_H
#define NODES_H

#include "state.h"

#define UNUSED(X) (void)(X)
static inline int64_t more(int64_t e) {
    return e < INT64_MAX ? e + 1 : e;
}
int all_first(dfl_ctx *ctx, int64_t *e) {
    UNUSED(ctx);
    *e = more(*e);
    return 0;
}
int all_left(dfl_ctx *ctx, int64_t e, int64_t *total) {
    UNUSED(ctx);
    *total = e % 100;
    return 0;
}
int all_right(dfl_ctx *ctx, int64_t e, dfl_str_list *log) {
    return dfl_str_list_push(ctx, log, dfl_printf(ctx, "right %lld", (long long)e));
}
int all_one(dfl_ctx *ctx, int32_t it, int64_t *total) {
    UNUSED(ctx);
    *total = it % 10;
    return 0;
}
int all_asks(dfl_ctx *ctx, dfl_str *l) {
    *l = dfl_printf(ctx, "%.*s!", DFL_ARG(*l));
    return 0;
}
int part_step(dfl_ctx *ctx, int64_t out_of, int64_t *e) {
    UNUSED(ctx);
    *e = more(out_of);
    return 0;
}
/* Reads all of the state, as deep as it goes. */
int all_last(dfl_ctx *ctx, const all_state *s, int64_t *e) {
    dfl_buf text = {0};
    UNUSED(ctx);
    int rc = all_to_json(s, &text);
    *e = (int64_t)text.n;
    dfl_buf_free(&text);
    return rc == DFL_OK ? 0 : 1;
}

int wide_each_one(dfl_ctx *ctx, int32_t x, const leaf *who, int64_t *total, dfl_str_list *words) {
    *total = x % 10;
    return x % 7 ? dfl_str_list_push(ctx, words, who->name) : dfl_fail(ctx, 1, "%d", (int)x);
}
int wide_west(dfl_ctx *ctx, int64_t e, int64_t *total) {
    UNUSED(ctx);
    *total = e % 100;
    return 0;
}
int wide_east(dfl_ctx *ctx, const leaf *who, int64_t e, dfl_str_list *words, int64_t *e_out) {
    *e_out = more(e);
    return e % 3 ? dfl_str_list_append(ctx, words, &who->tags) : dfl_fail(ctx, 2, "%lld", (long long)e);
}

#endif
