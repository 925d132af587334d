/* What the nodes of both sides are made of. */
#ifndef NODES_H
#define NODES_H

#include <dfl.h>

#include <inttypes.h>
#include <stdio.h>

/* A key of a map, formatted as the seed's nodes do. It lives until the next one. */
#define KEY(CTX, ...) dfl_printf(CTX, __VA_ARGS__)

/* A worker of a fan-out: a message and a result. */
#define WORKER(GRAPH, I)                                                                           \
    int GRAPH##_worker##I(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata) {           \
        dfl_str_list_push(ctx, messages, dfl_printf(ctx, "Worker %d processing", I));              \
        dfl_str_map_put(ctx, metadata, KEY(ctx, "worker%d_result", I), DFL_STR("completed"));      \
        return 0;                                                                                  \
    }

#endif
