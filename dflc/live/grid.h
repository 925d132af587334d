/* A list on a screen: its columns, and the row at the foot. */
#ifndef DFLC_LIVE_GRID_H
#define DFLC_LIVE_GRID_H

#include "screen.h"
#include "view.h"

typedef struct Column {
    const char *head;
    int width; /* 0: what the others leave, in equal parts */
    bool is_right;
    char key; /* of the view that sorts by it; 0: none */
} Column;

enum { GRID_COLUMNS = 12 };

typedef struct Grid {
    const Column *columns;
    int n; /* those that there is room for; the last ones are left out first */
    int at[GRID_COLUMNS], width[GRID_COLUMNS];
} Grid;

void grid_fit(Grid *grid, const Column *columns, int n, int room);
/* The heads; that which the view sorts by is marked. */
void grid_head(const Grid *grid, Screen *screen, int row, const View *view);
/* cells: one for each column, also for those that are left out. */
void grid_row(const Grid *grid, Screen *screen, int row, Style style, const char *const *cells);
/* The last row of the screen: the filter as it is typed, a note if there is one, or the keys. */
void grid_foot(const View *view, Screen *screen, const char *note);

#endif
