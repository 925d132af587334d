/* The history of a thread, as a run. A checkpoint says where the run stands, how many nodes have run, and
 * what the fields hold; what ran between two of them is found by path.c. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../store/tool.h"
#include "path.h"

enum { MOST_CHECKPOINTS = 10000 };

typedef struct History {
    Arena *arena;
    const Graph *graph;
    dfl_store *store;
    Trace *trace;
    RunTold *run;
    uint64_t *ids; /* newest first */
    size_t n_ids, cap_ids;
    const char *why;
} History;

/* A checkpoint, as far as it matters here. */
typedef struct Stand {
    const Place *place; /* that is next; NULL: there is none of the name */
    bool after;         /* its work is done */
    uint64_t id, step;
    int64_t ns;
    bool asks;          /* somebody was asked, which saves too */
    const char *failed; /* the node of the last failure; NULL: none */
    const char *error;  /* what it said */
    Wrote *fields;      /* those that were saved */
    size_t n;
} Stand;

/* ---- reading ---- */

static const Place *place_named(const Graph *graph, const char *name) {
    const Region *region = graph->regions[0];
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        const char *is = place->section          ? place->section->label
                         : place->node           ? place->node->name
                         : place->kind == PL_END ? "end"
                                                 : "";
        if (strcmp(is, name) == 0)
            return place;
    }
    return NULL;
}

static void read_fields(History *h, const dfl__seen *seen, Stand *stand) {
    const dfl_type *state = seen->layout.state;
    stand->fields = ARENA_ARRAY(h->arena, Wrote, state->n + 1);
    for (uint32_t i = 0; i < state->n; i++) {
        const char *value = checkpoint_value(h->arena, seen, i), *name = state->members[i].name;
        if (value)
            stand->fields[stand->n++] = (Wrote){arena_strndup(h->arena, name, strlen(name)), value};
    }
}

static bool is_of(const dfl__seen *seen, const Graph *graph) {
    return strcmp(seen->record.graph, graph->name) == 0;
}

static void take_stand(History *h, const dfl__seen *seen, Stand *stand) {
    const dfl_checkpoint *about = &seen->record.about;
    if (!is_of(seen, h->graph)) {
        h->why = arena_printf(h->arena, "it is of graph '%s', not of '%s'", seen->record.graph,
                              h->graph->name);
        return;
    }
    *stand = (Stand){.place = place_named(h->graph, about->next),
                     .after = seen->is_after,
                     .id = about->id,
                     .step = about->step,
                     .ns = about->time_ns};
    if (!stand->place)
        h->why = arena_printf(h->arena,
                              "'%s' is not in graph '%s'; was it made by another version of it?",
                              about->next, h->graph->name);
    stand->asks = seen->n_asks > 0;
    if (seen->has_error) {
        stand->failed = arena_strndup(h->arena, seen->error.node, strlen(seen->error.node));
        stand->error = arena_strndup(h->arena, seen->error.message, strlen(seen->error.message));
    }
    read_fields(h, seen, stand);
}

static const char *status_text(const History *h, int status) {
    if (status == DFL_ENOTFOUND)
        return "the store has no such thread";
    if (status == DFL_ESCHEMA)
        return "the store does not tell what the checkpoint consists of";
    if (status == DFL_ESTORE)
        return strerror(errno);
    return arena_printf(h->arena, "%s", dfl_strerror(status));
}

static void read_stand(History *h, const char *thread, uint64_t id, Stand *stand) {
    dfl__seen seen;
    int status = dfl__inspect(h->store, thread, id, &seen);
    if (status == DFL_OK)
        take_stand(h, &seen, stand);
    else
        h->why = status_text(h, status);
    dfl__seen_free(&seen);
}

static int add_id(void *user, const dfl_checkpoint *about) {
    History *h = user;
    ARENA_PUSH(h->arena, h->ids, h->n_ids, h->cap_ids, about->id);
    return 0;
}

/* ---- telling ---- */

static void add_moment(History *h, Moment moment) {
    ARENA_PUSH(h->arena, h->run->moments, h->run->n, h->run->cap, moment);
}

static Part *add_part(History *h, PartKind kind, const char *at) {
    Part *part = ARENA_NEW(h->arena, Part), *run = h->run->part;
    part->kind = kind;
    part->at = at;
    part->branch = part->element = -1;
    part->around = run;
    *(run->last ? &run->last->next : &run->first) = part;
    run->last = part;
    return part;
}

static Part *add_place(History *h, const Place *place, int64_t ns) {
    Part *part = add_part(h, place->section ? PART_SECTION : PART_NODE,
                          place->section ? place->section->label : place->node->name);
    part->begin_ns = part->end_ns = ns;
    part->closed = place->section || place->node->runs;
    return part;
}

static void ran(History *h, const Place *place, int64_t ns, bool failed) {
    Part *part = add_place(h, place, ns);
    part->ended = true;
    part->status = failed ? DFL_ENODE : DFL_OK;
    add_moment(h, (Moment){.ns = ns, .part = part});
    add_moment(h, (Moment){.ns = ns, .part = part, .ends = true});
}

static void gap(History *h, const Stand *from, const Stand *to) {
    const char *steps = arena_printf(h->arena, "%" PRIu64 " steps", to->step - from->step);
    add_part(h, PART_GAP, "");
    add_moment(h, (Moment){.ns = to->ns,
                           .part = h->run->part,
                           .note = arena_printf(h->arena, "%s that no checkpoint tells of",
                                                to->step > from->step ? steps : "a way")});
}

/* The last failure is kept in all checkpoints that follow. */
static bool has_failed_since(const Stand *from, const Stand *to) {
    return to->failed && (!from->failed || strcmp(from->failed, to->failed) != 0 ||
                          strcmp(from->error, to->error) != 0);
}

static void tell_between(History *h, const Stand *from, const Stand *to) {
    bool failed = has_failed_since(from, to), ends = to->place->kind == PL_END;
    bool pauses = to->place->node && to->place->node->pause_before;
    PathFound path =
        path_find(h->arena, &(PathAsked){.graph = h->graph,
                                         .from = from->place,
                                         .from_done = from->after,
                                         .to = to->place,
                                         .to_done = to->after,
                                         .steps = to->step - from->step,
                                         .failed = failed ? to->failed : NULL,
                                         .by_saver = h->graph->policy == CP_MARKED && !to->after &&
                                                     !to->asks && !pauses && !ends});
    for (size_t i = 0; i < path.n; i++)
        ran(h, path.all[i].place, to->ns, path.all[i].failed);
    if (!path.found)
        gap(h, from, to);
}

static const char *value_in(const Stand *stand, const char *field) {
    for (size_t i = 0; stand && i < stand->n; i++)
        if (strcmp(stand->fields[i].field, field) == 0)
            return stand->fields[i].value;
    return NULL;
}

static void tell_checkpoint(History *h, const Stand *before, const Stand *stand) {
    Wrote *changed = ARENA_ARRAY(h->arena, Wrote, stand->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < stand->n; i++) {
        const char *was = value_in(before, stand->fields[i].field);
        if (!was || strcmp(was, stand->fields[i].value) != 0)
            changed[n++] = stand->fields[i];
    }
    const char *next = stand->place->kind == PL_END ? "end"
                       : stand->place->section      ? stand->place->section->label
                                                    : stand->place->node->name;
    const char *note = arena_printf(h->arena, "checkpoint %" PRIu64 ", %s %s", stand->id,
                                    stand->after ? "behind" : "next is", next);
    if (stand->error && (!before || has_failed_since(before, stand)))
        note = arena_printf(h->arena, "%s; %s has failed: %s", note, stand->failed, stand->error);
    add_moment(
        h,
        (Moment){
            .ns = stand->ns, .part = h->run->part, .note = note, .wrote = changed, .n_wrote = n});
}

static void tell_end(History *h, const Stand *last) {
    Part *run = h->run->part;
    if (last->place->kind == PL_END) {
        run->ended = true;
        run->end_ns = last->ns;
        add_moment(h, (Moment){.ns = last->ns, .part = run, .ends = true});
    } else if (!last->after) {
        add_place(h, last->place, last->ns)->is_next = true;
    }
}

/* ---- all of it ---- */

static void begin_run(History *h, const Stand *first) {
    h->run = ARENA_NEW(h->arena, RunTold);
    h->run->number = 1;
    h->run->part = ARENA_NEW(h->arena, Part);
    *h->run->part = (Part){
        .kind = PART_RUN, .at = h->graph->name, .begin_ns = first->ns, .branch = -1, .element = -1};
    h->run->resumed = first->step > 0 || first->after;
    ARENA_PUSH(h->arena, h->trace->runs, h->trace->n_runs, h->trace->cap_runs, h->run);
    add_moment(h, (Moment){.ns = first->ns, .part = h->run->part});
}

static void tell_all(History *h, const char *thread) {
    Stand before = {0}, stand;
    for (size_t i = h->n_ids; i-- > 0;) {
        bool is_first = i + 1 == h->n_ids;
        stand = (Stand){0};
        read_stand(h, thread, h->ids[i], &stand);
        if (h->why)
            return;
        if (is_first)
            begin_run(h, &stand);
        else
            tell_between(h, &before, &stand);
        tell_checkpoint(h, is_first ? NULL : &before, &stand);
        before = stand;
    }
    tell_end(h, &before);
}

static void read_thread(History *h, const char *thread) {
    int status = dfl_store_history(h->store, thread, MOST_CHECKPOINTS, add_id, h);
    h->trace->n_checkpoints = h->n_ids;
    h->trace->left_out = h->n_ids == MOST_CHECKPOINTS;
    if (status != DFL_OK || h->n_ids == 0)
        h->why = status_text(h, status != DFL_OK ? status : DFL_ENOTFOUND);
    else
        tell_all(h, thread);
}

static const Graph *graph_of(History *h, const Drawing *d, const char *thread) {
    dfl__seen seen;
    const Graph *graph = d->graphs[0];
    if (dfl__inspect(h->store, thread, 0, &seen) == DFL_OK)
        for (size_t i = 0; i < d->n_graphs; i++)
            if (is_of(&seen, d->graphs[i]))
                graph = d->graphs[i];
    dfl__seen_free(&seen);
    return graph;
}

Trace *history_read(const Drawing *d, const char *path, const char *thread, const char **why) {
    History h = {.arena = d->comp->arena, .trace = ARENA_NEW(d->comp->arena, Trace)};
    int status = dfl_store_open(path, &(dfl_store_options){.must_exist = true}, &h.store);
    if (status != DFL_OK) {
        *why = status == DFL_ENOTFOUND ? "there is no such store" : status_text(&h, status);
        return NULL;
    }
    h.trace->path = path;
    h.trace->thread = thread;
    h.graph = graph_of(&h, d, thread);
    read_thread(&h, thread);
    dfl_store_close(h.store);
    *why = h.why;
    return h.why ? NULL : h.trace;
}
