#include "grid.h"

#include <stdio.h>

enum { GAP = 2, LEAST = 8 };

static int least_width(const Column *column) {
    return column->width ? column->width : LEAST;
}

void grid_fit(Grid *grid, const Column *columns, int n, int room) {
    int taken = 0, n_free = 0, at = 0;
    grid->columns = columns;
    grid->n = 0;
    while (grid->n < n && (grid->n == 0 || taken + least_width(&columns[grid->n]) <= room)) {
        taken += least_width(&columns[grid->n]) + GAP;
        n_free += columns[grid->n++].width == 0;
    }
    for (int i = 0; i < grid->n; i++) {
        int more = room - (taken - GAP);
        grid->at[i] = at;
        grid->width[i] = least_width(&columns[i]);
        if (columns[i].width == 0 && more > 0)
            grid->width[i] += more / n_free;
        at += grid->width[i] + GAP;
    }
}

void grid_head(const Grid *grid, Screen *screen, int row, const View *view) {
    screen_fill(screen, row, STYLE_HEAD);
    for (int i = 0; i < grid->n; i++) {
        const Column *column = &grid->columns[i];
        bool is_sorted = column->key && view->keys[view->sort].key == column->key;
        char head[64];
        snprintf(head, sizeof head, "%s%s", column->head,
                 !is_sorted          ? ""
                 : view->is_reversed ? " ^"
                                     : " v");
        screen_text(screen, row, grid->at[i],
                    grid->width[i] + (is_sorted && !column->is_right ? 2 : 0), column->is_right,
                    STYLE_HEAD, head);
    }
}

void grid_row(const Grid *grid, Screen *screen, int row, Style style, const char *const *cells) {
    for (int i = 0; i < grid->n; i++)
        screen_text(screen, row, grid->at[i], grid->width[i], grid->columns[i].is_right, style,
                    cells[i]);
}

static void list_keys(const View *view, char *to, size_t cap) {
    size_t n = (size_t)snprintf(
        to, cap, " q quit  space %s  / filter%s%s  sort:", view->is_paused ? "go on" : "hold",
        view->others ? "  " : "", view->others ? view->others : "");
    for (size_t i = 0; i < view->n_keys && n < cap; i++)
        n += (size_t)snprintf(to + n, cap - n, " %c %s", view->keys[i].key, view->keys[i].name);
}

void grid_foot(const View *view, Screen *screen, const char *note) {
    int row = screen_rows(screen) - 1, columns = screen_columns(screen);
    char text[256];
    screen_fill(screen, row, STYLE_HEAD);
    if (view->is_typing)
        snprintf(text, sizeof text, " filter: %s_", view->filter);
    else if (note)
        snprintf(text, sizeof text, " %s", note);
    else
        list_keys(view, text, sizeof text);
    screen_text(screen, row, 0, columns, false, STYLE_HEAD, text);
}
