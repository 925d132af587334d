/* Runs that save, and go on from each of their saves as after a crash: they must end as the run that
 * nothing stopped, and no node may read what it did not read there. */
#ifndef ORACLE_CRASH_H
#define ORACLE_CRASH_H

#include "seen.h"

enum { MOST_RESUMES = 12, DEEPEST_CRASH = 2 };

/* What the nodes have read, in the lines of `got`, must stand in the whole trace. */
static void compare_reads(Case *c, const char *got) {
    for (const char *line = got; *line; line = next_line(line)) {
        const char *at = c->expected->trace;
        if (strncmp(line, "custom ", 7) != 0)
            continue;
        while (*at && !same_line(at, line))
            at = next_line(at);
        if (!*at)
            differs(c, "what a node reads", "", line);
    }
}

/* What is saved of a finished run are its outputs. */
static bool is_output(const dfl_type *state, const dfl_member *member) {
    bool any = false;
    for (uint32_t i = 0; i < state->n; i++)
        any |= (state->members[i].flags & DFL_FIELD_OUT) != 0;
    return !any || (member->flags & DFL_FIELD_OUT);
}

/* The expected end, with the lines of the outputs only; of a failed run, none. */
static void keep_outputs(Text *out, const Tested *tested, const char *end, int status) {
    const dfl_type *type = tested->graph->state;
    add(out, "%.*s\n", (int)strcspn(end, "\n"), end);
    end = next_line(end);
    if (status) {
        add(out, "%.*s\n", (int)strcspn(end, "\n"), end);
        return;
    }
    for (uint32_t i = 0; i < type->n; i++) {
        if (type->members[i].flags & DFL_FIELD_LOCAL)
            continue;
        if (is_output(type, &type->members[i]))
            add(out, "%.*s\n", (int)strcspn(end, "\n"), end);
        end = next_line(end);
    }
}

static void compare_outputs(Case *c, const char *got) {
    Text wanted = {NULL, 0, 0}, kept = {NULL, 0, 0};
    keep_outputs(&wanted, c->tested, c->expected->end, c->expected->status);
    keep_outputs(&kept, c->tested, got, c->expected->status);
    compare(c, "the end", shown(&wanted), shown(&kept));
    free(wanted.p);
    free(kept.p);
}

/* What is told of saves depends on the threads. */
enum { SEEN = DFL_EV_ALL & ~(DFL_EV_CHUNK | DFL_EV_CHECKPOINT) };

static void run_watched(Case *c, const char *how, dfl_run run) {
    void *state = begin(c);
    Dice dice = {c->expected->input};
    c->how = how;
    c->tested->input(state, &dice);
    Ran ran = run_by(c, c->tested->run, state, run, c->tested->graph->no_events ? 0 : SEEN);
    if (ran.pauses > 0 && run.store)
        compare_outputs(c, shown(&ran.end));
    else
        compare(c, "the end", c->expected->end, shown(&ran.end));
    if (ran.pauses > 0)
        compare_reads(c, shown(&ran.seen.trace));
    else if (!c->tested->graph->no_events)
        compare_trace(c, c->expected->trace, shown(&ran.seen.trace));
    if (ran.seen.broken && ran.pauses == 0)
        differs(c, "the sequence", "", "");
    ran_free(&ran);
    end(c, state);
}

/* ---- saves ---- */

/* Ids of checkpoints, the newest first. */
typedef struct Saves {
    uint64_t id[MOST_RESUMES * 64];
    size_t n;
} Saves;

static int note_save(void *user, const dfl_checkpoint *checkpoint) {
    Saves *saves = (Saves *)user;
    if (saves->n < sizeof saves->id / sizeof *saves->id)
        saves->id[saves->n++] = checkpoint->id;
    return 0;
}

/* ---- crashes ---- */

static Saves saves_of(dfl_store *store) {
    Saves saves = {.n = 0};
    if (dfl_store_history(store, "t", 0, note_save, &saves) == DFL_ENOMEM)
        abort();
    return saves;
}

static void crash_at(Case *c, dfl_store *store, uint64_t id, unsigned depth);

/* The same for one of the saves of a run that went on. */
static void crash_again(Case *c, dfl_store *store, uint64_t newest, unsigned depth) {
    Saves saves = saves_of(store);
    Dice dice = {newest};
    uint32_t n = 0;
    while (n < saves.n && saves.id[n] > newest)
        n++;
    if (n > 0 && depth < DEEPEST_CRASH)
        crash_at(c, store, saves.id[dice_below(&dice, n)], depth + 1);
}

/* Whatever came behind checkpoint `id` is lost. */
static void crash_at(Case *c, dfl_store *store, uint64_t id, unsigned depth) {
    char checkpoint[24], how[64];
    uint64_t newest = saves_of(store).id[0];
    void *state = begin(c);
    snprintf(checkpoint, sizeof checkpoint, "%llu", (unsigned long long)id);
    snprintf(how, sizeof how, "resumed from checkpoint %s", checkpoint);
    c->how = how;
    Ran ran = run_by(c, c->tested->resume, state,
                     (dfl_run){.thread_id = "t", .store = store, .checkpoint = checkpoint},
                     c->tested->graph->no_events ? 0 : DFL_EV_CUSTOM);
    compare_outputs(c, shown(&ran.end));
    compare_reads(c, shown(&ran.seen.trace));
    ran_free(&ran);
    end(c, state);
    crash_again(c, store, newest, depth);
    c->how = "";
}

/* That a run saves changes nothing else. */
static void run_saved(Case *c) {
    dfl_store *store = dfl_store_memory();
    Dice dice = {c->expected->input};
    if (!store)
        abort();
    run_watched(c, "saved", (dfl_run){.thread_id = "t", .store = store});
    Saves saves = saves_of(store);
    for (size_t i = 0; i < saves.n && i < MOST_RESUMES; i++) {
        size_t at = saves.n <= MOST_RESUMES ? i : dice_below(&dice, (uint32_t)saves.n);
        crash_at(c, store, saves.id[at], 0);
    }
    dfl_store_close(store);
}

#endif
