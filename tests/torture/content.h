/* Checkpoints whose content follows from their thread and number: so each that is read can be judged by
 * itself. The number is the step; no thread has two with the same. */
#ifndef CONTENT_H
#define CONTENT_H

#include "torture.h"

#include "store.h"

enum { CONTENT_MOST = 300 * 1000 };

/* What a checkpoint consists of. */
typedef struct Content {
    size_t n;
    uint64_t layout;
    uint64_t fill; /* the bytes of the body follow from this */
    char next[40];
    char graph[8];
} Content;

static inline uint64_t content_hash(const char *text) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash;
}

/* Mostly short; some empty, and one in `rare` up to `most` bytes. */
static inline Content content_of(const char *thread, uint64_t number, uint64_t rare, size_t most) {
    Chance chance = chance_of(content_hash(thread), number);
    Content content = {.layout = 1 + chance_below(&chance, 5), .fill = chance_next(&chance)};
    content.n = (size_t)chance_below(&chance, chance_one_in(&chance, 8) ? 2 : 400);
    if (rare > 0 && chance_one_in(&chance, rare))
        content.n = (size_t)chance_below(&chance, most + 1);
    snprintf(content.next, sizeof content.next, "node%.*s", (int)chance_below(&chance, 30),
             "_of_a_name_that_may_be_long____");
    snprintf(content.graph, sizeof content.graph, "g%d", (int)content.layout);
    return content;
}

/* Eight bytes at a time, each word by its place: no stretch of a body is like another. */
static inline void content_fill(const Content *content, uint8_t *body) {
    Chance chance = {content->fill};
    for (size_t at = 0; at < content->n; at += 8) {
        uint64_t word = chance_next(&chance);
        size_t left = content->n - at;
        memcpy(body + at, &word, left < 8 ? left : 8);
    }
}

static inline int content_put(dfl_store *store, const char *thread, uint64_t number,
                              const Content *content, dfl_durability durability, uint64_t *id) {
    uint8_t *body = malloc(content->n + 1);
    dfl_record record = {
        .graph = content->graph, .layout = content->layout, .body = body, .n = content->n};
    int status;
    MUST(body, "no memory");
    content_fill(content, body);
    record.about.thread = thread;
    record.about.next = content->next;
    record.about.step = number;
    record.about.bytes = content->n;
    status = store->ops->put(store->self, &record, durability, id);
    free(body);
    return status;
}

/* Whether a record that was read is what was put under its number. */
static inline bool content_is_right(const char *thread, const dfl_record *record,
                                    const Content *content) {
    uint8_t *body = malloc(content->n + 1);
    bool is_right;
    MUST(body, "no memory");
    content_fill(content, body);
    is_right = record->n == content->n &&
               (content->n == 0 || !memcmp(record->body, body, content->n)) &&
               record->layout == content->layout && record->about.bytes == content->n &&
               !strcmp(record->about.next, content->next) &&
               !strcmp(record->graph, content->graph) && !strcmp(record->about.thread, thread);
    free(body);
    return is_right;
}

#endif
