/* Runs that save, and go on from each of their saves as after a crash: they must end as the run that
 * nothing stopped, and no node may read what it did not read there. */
#ifndef ORACLE_CRASH_H
#define ORACLE_CRASH_H

#include "seen.h"

enum { FEW_RESUMES = 12, DEEPEST_CRASH = 2, FEW_STOPS = 2, MANY_STOPS = 12 };

/* ---- lines that tell of nodes, each once, in order of their text ---- */

typedef struct Lines {
    const char **all;
    size_t n;
} Lines;

static int by_text(const void *a, const void *b) {
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    size_t n = strcspn(x, "\n"), m = strcspn(y, "\n");
    int order = memcmp(x, y, n < m ? n : m);
    return order ? order : (n > m) - (n < m);
}

/* The lines of one kind, "custom ". */
static Lines lines_of(const char *text, const char *kind) {
    Lines lines = {NULL, 0};
    size_t most = 0, n = 0;
    for (const char *line = text; *line; line = next_line(line))
        most += tells(line, kind);
    lines.all = malloc((most + 1) * sizeof *lines.all);
    if (!lines.all)
        exit(2);
    for (const char *line = text; *line; line = next_line(line))
        if (tells(line, kind))
            lines.all[n++] = line;
    qsort(lines.all, n, sizeof *lines.all, by_text);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_text(&lines.all[i], &lines.all[lines.n - 1]) != 0)
            lines.all[lines.n++] = lines.all[i];
    return lines;
}

/* The lines of one kind in `got` must stand in the whole trace. */
static void compare_lines(Case *c, const char *what, const char *kind, const char *got) {
    Lines seen = lines_of(got, kind), whole = lines_of(c->expected->trace, kind);
    for (size_t i = 0; i < seen.n; i++)
        if (!bsearch(&seen.all[i], whole.all, whole.n, sizeof *whole.all, by_text))
            differs(c, what, "", seen.all[i]);
    free(seen.all);
    free(whole.all);
}

/* What the nodes have read, and what they gave. */
static void compare_reads(Case *c, const char *got) {
    compare_lines(c, "what a node reads", "custom ", got);
    compare_lines(c, "what a node gives", "updates ", got);
}

/* ---- what was done: once, and nothing twice ---- */

enum { MANY = 1000000 };

/* Behind the kinds of two events, "fan/work attempt 2 branch 0": the same but for the attempt. */
static bool same_node(const char *a, const char *b) {
    size_t n = strcspn(a, " "), m = strcspn(b, " ");
    if (n != m || memcmp(a, b, n) != 0)
        return false;
    a += n + strlen(" attempt "), b += m + strlen(" attempt ");
    return same_line(a + strspn(a, "0123456789"), b + strspn(b, "0123456789"));
}

/* Whether the node of a failed attempt did what it does in a later one. */
static bool succeeds_later(const char *error) {
    const char *node = error + strlen("node_error ");
    for (const char *at = error; tells(next_line(at), "retry ");) {
        do {
            at = next_line(at);
            if (tells(at, "node_end ") && same_node(at + 9, node))
                return true;
        } while (*at && (!tells(at, "node_error ") || !same_node(at + 11, node)));
    }
    return false;
}

/* What has failed for good is called again after a resume: it counts as many. An attempt before one that succeeds is
 * not: attempts outlive whatever stops a run. */
static bool has_failed(const char *custom) {
    const char *next = next_line(custom);
    if (tells(next, "node_error "))
        return !succeeds_later(next);
    return !tells(next, "node_end ") && !tells(next, "edge ");
}

/* A router is no step: what has only come past one saves nothing when it ends, and asks it again. */
static bool is_router(const char *custom) {
    const char *name = custom + strlen("custom ");
    for (const char *p = name; *p != ' '; p++)
        if (*p == '/')
            name = p + 1;
    return *name == 'r';
}

/* How often each of the lines stands in a text; in a trace, `optional` counts where it may as well not. */
typedef struct Tally {
    Lines lines;
    size_t *n, *optional;
} Tally;

static Tally tally_begin(const char *text) {
    Tally tally = {lines_of(text, "custom "), NULL, NULL};
    tally.n = calloc(2 * tally.lines.n + 1, sizeof *tally.n);
    if (!tally.n)
        exit(2);
    tally.optional = tally.n + tally.lines.n;
    return tally;
}

static void tally_free(Tally *tally) {
    free(tally->lines.all);
    free(tally->n);
}

/* The place of a line among those of the tally, or -1. */
static long place_in(const Tally *tally, const char *line) {
    const char **found = bsearch(&line, tally->lines.all, tally->lines.n, sizeof *found, by_text);
    return found ? (long)(found - tally->lines.all) : -1;
}

static Tally tally_trace(const Case *c, const char *trace) {
    Tally tally = tally_begin(trace);
    size_t depth = 0;
    for (const char *at = trace; *at; at = next_line(at)) {
        depth += tells(at, "?(");
        depth -= tells(at, "?)");
        if (tells(at, "custom ") && depth > 0) /* of what fails: it is tried again */
            tally.optional[place_in(&tally, at)] += MANY;
        else if (tells(at, "custom "))
            tally.n[place_in(&tally, at)] += has_failed(at) || (c->stopped && is_router(at)) ? MANY : 1;
    }
    return tally;
}

static Tally tally_done(const char *done) {
    Tally tally = tally_begin(done);
    for (const char *at = done; *at; at = next_line(at))
        if (tells(at, "custom "))
            tally.n[place_in(&tally, at)]++;
    return tally;
}

/* Each node has done what it does in the whole run, and as often. What was done is what a run did before a save, and
 * what one did that went on from there. */
static void account(Case *c, const char *done) {
    Tally should = tally_trace(c, c->expected->trace), did = tally_done(done);
    unsigned wrong = c->wrong;
    for (size_t i = 0; i < should.lines.n; i++) {
        long at = place_in(&did, should.lines.all[i]);
        if ((at < 0 ? 0 : did.n[at]) < should.n[i] % MANY + should.n[i] / MANY)
            differs(c, "what is done", should.lines.all[i], "(too rarely)");
    }
    for (size_t i = 0; i < did.lines.n && c->expected->status == DFL_OK; i++) {
        long at = place_in(&should, did.lines.all[i]);
        if (did.n[i] > (at < 0 ? 0 : should.n[at] + should.optional[at]))
            differs(c, "what is done", "(too often)", did.lines.all[i]);
    }
    tally_free(&should);
    tally_free(&did);
    if (c->show && c->wrong > wrong)
        fprintf(stderr, "---- done\n%s", done);
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
        uint32_t flags = type->members[i].flags;
        if (flags & DFL_FIELD_LOCAL)
            continue;
        if (is_output(type, &type->members[i]) && !(flags & DFL_FIELD_TRANSIENT))
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

enum { SEEN = (DFL_EV_ALL & ~DFL_EV_CHUNK) | DFL_STREAM_UPDATES | DFL_STREAM_VALUES };

/* What a run that goes on from a save has seen before it. */
typedef struct Before {
    const char *trace;
    size_t n;
} Before;

/* Where branches run one after the other, what was seen until a save is what it holds. Of the environment: the way's
 * options of dflc. */
static bool is_exact(const Case *c) {
    const char *flags = getenv("FLAGS");
    return flags && strstr(flags, "-fsections=inline") && !c->tested->has_threads;
}

static Ran run_watched(Case *c, const char *how, dfl_run run) {
    void *state = begin(c);
    Dice dice = {c->expected->input};
    c->how = how;
    c->tested->input(state, &dice);
    Ran ran = run_by(c, c->tested->run, state, run, c->tested->graph->no_events ? 0 : SEEN);
    if (ran.pauses > 0 && run.store)
        compare_outputs(c, shown(&ran.end));
    else
        compare(c, "the end", c->expected->end, shown(&ran.end));
    if (ran.seen.paused) {
        compare_reads(c, shown(&ran.seen.trace));
        if (!run.store) /* nothing of the state is gone */
            compare_lines(c, "the state", "values ", shown(&ran.seen.trace));
        account(c, shown(&ran.seen.trace));
    } else if (!c->tested->graph->no_events) {
        compare_trace(c, c->expected->trace, shown(&ran.seen.trace));
    }
    if (ran.seen.broken && ran.pauses == 0)
        differs(c, "the sequence", "", "");
    end(c, state);
    return ran;
}

/* ---- crashes ---- */

static void crash_at(Case *c, dfl_store *store, const Ran *ran, const Save *save, Before before, unsigned depth);

/* After some of the saves of a run, of which `before` was seen when it began. */
static void crash_in(Case *c, dfl_store *store, const Ran *ran, Before before, size_t most, unsigned depth) {
    Dice dice = {c->expected->input + depth};
    for (size_t i = 0; i < ran->seen.n_saves && i < most; i++) {
        size_t at = ran->seen.n_saves <= most ? i : dice_below(&dice, (uint32_t)ran->seen.n_saves);
        crash_at(c, store, ran, &ran->seen.saves[at], before, depth);
    }
}

/* Whatever came behind the save is lost. */
static void crash_at(Case *c, dfl_store *store, const Ran *ran, const Save *save, Before before, unsigned depth) {
    char checkpoint[24], how[64];
    Text seen = {NULL, 0, 0}, done = {NULL, 0, 0};
    void *state = begin(c);
    snprintf(checkpoint, sizeof checkpoint, "%llu", (unsigned long long)save->id);
    snprintf(how, sizeof how, "resumed from checkpoint %s", checkpoint);
    c->how = how;
    add(&seen, "%.*s%.*s", (int)before.n, before.trace, (int)save->seen, shown(&ran->seen.trace));
    Ran again = run_by(c, c->tested->resume, state,
                       (dfl_run){.thread_id = "t", .store = store, .checkpoint = checkpoint},
                       DFL_EV_CUSTOM | DFL_EV_CHECKPOINT | DFL_STREAM_UPDATES);
    compare_outputs(c, shown(&again.end));
    compare_reads(c, shown(&again.seen.trace));
    add(&done, "%s%s", shown(&seen), shown(&again.seen.trace));
    if (is_exact(c))
        account(c, shown(&done));
    end(c, state);
    if (depth < DEEPEST_CRASH)
        crash_in(c, store, &again, (Before){shown(&seen), seen.n}, 1, depth + 1);
    ran_free(&again);
    free(seen.p);
    free(done.p);
    c->how = "";
}

/* ---- stops ---- */

enum { SOME_TIME_NS = 500000 };

/* The run ends there; what it saved then goes on to the same end, and nothing is done twice. With
 * `checkpoint never` nothing may be saved. */
static void stop_at(Case *c, const char *how, Stop stop) {
    dfl_store *store = dfl_store_memory();
    void *state = begin(c);
    Dice dice = {c->expected->input};
    if (!store)
        abort();
    c->how = how;
    c->tested->input(state, &dice);
    Ran ran = run_stopped(c, c->tested->run, state, (dfl_run){.thread_id = "t", .store = store}, SEEN, stop);
    c->stopped = ran.stopped;
    if (ran.stopped && ran.status != DFL_ENOTFOUND) {
        compare_outputs(c, shown(&ran.end));
        compare_reads(c, shown(&ran.seen.trace));
        account(c, shown(&ran.seen.trace));
    }
    c->stopped = false;
    ran_free(&ran);
    end(c, state);
    dfl_store_close(store);
}

/* At an event, and as it waits before an attempt; each now by a cancel, now by the run's timeout. */
static void run_stops(Case *c) {
    Dice dice = {c->expected->input + 7};
    uint32_t events = 1, retries = 0;
    for (const char *line = c->expected->trace; *line; line = next_line(line)) {
        events++;
        retries += tells(line, "retry ");
    }
    for (unsigned i = 0; i < (getenv("TORTURE") ? MANY_STOPS : FEW_STOPS); i++) {
        int64_t time_ns = dice_below(&dice, 4) == 0 ? SOME_TIME_NS : 0;
        const char *how = time_ns ? "stopped by its timeout" : "cancelled";
        stop_at(c, how, (Stop){1 + dice_below(&dice, events), 0, time_ns});
        if (retries > 0)
            stop_at(c, how, (Stop){0, 1 + dice_below(&dice, retries), time_ns});
    }
}

/* That a run saves changes nothing else. */
static void run_saved(Case *c) {
    dfl_store *store = dfl_store_memory();
    if (!store)
        abort();
    Ran ran = run_watched(c, "saved", (dfl_run){.thread_id = "t", .store = store});
    crash_in(c, store, &ran, (Before){"", 0}, getenv("TORTURE") ? SIZE_MAX : FEW_RESUMES, 0);
    ran_free(&ran);
    dfl_store_close(store);
}

/* ---- updates ---- */

static uint32_t place_called(const dfl_graph *graph, const char *name) {
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        if (strcmp(graph->places[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

/* Whether the field that the error names has its default: then it may have been refused. */
static bool is_left_unset(const Case *c, const void *state, const dfl_error *error) {
    const dfl_type *type = c->tested->graph->state;
    size_t n = strcspn(error->message + 1, "'");
    void *unset = begin(c);
    bool same = false;
    for (uint32_t i = 0; i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        if (strlen(member->name) != n || memcmp(member->name, error->message + 1, n) != 0)
            continue;
        Text is = {NULL, 0, 0}, was = {NULL, 0, 0};
        add_value(&is, "", member->type, (const char *)state + member->offset);
        add_value(&was, "", member->type, (const char *)unset + member->offset);
        same = strcmp(shown(&is), shown(&was)) == 0;
        free(is.p);
        free(was.p);
    }
    end(c, unset);
    return same;
}

/* The thread goes on behind the node, with a state that a person has set. */
static bool update(Case *c, dfl_run run, const char *node) {
    void *state = begin(c);
    Dice dice = {c->expected->input + 1000};
    dfl_error error = {0};
    run.error = &error;
    c->tested->set_all(state, &dice);
    int status = c->tested->update(&run, state, place_called(c->tested->graph, node));
    if (status != DFL_OK && !is_left_unset(c, state, &error))
        differs(c, "the update", "", error.message);
    end(c, state);
    return status == DFL_OK;
}

/* Leaves what the thread "t" has saved when it has ended, or when it pauses first. */
static void run_before(Case *c, dfl_store *store, bool pauses) {
    void *state = begin(c);
    Dice dice = {c->expected->input};
    dfl_run run = {.thread_id = "t", .store = store, .pool = c->pool};
    c->tested->input(state, &dice);
    if (!pauses) {
        Ran ran = run_by(c, c->tested->run, state, run, 0);
        ran_free(&ran);
    } else if (c->tested->run(state, &run) != DFL_PAUSED) {
        differs(c, "the pause", "", "");
    }
    end(c, state);
}

static void run_updated(Case *c) {
    const char *node = strchr(c->expected->update, '/') + 1;
    bool is_new = tells(c->expected->update, "new/"), pauses = tells(c->expected->update, "paused/");
    dfl_store *store = dfl_store_memory();
    if (!store)
        abort();
    dfl_run on = {.thread_id = is_new ? "new" : "t", .store = store};
    c->how = "updated";
    run_before(c, store, pauses);
    void *state = begin(c);
    if (update(c, on, node)) {
        Ran ran = run_by(c, c->tested->resume, state, on, c->tested->graph->no_events ? 0 : SEEN);
        compare_outputs(c, shown(&ran.end));
        compare_reads(c, shown(&ran.seen.trace));
        account(c, shown(&ran.seen.trace));
        ran_free(&ran);
    }
    end(c, state);
    dfl_store_close(store);
}

#endif
