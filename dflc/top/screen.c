/* dflc top on a terminal. A run has a line; each further node that it is in has one below, and so has why it failed,
 * or what it asks. */
#include <inttypes.h>

#include "../live/clock.h"
#include "../live/grid.h"
#include "../live/loop.h"
#include "../printable.h"
#include "../units.h"
#include "top.h"

enum { HEAD_ROWS = 4, FOOT_ROWS = 1, MOST_COLUMNS = 10 };

/* By TopSort. */
static const SortKey sort_keys[] = {{'s', "state"}, {'r', "run"},    {'t', "thread"},
                                    {'g', "graph"}, {'n', "since"},  {'p', "steps"},
                                    {'a', "time"},  {'m', "program"}};

typedef enum Cell {
    CELL_PROGRAM,
    CELL_RUN,
    CELL_THREAD,
    CELL_GRAPH,
    CELL_STATE,
    CELL_NODE,
    CELL_SINCE,
    CELL_WORKER,
    CELL_STEPS,
    CELL_TIME,
    N_CELLS
} Cell;

/* By Cell. */
static const Column all_columns[] = {{"PROGRAM", 0, false, 'm'}, {"RUN", 6, true, 'r'},
                                     {"THREAD", 0, false, 't'},  {"GRAPH", 0, false, 'g'},
                                     {"STATE", 9, false, 's'},   {"NODE", 0, false, 0},
                                     {"SINCE", 8, true, 'n'},    {"WORKER", 6, true, 0},
                                     {"STEPS", 7, true, 'p'},    {"TIME", 8, true, 'a'}};

/* One line of the list. */
typedef struct Line {
    const TopRow *row;
    int node; /* which of its nodes; or WHY */
} Line;
enum { WHY = -1 };

typedef struct Picture {
    Top *top;
    Screen *screen;
    View view;
    bool with_done;
    Arena *arena; /* of one frame */
    int64_t now;
    TopRows rows;
    Line *lines;
    size_t n_lines, cap_lines;
    Cell cells[MOST_COLUMNS]; /* those that are shown */
    Column columns[MOST_COLUMNS];
    int n_columns;
} Picture;

/* ---- which lines ---- */

static bool passes(const Picture *picture, const TopRow *row) {
    const View *view = &picture->view;
    const dfl__live_run *run = row->run;
    bool is_found = view_passes(view, row->program->head.program) ||
                    view_passes(view, run->graph) || view_passes(view, run->thread) ||
                    view_passes(view, run->node) || view_passes(view, top_state_name(row));
    for (int i = 0; i < row->n_nodes && !is_found; i++)
        is_found = view_passes(view, row->nodes[i]->path);
    return is_found;
}

static void add_line(Picture *picture, const TopRow *row, int node) {
    Line line = {row, node};
    ARENA_PUSH(picture->arena, picture->lines, picture->n_lines, picture->cap_lines, line);
}

static void find_lines(Picture *picture) {
    picture->lines = NULL;
    picture->n_lines = picture->cap_lines = 0;
    for (size_t i = 0; i < picture->rows.n; i++) {
        const TopRow *row = &picture->rows.all[i];
        if (!passes(picture, row))
            continue;
        add_line(picture, row, 0);
        for (int node = 1; node < row->n_nodes; node++)
            add_line(picture, row, node);
        if (*top_why(row))
            add_line(picture, row, WHY);
    }
}

/* ---- which columns ---- */

/* A column that would say the same everywhere is left out. */
static bool is_shown(const Picture *picture, Cell cell) {
    if (cell == CELL_PROGRAM)
        return picture->top->programs.n > 1;
    if (cell != CELL_THREAD)
        return true;
    for (size_t i = 0; i < picture->rows.n; i++)
        if (picture->rows.all[i].run->thread[0])
            return true;
    return false;
}

static void find_columns(Picture *picture) {
    picture->n_columns = 0;
    for (int cell = 0; cell < N_CELLS; cell++)
        if (is_shown(picture, (Cell)cell)) {
            picture->cells[picture->n_columns] = (Cell)cell;
            picture->columns[picture->n_columns++] = all_columns[cell];
        }
}

/* ---- drawing ---- */

static const char *age(Arena *arena, int64_t ns) {
    return ns < 0 ? "" : ns < INT64_C(1000000000) ? text_of_ns(arena, ns) : text_of_age(arena, ns);
}

static const char *number(Arena *arena, uint64_t n) {
    return arena_printf(arena, "%" PRIu64, n);
}

/* What only lines of nodes have. */
static const char *node_cell(Picture *picture, Cell cell, const Line *line) {
    const TopRow *row = line->row;
    Arena *arena = picture->arena;
    const dfl__live_node *node = line->node < row->n_nodes ? row->nodes[line->node] : NULL;
    int64_t now = picture->now;
    bool is_last = line->node == row->n_nodes - 1;
    switch (cell) {
    case CELL_NODE:
        if (is_last && row->more)
            return arena_printf(arena, "%s +%" PRIu32, top_node(arena, row, line->node), row->more);
        return top_node(arena, row, line->node);
    case CELL_SINCE:
        if (!node || row->since_ns < 0)
            return age(arena, row->since_ns);
        return age(arena, now > node->since_ns ? now - node->since_ns : 0);
    case CELL_WORKER:
        return !node || node->span == 0 ? ""
               : node->worker           ? number(arena, node->worker)
                                        : "caller";
    default:
        return "";
    }
}

static const char *run_cell(Picture *picture, Cell cell, const TopRow *row) {
    const dfl__live_run *run = row->run;
    Arena *arena = picture->arena;
    switch (cell) {
    case CELL_PROGRAM:
        return arena_printf(arena, "%s/%" PRId64, row->program->head.program,
                            row->program->head.pid);
    case CELL_RUN:
        return number(arena, run->number);
    case CELL_THREAD:
        return run->thread;
    case CELL_GRAPH:
        return run->graph;
    case CELL_STATE:
        return top_state(arena, row);
    case CELL_STEPS:
        return number(arena, run->steps);
    case CELL_TIME:
        return age(arena, row->time_ns);
    default:
        return NULL;
    }
}

static Style style_of(const TopRow *row) {
    static const Style styles[] = {STYLE_PLAIN, STYLE_BAD, STYLE_BAD, STYLE_GOOD, STYLE_FAINT};
    return styles[row->state];
}

static void draw_line(Picture *picture, const Grid *grid, int at, const Line *line) {
    const char *cells[MOST_COLUMNS] = {0};
    if (line->node == WHY) {
        screen_text(picture->screen, at, 8, screen_columns(picture->screen) - 8, false,
                    style_of(line->row), top_why(line->row));
        return;
    }
    for (int i = 0; i < picture->n_columns; i++) {
        const char *text = run_cell(picture, picture->cells[i], line->row);
        cells[i] = !text             ? node_cell(picture, picture->cells[i], line)
                   : line->node == 0 ? text
                                     : "";
    }
    grid_row(grid, picture->screen, at, style_of(line->row), cells);
}

static const char *who(Picture *picture) {
    const TopPrograms *programs = &picture->top->programs;
    const TopProgram *only = programs->first;
    Arena *arena = picture->arena;
    if (programs->n != 1)
        return arena_printf(arena, "%zu programs", programs->n);
    return arena_printf(arena, "%s, pid %" PRId64 "%s", only->head.program, only->head.pid,
                        only->is_gone ? ", is gone" : "");
}

static const char *sums(Picture *picture) {
    uint64_t runs = 0, steps = 0, unseen = 0;
    double rate = 0;
    Arena *arena = picture->arena;
    const TopRows *rows = &picture->rows;
    for (const TopProgram *program = picture->top->programs.first; program;
         program = program->next) {
        runs += program->runs;
        steps += program->steps;
        unseen += program->head.unseen;
        rate += program->is_gone ? 0 : rate_now(&program->rate, live_now());
    }
    return arena_printf(arena,
                        "%zu running, %zu waiting, %zu failed; so far %" PRIu64 " run%s, %" PRIu64
                        " node%s; %.1f nodes/s%s",
                        rows->running, rows->waiting, rows->failed, runs, runs == 1 ? "" : "s",
                        steps, steps == 1 ? "" : "s", rate,
                        unseen ? arena_printf(arena, "; %" PRIu64 " more unseen", unseen) : "");
}

static void draw_head(Picture *picture) {
    Arena *arena = picture->arena;
    Screen *screen = picture->screen;
    int width = screen_columns(screen);
    const char *every = arena_printf(arena, "%severy %s", picture->view.is_paused ? "held, " : "",
                                     text_of_duration(arena, picture->top->interval_ns));
    screen_text(screen, 0, 0, width - (int)strlen(every) - 2, false, STYLE_STRONG, who(picture));
    screen_text(screen, 0, 0, width, true, STYLE_PLAIN, every);
    screen_text(screen, 1, 0, width, false, STYLE_PLAIN, sums(picture));
}

static void draw_nobody(Picture *picture) {
    const TopPrograms *programs = &picture->top->programs;
    int row = HEAD_ROWS, width = screen_columns(picture->screen);
    for (size_t i = 0; i < programs->n_directories; i++)
        screen_text(picture->screen, row++, 2, width, false, STYLE_PLAIN,
                    arena_printf(picture->arena, "no program tells of its runs in %s",
                                 programs->directories[i]));
    screen_text(picture->screen, row, 2, width, false, STYLE_FAINT,
                "(one does that calls dfl_live_open, and gives its runs these hooks)");
}

static void draw_list(Picture *picture) {
    View *view = &picture->view;
    Grid grid;
    int room = screen_rows(picture->screen) - HEAD_ROWS - FOOT_ROWS;
    view->page = room > 0 ? (size_t)room : 0;
    view->total = picture->n_lines;
    view_settle(view);
    grid_fit(&grid, picture->columns, picture->n_columns, screen_columns(picture->screen));
    grid_head(&grid, picture->screen, HEAD_ROWS - 1, view);
    for (size_t i = 0; i < view->page && view->top + i < picture->n_lines; i++)
        draw_line(picture, &grid, HEAD_ROWS + (int)i, &picture->lines[view->top + i]);
}

static const char *note(Picture *picture) {
    const TopPrograms *programs = &picture->top->programs;
    if (picture->view.filter[0])
        return arena_printf(picture->arena, "only what has '%s'; Esc: all of them",
                            picture->view.filter);
    if (programs->unread)
        return arena_printf(picture->arena, "%zu file%s cannot be read, or is of another version",
                            programs->unread, programs->unread == 1 ? "" : "s");
    return NULL;
}

static bool draw(void *user) {
    Picture *picture = user;
    const View *view = &picture->view;
    TopPrograms *programs = &picture->top->programs;
    picture->arena = arena_new();
    picture->now = view->is_paused ? programs->looked : live_now();
    picture->rows = top_rows(picture->arena, programs, picture->now, picture->with_done,
                             (TopSort)view->sort, view->is_reversed);
    find_lines(picture);
    find_columns(picture);
    screen_begin(picture->screen);
    draw_head(picture);
    draw_list(picture);
    if (programs->n == 0)
        draw_nobody(picture);
    grid_foot(view, picture->screen, note(picture));
    screen_show(picture->screen);
    arena_free(picture->arena);
    return true;
}

/* ---- keys ---- */

static bool look(void *user) {
    Picture *picture = user;
    top_look(&picture->top->programs);
    picture->top->looks++;
    return !top_is_over(picture->top);
}

static bool key(void *user, int pressed) {
    Picture *picture = user;
    if (pressed == 'e')
        picture->with_done = !picture->with_done;
    else if (pressed == 'x')
        top_forget(&picture->top->programs);
    else
        return false;
    return true;
}

void top_on_screen(Top *top, Screen *screen) {
    Picture picture = {.top = top, .screen = screen};
    picture.view.keys = sort_keys;
    picture.view.n_keys = sizeof sort_keys / sizeof *sort_keys;
    picture.view.others = "e ended  x forget";
    live_loop(&(Loop){.screen = screen,
                      .view = &picture.view,
                      .interval_ns = top->interval_ns,
                      .user = &picture,
                      .look = look,
                      .draw = draw,
                      .key = key});
}
