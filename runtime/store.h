/* What a store is to the library: a table of operations (dfl_store_ops, dfl.h). Runs and the public
 * functions know no more. */
#ifndef DFL_STORE_H
#define DFL_STORE_H

#include "dfl.h"

struct dfl_store {
    const dfl_store_ops *ops;
    void *self;
    bool is_custom; /* made by dfl_store_custom, and freed with it; others are part of their `self` */
};

/* The two operations on layouts, which a store may lack: then it has none, and takes none. */
bool dfl__store_keeps_layouts(const dfl_store *store);
int dfl__store_layout(dfl_store *store, uint64_t mark, dfl_buf *out);

#endif
