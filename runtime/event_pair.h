/* Which events begin something, and which end it. */
#ifndef DFL_EVENT_PAIR_H
#define DFL_EVENT_PAIR_H

#include "dfl.h"

typedef enum dfl__pair {
    DFL__PAIR_NONE,
    DFL__PAIR_RUN,
    DFL__PAIR_NODE,
    DFL__PAIR_SECTION,
    DFL__PAIR_BRANCH,
    DFL__PAIR_CHUNK
} dfl__pair;

static inline dfl__pair dfl__begins(dfl_event_kind kind) {
    switch (kind) {
    case DFL_EVENT_RUN_START:
        return DFL__PAIR_RUN;
    case DFL_EVENT_NODE_START:
        return DFL__PAIR_NODE;
    case DFL_EVENT_FORK:
        return DFL__PAIR_SECTION;
    case DFL_EVENT_BRANCH_START:
        return DFL__PAIR_BRANCH;
    case DFL_EVENT_CHUNK_START:
        return DFL__PAIR_CHUNK;
    default:
        return DFL__PAIR_NONE;
    }
}

/* A pause that does not end a node's attempt looks the same: it has no start. See dfl__ended_by. */
static inline dfl__pair dfl__ends(dfl_event_kind kind) {
    switch (kind) {
    case DFL_EVENT_RUN_END:
        return DFL__PAIR_RUN;
    case DFL_EVENT_NODE_END:
    case DFL_EVENT_NODE_ERROR:
    case DFL_EVENT_PAUSED:
        return DFL__PAIR_NODE;
    case DFL_EVENT_JOIN:
        return DFL__PAIR_SECTION;
    case DFL_EVENT_BRANCH_END:
        return DFL__PAIR_BRANCH;
    case DFL_EVENT_CHUNK_END:
        return DFL__PAIR_CHUNK;
    default:
        return DFL__PAIR_NONE;
    }
}

/* A pause before a node ends nothing: it has no start, and is in nothing that has one. */
static inline dfl__pair dfl__ended_by(const dfl_event *event) {
    bool bare = event->kind == DFL_EVENT_PAUSED && event->parent == 0;
    return bare ? DFL__PAIR_NONE : dfl__ends(event->kind);
}

/* What a start and its end have in common, whatever memory there was for spans. Two that are open at
 * once may have the same (elements of several eaches around); then their starts and their ends are as
 * many. */
typedef struct dfl__pair_key {
    dfl__pair pair;
    uint32_t place;
    int32_t branch;
    int64_t index;
} dfl__pair_key;

static inline dfl__pair_key dfl__key_of(dfl__pair pair, const dfl_event *event) {
    if (pair == DFL__PAIR_RUN)
        return (dfl__pair_key){pair, UINT32_MAX, -1, -1};
    return (dfl__pair_key){pair, event->place, event->branch, event->index};
}

static inline bool dfl__same_key(dfl__pair_key a, dfl__pair_key b) {
    return a.pair == b.pair && a.place == b.place && a.branch == b.branch && a.index == b.index;
}

#endif
