#include "page_trace.h"

#include "../trace/overlay.h"
#include "dfl.h"
#include "svg.h"

enum { MOST_MOMENTS = 20000 };

typedef struct Page {
    Json *j;
    const Scene *scene;
    Arena *arena;
    const char **edges; /* ids, by the numbers of overlay.h */
    size_t room;        /* for further moments */
} Page;

static void find_edges(Page *p) {
    const Drawing *d = p->scene->d;
    p->edges = ARENA_ARRAY(p->arena, const char *, p->scene->overlay->first_edge[d->n_places] + 1);
    for (size_t i = 0; i < d->n_regions; i++) {
        const Flow *flow = p->scene->flows[i];
        for (size_t k = 0; k < flow->n_links; k++) {
            const Link *link = &flow->links[k];
            if (link->edge)
                p->edges[taken_of(p->scene, flow, link) - p->scene->overlay->edges] =
                    id_of_link(p->arena, flow->g, link);
        }
    }
}

/* ---- sums ---- */

static void ran(const Page *p, const Drawn *g, const Place *place) {
    const Ran *ran = ran_of(p->scene, g, place);
    if (ran->n + ran->open == 0 && !ran->next && !ran->closed)
        return;
    json_open(p->j, id_of_place(p->arena, g, place), '{');
    json_uint(p->j, "n", ran->n);
    json_uint(p->j, "failed", ran->failed);
    json_uint(p->j, "open", ran->open);
    if (ran->next)
        json_bool(p->j, "next", true);
    json_int(p->j, "ns", ran->ns);
    json_int(p->j, "criticalNs", ran->critical_ns);
    json_close(p->j);
}

static void all_ran(const Page *p) {
    const Drawing *d = p->scene->d;
    json_open(p->j, "ran", '{');
    for (size_t i = 0; i < d->n_drawn; i++)
        for (size_t k = 0; k < d->drawn[i]->graph->n_places; k++)
            ran(p, d->drawn[i], d->drawn[i]->graph->places[k]);
    json_close(p->j);
}

static void all_taken(const Page *p) {
    json_open(p->j, "taken", '{');
    for (size_t i = 0; i < p->scene->overlay->first_edge[p->scene->d->n_places]; i++) {
        const Taken *taken = &p->scene->overlay->edges[i];
        if (taken->n == 0 || !p->edges[i])
            continue;
        json_open(p->j, p->edges[i], '{');
        json_uint(p->j, "n", taken->n);
        if (taken->unsure)
            json_bool(p->j, "unsure", true);
        json_close(p->j);
    }
    json_close(p->j);
}

/* ---- moments ---- */

static void edges(const Page *p, const WaysTaken *ways, const char *fork) {
    if (ways->n == 0 && !fork)
        return;
    json_open(p->j, "edges", '[');
    if (fork)
        json_string(p->j, NULL, fork);
    for (size_t i = 0; i < ways->n; i++)
        json_string(p->j, NULL, p->edges[ways->all[i]]);
    json_close(p->j);
}

static const char *fork_id(const Page *p, const Part *part) {
    if (part->kind != PART_BRANCH)
        return NULL;
    const Section *section = part->place->section;
    size_t number = section->over || part->branch < 0 ? 0 : (size_t)part->branch;
    if (number >= section->n_branches)
        return NULL;
    const Flow *flow = p->scene->flows[part->g->first_region + section->branches[number]->index];
    return id_of_link(p->arena, part->g, &flow->links[0]);
}

static void write_fields(const Page *p, const Wrote *wrote, size_t n) {
    if (n == 0)
        return;
    json_open(p->j, "wrote", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(p->j, NULL, '[');
        json_string(p->j, NULL, wrote[i].field);
        json_string(p->j, NULL, wrote[i].value);
        json_close(p->j);
    }
    json_close(p->j);
}

static void end_of(const Page *p, const Part *part) {
    edges(p, &part->out, NULL);
    json_int(p->j, "ns", part->ns);
    if (part->status != 0)
        json_string(p->j, "status", dfl_strerror((int)part->status));
    if (part->error)
        json_string(p->j, "error", part->error);
    if (part->critical)
        json_bool(p->j, "critical", true);
    write_fields(p, part->wrote, part->n_wrote);
}

static bool is_shown(const Moment *m) {
    return m->part->kind == PART_RUN ||
           (m->part->place && (m->note || m->part->kind != PART_CHUNK));
}

static void moment(const Page *p, const RunTold *run, const Moment *m) {
    const Part *part = m->part;
    json_open(p->j, NULL, '{');
    json_int(p->j, "t", m->ns - run->part->begin_ns);
    json_string(p->j, "kind", m->note ? "note" : m->ends ? "end" : "begin");
    if (part->place)
        json_string(p->j, "place", id_of_place(p->arena, part->g, part->place));
    if (m->note)
        json_string(p->j, "note", m->note);
    write_fields(p, m->wrote, m->n_wrote);
    if (part->kind == PART_BRANCH)
        json_bool(p->j, "branch", true);
    if (part->element >= 0)
        json_int(p->j, "element", part->element);
    if (part->attempt > 1)
        json_int(p->j, "attempt", part->attempt);
    if (!m->note && m->ends)
        end_of(p, part);
    else if (!m->note)
        edges(p, &part->in, fork_id(p, part));
    json_close(p->j);
}

static void run(Page *p, const RunTold *run) {
    bool critical = run == p->scene->overlay->critical;
    size_t left = 0;
    if (critical)
        p->room = MOST_MOMENTS;
    json_open(p->j, NULL, '{');
    json_uint(p->j, "run", run->number);
    json_string(p->j, "graph", run->part->at);
    json_int(p->j, "ns", run->part->ns);
    if (p->scene->overlay->trace->thread)
        json_string(p->j, "thread", p->scene->overlay->trace->thread);
    json_string(p->j, "status",
                run->part->ended ? dfl_strerror((int)run->part->status) : "not ended");
    if (critical)
        json_bool(p->j, "critical", true);
    json_open(p->j, "moments", '[');
    for (size_t i = 0; i < run->n; i++) {
        if (!is_shown(&run->moments[i]))
            continue;
        if (p->room == 0) {
            left++;
            continue;
        }
        p->room--;
        moment(p, run, &run->moments[i]);
    }
    json_close(p->j);
    json_uint(p->j, "left", left);
    json_close(p->j);
}

void page_trace(Json *j, const Scene *scene) {
    const Overlay *o = scene->overlay;
    Page p = {.j = j, .scene = scene, .arena = scene->arena, .room = MOST_MOMENTS};
    find_edges(&p);
    json_open(j, "trace", '{');
    json_string(j, "text", overlay_text(scene->arena, o));
    all_ran(&p);
    all_taken(&p);
    json_open(j, "runs", '[');
    for (size_t i = 0; i < o->n_runs; i++)
        run(&p, o->runs[i]);
    json_close(j);
    json_close(j);
}
