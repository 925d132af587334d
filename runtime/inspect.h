/* A checkpoint looked at without its graph: by the layout that the store keeps. For tools. */
#ifndef DFL_INSPECT_H
#define DFL_INSPECT_H

#include "layout.h"
#include "store.h"

typedef struct dfl__seen_ask {
    dfl_str node, text;
    bool answered;
} dfl__seen_ask;

/* What was seen; all in `hold`, `layout` and `mem`. */
typedef struct dfl__seen {
    dfl_record record;
    dfl__layout layout;
    bool is_after;      /* behind the node, whose edge is chosen at the resume */
    bool is_within;     /* within the section or subgraph there */
    bool has_error;
    dfl_error error;    /* the last one */
    uint64_t *counts;   /* by layout.counters */
    dfl__seen_ask *asks;
    size_t n_asks;
    const uint8_t *live;    /* which fields of layout.state were saved */
    const void *state;      /* a value of layout.state; of fields that were not saved: zero */
    dfl_buf hold;
    dfl__mem mem;
} dfl__seen;

/* The checkpoint `id` of a thread, 0: its latest. DFL_OK; DFL_ENOTFOUND: no such checkpoint;
 * DFL_ESCHEMA: the store does not tell what it consists of, or it is of a newer form; DFL_ECORRUPT,
 * DFL_ESTORE, DFL_ENOMEM. Whatever is returned, *out is to be given to dfl__seen_free. */
int dfl__inspect(dfl_store *store, const char *thread, uint64_t id, dfl__seen *out);
void dfl__seen_free(dfl__seen *seen);
/* Appends {"id":..,"thread":..,"state":{..}} and so on, in one line. DFL_OK or DFL_ENOMEM. */
int dfl__seen_json(const dfl__seen *seen, dfl_buf *out);

#endif
