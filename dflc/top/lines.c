/* dflc top where there is no screen: lines of text or JSON. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>

#include "../cmd.h"
#include "../fnv.h"
#include "../json.h"
#include "../live/clock.h"
#include "../printable.h"
#include "../units.h"
#include "top.h"

/* ---- text: what has changed ---- */

/* Of what a line says of a run; never 0. */
static uint64_t mark_of(Arena *arena, const TopRow *row) {
    const char *state = top_state(arena, row);
    uint64_t hash = fnv(FNV_BEGIN, &row->run->number, sizeof row->run->number);
    hash = fnv_text(hash, state);
    for (int i = 0; i < row->n_nodes; i++)
        hash = fnv_text(hash, top_node(arena, row, i));
    return hash ? hash : 1;
}

static void print_row(Arena *arena, const TopRow *row) {
    const dfl__live_run *run = row->run;
    const char *why = top_why(row);
    printf("%s  %s/%" PRId64 "  run %" PRIu64, text_of_time(arena, live_time()),
           printable(arena, row->program->head.program), row->program->head.pid, run->number);
    if (run->thread[0])
        printf("  %s", printable(arena, run->thread));
    printf("  %s  %s", printable(arena, run->graph), top_state(arena, row));
    for (int i = 0; i < (row->n_nodes ? row->n_nodes : 1); i++) {
        const char *node = top_node(arena, row, i);
        if (*node)
            printf("%s%s", i ? ", " : "  ", printable(arena, node));
    }
    if (row->more)
        printf(", and %" PRIu32 " more", row->more);
    if (*why)
        printf(": %s", printable(arena, why));
    printf("  step %" PRIu64 "\n", run->steps);
}

/* Programs are the viewer's own: what it has told of them is noted there. */
static uint64_t *told_of(TopPrograms *programs, const TopRow *row) {
    for (TopProgram *program = programs->first; program; program = program->next)
        if (program == row->program)
            return &program->told[row->run - program->slots];
    return NULL;
}

/* What had ended well before the first look is no news. */
static void print_rows(Arena *arena, TopPrograms *programs, const TopRows *rows, bool is_first) {
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t *told = told_of(programs, &rows->all[i]), mark = mark_of(arena, &rows->all[i]);
        if (*told != mark && !(is_first && rows->all[i].state == TOP_DONE))
            print_row(arena, &rows->all[i]);
        *told = mark;
    }
}

/* ---- JSON: all there is ---- */

static void add_nodes(Json *j, const TopRow *row, int64_t now) {
    json_open(j, "nodes", '[');
    for (int i = 0; i < row->n_nodes; i++) {
        const dfl__live_node *node = row->nodes[i];
        json_open(j, NULL, '{');
        json_string(j, "node", node->path);
        json_int(j, "index", node->index);
        json_uint(j, "attempt", node->attempt);
        json_bool(j, "retrying", node->span == 0);
        json_uint(j, "worker", node->worker);
        json_int(j, "since_ns", now > node->since_ns ? now - node->since_ns : 0);
        json_close(j);
    }
    json_close(j);
    json_uint(j, "more", row->more);
}

static void add_run(Json *j, const TopRow *row, int64_t now) {
    const dfl__live_run *run = row->run;
    json_open(j, NULL, '{');
    json_uint(j, "run", run->number);
    json_string(j, "graph", run->graph);
    json_string(j, "thread", run->thread);
    json_string(j, "state", top_state_name(row));
    json_uint(j, "steps", run->steps);
    json_uint(j, "errors", run->errors);
    json_int(j, "since_ns", row->since_ns);
    json_int(j, "run_ns", row->time_ns);
    add_nodes(j, row, now);
    json_string(j, "last", run->node);
    if (row->state == TOP_FAILED) {
        json_int(j, "status", run->status);
        json_int(j, "code", run->code);
        json_string(j, "error", top_why(row));
    } else if (row->state == TOP_WAITING) {
        json_string(j, "question", run->text);
    }
    json_close(j);
}

static void add_program(Json *j, const TopProgram *program, const TopRows *rows, int64_t now) {
    json_open(j, NULL, '{');
    json_string(j, "program", program->head.program);
    json_int(j, "pid", program->head.pid);
    json_bool(j, "gone", program->is_gone);
    json_int(j, "opened_ns", program->head.wall_ns);
    json_uint(j, "begun", program->runs);
    json_uint(j, "done", program->done);
    json_uint(j, "failed", program->failed);
    json_uint(j, "paused", program->paused);
    json_uint(j, "steps", program->steps);
    json_uint(j, "unseen", program->head.unseen);
    json_open(j, "runs", '[');
    for (size_t i = 0; i < rows->n; i++)
        if (rows->all[i].program == program)
            add_run(j, &rows->all[i], now);
    json_close(j);
    json_close(j);
}

static void print_json(const TopPrograms *programs, const TopRows *rows) {
    Json j = {.out = stdout};
    json_open(&j, NULL, '{');
    json_int(&j, "time_ns", live_time());
    json_uint(&j, "unread", programs->unread);
    json_open(&j, "programs", '[');
    for (const TopProgram *program = programs->first; program; program = program->next)
        add_program(&j, program, rows, programs->looked);
    json_close(&j);
    json_close(&j);
    putchar('\n');
}

/* ---- again and again ---- */

static void look_once(Top *top) {
    Arena *arena = arena_new();
    TopRows rows;
    top_look(&top->programs);
    top->looks++;
    rows = top_rows(arena, &top->programs, top->programs.looked, true, TOP_BY_PROGRAM, false);
    if (top->json)
        print_json(&top->programs, &rows);
    else
        print_rows(arena, &top->programs, &rows, top->looks == 1);
    arena_free(arena);
}

void top_lines(Top *top) {
    int64_t next = live_now();
    for (;;) {
        look_once(top);
        if (top_is_over(top) || fflush(stdout) != 0)
            return;
        next += top->interval_ns;
        if (next < live_now())
            next = live_now();
        live_sleep_until(next);
    }
}
