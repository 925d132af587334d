/* A node's update of two items, for failing_reducer_fails_the_node.dfl. */
#ifndef FAILING_REDUCER_H
#define FAILING_REDUCER_H

#include <dfl.h>

static inline int add_two(dfl_ctx *ctx, int32_t *count, dfl_i32_list *items, dfl_str *log) {
    *count = 2, *log = DFL_STR("two;");
    dfl_i32_list_push(ctx, items, 1);
    return dfl_i32_list_push(ctx, items, 2);
}

#endif
