/* Hooks that note which nodes a run has finished, in written order, and count what else it does. */
#ifndef RESUME_HOOKS_H
#define RESUME_HOOKS_H

#include "check.h"

typedef struct seen {
    char nodes[2048];   /* "a b! c/d ": b has failed */
    int saved, retries, paused;
} seen;

static inline void see(void *user, const dfl_event *event) {
    seen *all = user;
    switch (event->kind) {
    case DFL_EVENT_NODE_END:
    case DFL_EVENT_NODE_ERROR: {
        size_t n = strlen(all->nodes);
        snprintf(all->nodes + n, sizeof all->nodes - n, "%s%s ", event->path,
                 event->kind == DFL_EVENT_NODE_END ? "" : "!");
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

/* The nodes that ended since the last call. */
#define CHECK_NODES(SEEN, SHOULD_BE)                                                               \
    do {                                                                                           \
        CHECK_STR(((dfl_str){(SEEN)->nodes, strlen((SEEN)->nodes)}), SHOULD_BE);                   \
        (SEEN)->nodes[0] = 0;                                                                      \
    } while (0)

#endif
