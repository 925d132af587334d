#include "world.h"

#include <stdio.h>
#include <string.h>

static const int step_x[] = {0, 1, 0, -1}, step_y[] = {-1, 0, 1, 0};

bool world_is_wall(const world *w, int x, int y) {
    return x < 0 || y < 0 || x >= w->width || y >= w->height || w->floor[y][x] == '#';
}

bool world_find(const world *w, char what, int *x, int *y) {
    for (*y = 0; *y < w->height; ++*y)
        for (*x = 0; *x < w->width; ++*x)
            if (w->floor[*y][*x] == what)
                return true;
    return false;
}

int world_count(const world *w, char what) {
    int n = 0;
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++)
            n += w->floor[y][x] == what;
    return n;
}

static void pad(world *w) {
    for (int y = 0; y < w->height; y++)
        for (int x = (int)strlen(w->floor[y]); x < w->width; x++)
            w->floor[y][x] = '#', w->floor[y][x + 1] = '\0';
}

const char *world_read(world *w, const char *path) {
    FILE *in = fopen(path, "r");
    int x, y;
    memset(w, 0, sizeof *w);
    if (!in)
        return "cannot be read";
    while (w->height < WORLD_MOST && fgets(w->floor[w->height], sizeof w->floor[0], in)) {
        char *row = w->floor[w->height++];
        row[strcspn(row, "\n")] = '\0';
        if ((int)strlen(row) > w->width)
            w->width = (int)strlen(row);
    }
    fclose(in);
    if (w->width > WORLD_MOST)
        return "is too wide";
    pad(w);
    if (!world_find(w, 'H', &w->x, &w->y) || !world_find(w, 'D', &x, &y))
        return "has no dock H, or no D";
    if (world_find(w, 'c', &w->cat_x, &w->cat_y))
        w->floor[w->cat_y][w->cat_x] = ' ';
    w->cat_step = 1;
    return NULL;
}

/* Along its row, and back where it cannot go on. */
void world_tick(world *w) {
    int x = w->cat_x + w->cat_step;
    if (w->cat_x == 0)
        return; /* there is none: 0 is a wall */
    if (world_is_wall(w, x, w->cat_y) || (x == w->x && w->cat_y == w->y))
        w->cat_step = -w->cat_step;
    else
        w->cat_x = x;
}

bool world_step(world *w, int x, int y) {
    if (w->charge == 0 || world_is_wall(w, x, y) || (x == w->cat_x && y == w->cat_y))
        return false;
    w->x = x;
    w->y = y;
    w->charge--;
    return true;
}

/* Breadth first, from the goal: so the robot's neighbours know how far it still is. */
int world_way(const world *w, int to_x, int to_y, int *next_x, int *next_y) {
    int far[WORLD_MOST][WORLD_MOST], queue[WORLD_MOST * WORLD_MOST], begin = 0, end = 0;
    memset(far, -1, sizeof far);
    far[to_y][to_x] = 0;
    queue[end++] = to_y * WORLD_MOST + to_x;
    while (begin < end) {
        int x = queue[begin] % WORLD_MOST, y = queue[begin] / WORLD_MOST;
        begin++;
        for (int i = 0; i < 4; i++) {
            int nx = x + step_x[i], ny = y + step_y[i];
            if (world_is_wall(w, nx, ny) || far[ny][nx] >= 0)
                continue;
            far[ny][nx] = far[y][x] + 1;
            queue[end++] = ny * WORLD_MOST + nx;
        }
    }
    *next_x = w->x;
    *next_y = w->y;
    for (int i = 0; i < 4 && far[w->y][w->x] > 0; i++) {
        int nx = w->x + step_x[i], ny = w->y + step_y[i];
        if (!world_is_wall(w, nx, ny) && far[ny][nx] == far[w->y][w->x] - 1)
            *next_x = nx, *next_y = ny;
    }
    return far[w->y][w->x];
}

void world_draw(const world *w) {
    for (int y = 0; y < w->height; y++) {
        for (int x = 0; x < w->width; x++)
            putchar(x == w->x && y == w->y ? 'R' : x == w->cat_x && y == w->cat_y ? 'c' : w->floor[y][x]);
        putchar('\n');
    }
}
