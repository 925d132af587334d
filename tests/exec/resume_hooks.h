/* Hooks that note which nodes a run starts, in written order, and count what else it does. */
#ifndef RESUME_HOOKS_H
#define RESUME_HOOKS_H

#include "check.h"

typedef struct seen {
    char nodes[2048];   /* "a b b/c " */
    int saved, retries, paused;
} seen;

static inline void see(void *user, const dfl_event *event) {
    seen *all = user;
    switch (event->kind) {
    case DFL_EVENT_NODE_START: {
        size_t n = strlen(all->nodes);
        snprintf(all->nodes + n, sizeof all->nodes - n, "%s ", event->path);
        break;
    }
    case DFL_EVENT_SAVED:
        all->saved++;
        break;
    case DFL_EVENT_RETRY:
        all->retries++;
        break;
    case DFL_EVENT_PAUSED:
        all->paused++;
        break;
    default:
        break;
    }
}

#define SEEN_HOOKS(SEEN)                                                                           \
    { .mask = DFL_EV_ALL, .on_event = see, .user = (SEEN), .ordered = true }

/* The nodes that were started since the last call. */
#define CHECK_NODES(SEEN, SHOULD_BE)                                                               \
    do {                                                                                           \
        CHECK_STR(((dfl_str){(SEEN)->nodes, strlen((SEEN)->nodes)}), SHOULD_BE);                   \
        (SEEN)->nodes[0] = 0;                                                                      \
    } while (0)

#endif
