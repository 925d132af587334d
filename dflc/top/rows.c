#include "rows.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SHOWN_NS = 2000000000 }; /* what has ended well, so that one sees it go */

/* ---- what runs ---- */

/* Whether a node of the graph that it runs is under way: "sub" while "sub/a" is. */
static bool is_around(const dfl__live_run *run, const dfl__live_node *outer) {
    size_t n = strlen(outer->path);
    for (int i = 0; i < DFL__LIVE_NODES; i++)
        if (run->nodes[i].since_ns && strncmp(run->nodes[i].path, outer->path, n) == 0 &&
            run->nodes[i].path[n] == '/')
            return true;
    return false;
}

static void put_in_order(TopRow *row, const dfl__live_node *node) {
    int at = row->n_nodes++;
    for (; at > 0 && row->nodes[at - 1]->since_ns > node->since_ns; at--)
        row->nodes[at] = row->nodes[at - 1];
    row->nodes[at] = node;
}

static void find_nodes(TopRow *row) {
    const dfl__live_run *run = row->run;
    uint32_t known = 0;
    for (int i = 0; i < DFL__LIVE_NODES; i++) {
        const dfl__live_node *node = &run->nodes[i];
        known += node->since_ns && node->span;
        if (node->since_ns && !is_around(run, node))
            put_in_order(row, node);
    }
    row->more = run->n_open > known ? run->n_open - known : 0;
}

/* ---- a row ---- */

static TopState state_of(const TopProgram *program, const dfl__live_run *run) {
    switch (run->state) {
    case DFL__LIVE_RUNNING:
        return program->is_gone ? TOP_GONE : TOP_RUNNING;
    case DFL__LIVE_FAILED:
        return TOP_FAILED;
    case DFL__LIVE_PAUSED:
        return TOP_WAITING;
    default:
        return TOP_DONE;
    }
}

static int64_t span(int64_t from, int64_t to) {
    return to > from ? to - from : 0;
}

static void find_times(TopRow *row, int64_t now) {
    const dfl__live_run *run = row->run;
    if (row->state == TOP_GONE) {
        row->since_ns = row->time_ns = -1;
    } else if (row->state == TOP_RUNNING) {
        row->since_ns = span(row->n_nodes ? row->nodes[0]->since_ns : run->last_ns, now);
        row->time_ns = span(run->began_ns, now);
    } else {
        row->since_ns = span(run->ended_ns, now);
        row->time_ns = span(run->began_ns, run->ended_ns);
    }
}

static void find_place(TopRow *row, TopSort sort) {
    const dfl__live_run *run = row->run;
    row->text = "";
    row->keys[1] = -row->since_ns;
    switch (sort) {
    case TOP_BY_STATE:
        row->keys[0] = row->state;
        break;
    case TOP_BY_RUN:
        row->keys[0] = -(int64_t)run->number;
        break;
    case TOP_BY_THREAD:
        row->text = run->thread;
        break;
    case TOP_BY_GRAPH:
        row->text = run->graph;
        break;
    case TOP_BY_SINCE:
        row->keys[0] = -row->since_ns;
        break;
    case TOP_BY_STEPS:
        row->keys[0] = -(int64_t)run->steps;
        break;
    case TOP_BY_TIME:
        row->keys[0] = -row->time_ns;
        break;
    case TOP_BY_PROGRAM:
        row->text = row->program->head.program;
        row->keys[0] = row->program->head.pid;
        break;
    }
    /* Of what has ended, the last first. */
    if (row->state != TOP_RUNNING && sort == TOP_BY_STATE)
        row->keys[1] = row->since_ns;
}

/* ---- all rows ---- */

static bool is_superseded(const TopProgram *program, const dfl__live_run *run) {
    if (!run->thread[0] || (run->state != DFL__LIVE_FAILED && run->state != DFL__LIVE_PAUSED))
        return false;
    for (int i = 0; i < DFL__LIVE_RUNS; i++) {
        const dfl__live_run *other = &program->slots[i];
        if (other->state != DFL__LIVE_NONE && other->number > run->number &&
            strcmp(other->thread, run->thread) == 0)
            return true;
    }
    return false;
}

static void count(TopRows *rows, TopState state) {
    rows->running += state == TOP_RUNNING;
    rows->waiting += state == TOP_WAITING;
    rows->failed += state == TOP_FAILED;
}

static void add_rows(TopRows *rows, Arena *arena, const TopProgram *program, int64_t now,
                     bool with_done, TopSort sort) {
    for (int i = 0; i < DFL__LIVE_RUNS; i++) {
        const dfl__live_run *run = &program->slots[i];
        TopRow row = {.program = program, .run = run};
        if (run->state == DFL__LIVE_NONE || is_superseded(program, run))
            continue;
        row.state = state_of(program, run);
        count(rows, row.state);
        find_nodes(&row);
        find_times(&row, now);
        find_place(&row, sort);
        if (row.state != TOP_DONE || with_done || (!program->is_gone && row.since_ns < SHOWN_NS))
            ARENA_PUSH(arena, rows->all, rows->n, rows->cap, row);
    }
}

static int compare_numbers(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int compare_rows(const void *a, const void *b) {
    const TopRow *x = a, *y = b;
    int by = strcmp(x->text, y->text);
    for (int i = 0; i < 2 && by == 0; i++)
        by = compare_numbers(x->keys[i], y->keys[i]);
    if (by == 0)
        by = compare_numbers((int64_t)y->run->number, (int64_t)x->run->number);
    return by ? by : compare_numbers(x->program->head.pid, y->program->head.pid);
}

TopRows top_rows(Arena *arena, const TopPrograms *programs, int64_t now, bool with_done,
                 TopSort sort, bool is_reversed) {
    TopRows rows = {0};
    for (const TopProgram *program = programs->first; program; program = program->next)
        add_rows(&rows, arena, program, now, with_done, sort);
    if (rows.n > 0)
        qsort(rows.all, rows.n, sizeof *rows.all, compare_rows);
    for (size_t i = 0; is_reversed && i < rows.n / 2; i++) {
        TopRow moved = rows.all[i];
        rows.all[i] = rows.all[rows.n - 1 - i];
        rows.all[rows.n - 1 - i] = moved;
    }
    return rows;
}

/* ---- in words ---- */

/* All that is known of it waits to be tried again. */
static bool is_retrying(const TopRow *row) {
    bool waits = row->state == TOP_RUNNING && row->n_nodes > 0 && row->more == 0;
    for (int i = 0; i < row->n_nodes; i++)
        waits = waits && row->nodes[i]->span == 0;
    return waits;
}

const char *top_state_name(const TopRow *row) {
    static const char *const names[] = {"running", "gone", "failed", "waiting", "done"};
    return is_retrying(row) ? "retrying" : names[row->state];
}

const char *top_state(Arena *arena, const TopRow *row) {
    if (row->state == TOP_FAILED && row->run->status == DFL_ENODE)
        return arena_printf(arena, "failed %" PRId32, row->run->code);
    return top_state_name(row);
}

static const char *node_text(Arena *arena, const dfl__live_node *node) {
    const char *text = node->path;
    if (node->index >= 0)
        text = arena_printf(arena, "%s[%" PRId64 "]", text, node->index);
    if (node->attempt > 1)
        text = arena_printf(arena, "%s (try %" PRIu32 ")", text, node->attempt);
    return text;
}

const char *top_node(Arena *arena, const TopRow *row, int i) {
    const dfl__live_run *run = row->run;
    if (i < row->n_nodes)
        return node_text(arena, row->nodes[i]);
    if (row->state == TOP_FAILED || row->state == TOP_WAITING)
        return run->node;
    if (row->state == TOP_DONE || !run->node[0])
        return "";
    return arena_printf(arena, "after %s", run->node);
}

const char *top_why(const TopRow *row) {
    if (row->state == TOP_FAILED && !row->run->text[0])
        return dfl_strerror(row->run->status);
    return row->state == TOP_FAILED || row->state == TOP_WAITING ? row->run->text : "";
}
