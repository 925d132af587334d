/* What one version of the graphs has saved, a later one goes on from. */
#ifndef ORACLE_VERSIONS_H
#define ORACLE_VERSIONS_H

#include "crash.h"

static dfl_store *store_of(const Case *c, const char *dir) {
    char path[4096];
    dfl_store *store = NULL;
    snprintf(path, sizeof path, "%s/%s.%u", dir, c->expected->name, c->expected->input);
    if (dfl_store_open(path, NULL, &store) != DFL_OK)
        exit(2);
    return store;
}

static void save_version(Case *c, const char *dir) {
    dfl_store *store = store_of(c, dir);
    void *state = begin(c);
    Dice dice = {c->expected->input};
    c->tested->input(state, &dice);
    Ran ran = run_by(c, c->tested->run, state,
                     (dfl_run){.thread_id = "t", .store = store, .durability = DFL_ASYNC}, 0);
    ran_free(&ran);
    end(c, state);
    dfl_store_close(store);
}

typedef struct Ids {
    uint64_t all[4 * FEW_RESUMES];
    size_t n;
} Ids;

static int note_id(void *user, const dfl_checkpoint *checkpoint) {
    Ids *ids = (Ids *)user;
    ids->all[ids->n++] = checkpoint->id;
    return 0;
}

static void resume_version(Case *c, const char *dir) {
    dfl_store *store = store_of(c, dir);
    Ids ids = {{0}, 0};
    (void)dfl_store_history(store, "t", sizeof ids.all / sizeof *ids.all, note_id, &ids);
    for (size_t i = 0; i < ids.n; i++) {
        char checkpoint[24], how[64];
        void *state = begin(c);
        snprintf(checkpoint, sizeof checkpoint, "%llu", (unsigned long long)ids.all[i]);
        snprintf(how, sizeof how, "from checkpoint %s of the other version", checkpoint);
        c->how = how;
        Ran ran = run_by(c, c->tested->resume, state,
                         (dfl_run){.thread_id = "t", .store = store, .durability = DFL_ASYNC, .checkpoint = checkpoint},
                         DFL_EV_CUSTOM | DFL_STREAM_UPDATES);
        if (!ran.refused || strcmp(c->expected->update, "-") == 0)
            compare_outputs(c, shown(&ran.end));
        compare_reads(c, shown(&ran.seen.trace));
        ran_free(&ran);
        end(c, state);
        c->how = "";
    }
    dfl_store_close(store);
}

#endif
