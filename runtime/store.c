/* The public face of every store: checks the arguments, then asks the store's operations. */
#include "store.h"

#include "mem.h"

void dfl_store_close(dfl_store *store) {
    bool is_custom = store && store->is_custom;
    if (store)
        store->ops->close(store->self);
    if (is_custom)
        dfl__free(store);
}

dfl_store *dfl_store_custom(const dfl_store_ops *ops, void *self) {
    dfl_store *store;
    if (!ops || !ops->put || !ops->latest || !ops->read || !ops->history || !ops->threads ||
        !ops->delete_thread || !ops->prune || !ops->close || !ops->put_layout != !ops->layout)
        return NULL;
    store = dfl__malloc(sizeof *store);
    if (store)
        *store = (dfl_store){ops, self, true};
    return store;
}

bool dfl__store_keeps_layouts(const dfl_store *store) {
    return store->ops->layout != NULL;
}

int dfl__store_layout(dfl_store *store, uint64_t mark, dfl_buf *out) {
    return store->ops->layout ? store->ops->layout(store->self, mark, out) : DFL_ENOTFOUND;
}

int dfl_store_latest(dfl_store *store, const char *thread, dfl_checkpoint *out) {
    if (!store || !thread || !out)
        return DFL_EINVAL;
    return store->ops->latest(store->self, thread, out);
}

int dfl_store_history(dfl_store *store, const char *thread, size_t limit,
                      int (*each)(void *user, const dfl_checkpoint *), void *user) {
    if (!store || !thread || !each)
        return DFL_EINVAL;
    return store->ops->history(store->self, thread, limit, each, user);
}

int dfl_store_threads(dfl_store *store, int (*each)(void *user, const char *thread), void *user) {
    if (!store || !each)
        return DFL_EINVAL;
    return store->ops->threads(store->self, each, user);
}

int dfl_store_delete_thread(dfl_store *store, const char *thread) {
    if (!store || !thread)
        return DFL_EINVAL;
    return store->ops->delete_thread(store->self, thread);
}

int dfl_store_prune(dfl_store *store, const char *thread, size_t keep) {
    if (!store || !thread || keep == 0)
        return DFL_EINVAL;
    return store->ops->prune(store->self, thread, keep);
}

int dfl_store_sync(dfl_store *store) {
    if (!store)
        return DFL_EINVAL;
    return store->ops->sync ? store->ops->sync(store->self) : DFL_OK;
}

int dfl_store_verify(dfl_store *store, void (*on_damage)(void *user, const dfl_damage *damage),
                     void *user) {
    if (!store)
        return DFL_EINVAL;
    return store->ops->verify ? store->ops->verify(store->self, on_damage, user) : DFL_OK;
}

int dfl_store_compact(dfl_store *store) {
    if (!store)
        return DFL_EINVAL;
    return store->ops->compact ? store->ops->compact(store->self) : DFL_OK;
}
