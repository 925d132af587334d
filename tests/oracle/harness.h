/* What the program of generated graphs does: it runs each graph in every way, and compares with what the
 * oracle has said (interpret.c writes what is read here).
 *
 *     PROGRAM EXPECTED          all graphs
 *     PROGRAM EXPECTED GRAPH    one, with all that differs, in full
 *     PROGRAM EXPECTED --save DIR      only leaves the checkpoints of each run in DIR
 *     PROGRAM EXPECTED --resume DIR    only goes on from those that another version has left there
 *
 * 0: all agree, 1: something differs. */
#ifndef ORACLE_HARNESS_H
#define ORACLE_HARNESS_H

#include "versions.h"

/* ---- ways to run ---- */

static void run_plain(Case *c) {
    void *state = begin(c);
    Dice dice = {c->expected->input};
    c->how = "plain";
    c->tested->input(state, &dice);
    Ran ran = run_by(c, c->tested->run, state, (dfl_run){0}, 0);
    compare(c, "the end", c->expected->end, shown(&ran.end));
    ran_free(&ran);
    end(c, state);
}

static void run_unsaved(Case *c) {
    Ran ran = run_watched(c, "watched", (dfl_run){0});
    ran_free(&ran);
}

/* ---- runs of which only some is seen ---- */

/* The lines of the trace that such hooks are told, and what says that they may be missing. */
static Text keep_streams(const char *trace, uint32_t mask) {
    Text kept = {NULL, 0, 0};
    for (const char *line = trace; *line; line = next_line(line))
        if (tells(line, "?") || tells(line, "branch_") ||
            ((mask & DFL_STREAM_UPDATES) && tells(line, "updates ")) ||
            ((mask & DFL_STREAM_VALUES) && tells(line, "values ")))
            add(&kept, "%.*s\n", (int)strcspn(line, "\n"), line);
    return kept;
}

/* Streams do not need the events that stand around them in the whole trace. */
static void run_streams(Case *c) {
    static const uint32_t masks[] = {DFL_STREAM_VALUES, DFL_STREAM_UPDATES, DFL_STREAM_VALUES | DFL_STREAM_UPDATES};
    uint32_t mask = masks[c->expected->input % 3];
    Text wanted = keep_streams(c->expected->trace, mask);
    void *state = begin(c);
    Dice dice = {c->expected->input};
    c->how = "streams";
    c->tested->input(state, &dice);
    Ran ran = run_by(c, c->tested->run, state, (dfl_run){0}, mask | DFL_EV_BRANCH | DFL_EV_PAUSE);
    if (!ran.seen.paused)
        compare_trace(c, shown(&wanted), shown(&ran.seen.trace));
    ran_free(&ran);
    free(wanted.p);
    end(c, state);
}

static void run_case(Case *c) {
    if (strchr(c->expected->update, '/')) {
        if (!c->tested->graph->no_checkpoints)
            run_updated(c);
        return;
    }
    run_plain(c);
    if (!c->tested->graph->no_events) {
        run_unsaved(c);
        run_streams(c);
    }
    if (!c->tested->graph->no_checkpoints) {
        run_saved(c);
        run_stops(c);
    }
}

static const Tested *find(const Tested *const tested[], unsigned n, const char *name) {
    for (unsigned i = 0; i < n; i++)
        if (strcmp(tested[i]->name, name) == 0)
            return tested[i];
    exit(2);
}

static int harness_main(int argc, char **argv, const Tested *const tested[], unsigned n) {
    const char *only = argc == 3 ? argv[2] : NULL, *dir = argc == 4 ? argv[3] : NULL;
    bool saves = dir && strcmp(argv[2], "--save") == 0;
    unsigned wrong = 0;
    if (argc < 2)
        return 2;
    char *all = read_all(argv[1]), *at = all;
    dfl_pool *pools[] = {dfl_pool_new(4), dfl_pool_new(2), dfl_pool_new(3)};
    Expected expected;
    while ((at = read_expected(at, &expected)) != NULL) {
        Case c = {find(tested, n, expected.name), &expected, "", pools[expected.input % 3], only != NULL, false, 0};
        if (only && strcmp(only, expected.name) != 0)
            continue;
        bool updates = strchr(expected.update, '/') != NULL;
        if (!dir)
            run_case(&c);
        else if (!updates)
            (saves ? save_version : resume_version)(&c, dir);
        wrong += c.wrong > 0;
    }
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++)
        dfl_pool_free(pools[i]);
    free(all);
    return wrong > 0;
}

#endif
