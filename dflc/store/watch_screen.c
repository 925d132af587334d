#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../live/clock.h"
#include "../live/grid.h"
#include "../live/loop.h"
#include "../units.h"
#include "watch.h"

enum { HEAD_ROWS = 4, FOOT_ROWS = 1 };

/* By WatchSort. */
static const SortKey sort_keys[] = {{'s', "saved"}, {'t', "thread"}, {'n', "next"},
                                    {'p', "step"},  {'b', "bytes"},  {'r', "rate"}};

static const Column columns[] = {{"THREAD", 0, false, 't'}, {"NEXT", 0, false, 'n'},
                                 {"SAVED", 8, true, 's'},   {"STEP", 8, true, 'p'},
                                 {"STATE", 9, true, 'b'},   {"SAVES/S", 9, true, 'r'},
                                 {"LATEST", 8, true, 0},    {"CHECKPOINTS", 11, true, 0}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

typedef struct Picture {
    Watch *watch;
    Screen *screen;
    Arena *arena; /* of one frame */
    View view;
    int status; /* of the runtime */
} Picture;

static const char *number(Arena *arena, uint64_t n) {
    return arena_printf(arena, "%" PRIu64, n);
}

static void draw_row(Picture *picture, const Grid *grid, int at, const WatchRow *row, int64_t now) {
    Arena *arena = picture->arena;
    bool is_new = picture->watch->rows.before && row->look == picture->watch->rows.look;
    double rate = rate_now(&row->rate, now);
    const char *cells[N_COLUMNS] = {row->thread,
                                    row->next,
                                    text_of_age(arena, live_time() - row->time_ns),
                                    number(arena, row->step),
                                    text_of_bytes(arena, row->bytes),
                                    rate < 0.05 ? "" : arena_printf(arena, "%.1f", rate),
                                    number(arena, row->id),
                                    number(arena, row->checkpoints)};
    bool is_over = strcmp(row->next, "end") == 0;
    grid_row(grid, picture->screen, at,
             is_new    ? STYLE_STRONG
             : is_over ? STYLE_FAINT
                       : STYLE_PLAIN,
             cells);
}

static void draw_head(Picture *picture, int64_t now) {
    const Watch *watch = picture->watch;
    const dfl__sums *sums = &watch->sums;
    Arena *arena = picture->arena;
    Screen *screen = picture->screen;
    int width = screen_columns(screen);
    const char *every = arena_printf(arena, "%severy %s", picture->view.is_paused ? "held, " : "",
                                     text_of_duration(arena, watch->tool->interval_ns));
    screen_text(screen, 0, 0, width - (int)strlen(every) - 2, false, STYLE_STRONG,
                arena_printf(arena, "store %s", watch->tool->path));
    screen_text(screen, 0, 0, width, true, STYLE_PLAIN, every);
    screen_text(screen, 1, 0, width, false, STYLE_PLAIN,
                arena_printf(arena,
                             "%zu thread%s, %" PRIu64
                             " checkpoint%s, %s in a log of %s (%zu file%s), "
                             "%.1f saves/s",
                             sums->threads, sums->threads == 1 ? "" : "s", sums->checkpoints,
                             sums->checkpoints == 1 ? "" : "s", text_of_bytes(arena, sums->bytes),
                             text_of_bytes(arena, sums->log_bytes), sums->segments,
                             sums->segments == 1 ? "" : "s", rate_now(&watch->rows.rate, now)));
}

static const char *note(Picture *picture) {
    const Tool *tool = picture->watch->tool;
    if (tool->n_held > 0)
        return arena_printf(picture->arena, "damage: %s%s", tool->held[tool->n_held - 1],
                            tool->n_held > 1 ? ", and more" : "");
    if (picture->view.filter[0])
        return arena_printf(picture->arena, "%zu of %zu threads have '%s'; Esc: all of them",
                            picture->view.total, picture->watch->rows.n, picture->view.filter);
    return NULL;
}

/* False: no memory. */
static bool draw_rows(Picture *picture, int64_t now) {
    WatchRows *rows = &picture->watch->rows;
    View *view = &picture->view;
    Grid grid;
    size_t n;
    const WatchRow **page;
    int room = screen_rows(picture->screen) - HEAD_ROWS - FOOT_ROWS;
    view->page = room > 0 ? (size_t)room : 0;
    page = arena_alloc(picture->arena, (view->page + 1) * sizeof *page);
    n = watch_rows_page(rows, view, now, page, view->page, &view->total);
    if (view->top > 0 && n < view->page) { /* threads are gone, or the screen has grown */
        view_settle(view);
        n = watch_rows_page(rows, view, now, page, view->page, &view->total);
    }
    grid_fit(&grid, columns, N_COLUMNS, screen_columns(picture->screen));
    grid_head(&grid, picture->screen, HEAD_ROWS - 1, view);
    for (size_t i = 0; i < n; i++)
        draw_row(picture, &grid, HEAD_ROWS + (int)i, page[i], now);
    return !rows->is_out_of_memory;
}

static bool draw(void *user) {
    Picture *picture = user;
    int64_t now = live_now();
    bool is_done;
    picture->arena = arena_new();
    screen_begin(picture->screen);
    draw_head(picture, now);
    is_done = draw_rows(picture, now);
    grid_foot(&picture->view, picture->screen, note(picture));
    screen_show(picture->screen);
    arena_free(picture->arena);
    if (!is_done)
        picture->status = DFL_ENOMEM;
    return is_done;
}

static void take(void *user, const dfl__change *change) {
    watch_rows_take(user, change);
}

static bool look(void *user) {
    Picture *picture = user;
    picture->status = watch_look(picture->watch, take, &picture->watch->rows);
    return picture->status == DFL_OK && !watch_is_over(picture->watch);
}

int watch_on_screen(Watch *watch, Screen *screen) {
    Picture picture = {.watch = watch, .screen = screen};
    picture.view.keys = sort_keys;
    picture.view.n_keys = sizeof sort_keys / sizeof *sort_keys;
    live_loop(&(Loop){.screen = screen,
                      .view = &picture.view,
                      .interval_ns = watch->tool->interval_ns,
                      .user = &picture,
                      .look = look,
                      .draw = draw});
    return picture.status;
}
