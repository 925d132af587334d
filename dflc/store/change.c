/* fork, rm, prune and compact. */
#include <inttypes.h>
#include <stdio.h>

#include "../cmd.h"
#include "store.h"
#include "tool.h"

/* The new thread begins with a copy, which follows nothing; the old one is left as it is. */
int store_fork(Tool *tool) {
    const dfl_store_ops *ops = tool->store->ops;
    const char *thread = tool->words[0], *name = tool->words[2];
    dfl_record record;
    dfl_checkpoint there;
    dfl_buf hold = {0};
    uint64_t id;
    int status;
    if (!tool_number(tool, 1, &id))
        return BAD_USE;
    if (dfl_store_latest(tool->store, name, &there) != DFL_ENOTFOUND) {
        fprintf(stderr, "dflc: the store '%s' has a thread '%s' already\n", tool->path, name);
        return BAD_INPUT;
    }
    status = ops->read(tool->store->self, thread, id, &record, &hold);
    if (status == DFL_OK) {
        record.about.thread = name;
        record.about.previous = 0;
        status = ops->put(tool->store->self, &record, DFL_SYNC, &id);
    }
    dfl_buf_free(&hold);
    if (status != DFL_OK)
        return tool_failed(tool, thread, status);
    printf("thread %s begins with checkpoint %" PRIu64 "\n", name, id);
    return DONE;
}

int store_rm(Tool *tool) {
    int status = dfl_store_delete_thread(tool->store, tool->words[0]);
    return status == DFL_OK ? DONE : tool_failed(tool, tool->words[0], status);
}

int store_prune(Tool *tool) {
    uint64_t keep;
    int status;
    if (!tool_number(tool, 1, &keep))
        return BAD_USE;
    status = dfl_store_prune(tool->store, tool->words[0], (size_t)keep);
    return status == DFL_OK ? DONE : tool_failed(tool, tool->words[0], status);
}

/* Damage has been told by then, and is kept beside the log. */
int store_compact(Tool *tool) {
    int status = dfl_store_compact(tool->store);
    if (status == DFL_OK)
        return DONE;
    return status == DFL_ECORRUPT ? BAD_INPUT : tool_failed(tool, NULL, status);
}
