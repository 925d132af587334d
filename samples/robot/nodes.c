/* nodes.c: what the robot senses and does, and the program around it.
 *
 *     robot FLOOR           the diary of a run, and the floor at its end
 *     robot -w FLOOR        draws every tick as well, twenty a second */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "robot.h"

static bool drawn;

/* ---- sense ---- */

int robot_clock(dfl_ctx *ctx, world *w, int64_t *tick) {
    (void)ctx;
    world_tick(w);
    ++*tick;
    if (drawn) {
        printf("\033[H\033[2J");
        world_draw(w);
        fflush(stdout);
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    return 0;
}

int robot_where_am(dfl_ctx *ctx, world *w, cell *pose) {
    (void)ctx;
    *pose = (cell){w->x, w->y};
    return 0;
}

int robot_battery(dfl_ctx *ctx, world *w, int32_t *charge, bool *full, int32_t *way_home) {
    int x, y, next_x, next_y;
    *charge = w->charge;
    *full = w->charge == WORLD_FULL;
    if (!world_find(w, 'H', &x, &y))
        return dfl_fail(ctx, 1, "there is no dock");
    *way_home = world_way(w, x, y, &next_x, &next_y);
    return 0;
}

static bool knows(cell_list seen, int x, int y) {
    for (uint32_t i = 0; i < seen.len; i++)
        if (seen.items[i].x == x && seen.items[i].y == y)
            return true;
    return false;
}

/* What is near enough is seen, and remembered; the nearest of those that are still there comes next. */
int robot_look(dfl_ctx *ctx, world *w, cell_list *seen, cell_opt *nearest) {
    int best = 0, next_x, next_y;
    for (int y = w->y - WORLD_REACH; y <= w->y + WORLD_REACH; y++)
        for (int x = w->x - WORLD_REACH; x <= w->x + WORLD_REACH; x++)
            if (!world_is_wall(w, x, y) && w->floor[y][x] == 'p' && !knows(*seen, x, y)) {
                int rc = cell_list_push(ctx, seen, (cell){x, y});
                if (rc != 0)
                    return rc;
            }
    *nearest = (cell_opt){.has = false};
    for (uint32_t i = 0; i < seen->len; i++) {
        cell at = seen->items[i];
        int way = w->floor[at.y][at.x] == 'p' ? world_way(w, at.x, at.y, &next_x, &next_y) : -1;
        if (way >= 0 && (!nearest->has || way < best)) {
            *nearest = (cell_opt){true, at};
            best = way;
        }
    }
    return 0;
}

/* ---- decide ---- */

static void head_for(const world *w, int x, int y, cell *goal, bool *there) {
    *goal = (cell){x, y};
    *there = w->x == x && w->y == y;
}

int robot_dock(dfl_ctx *ctx, world *w, cell *goal, bool *there, mood *doing) {
    int x = 0, y = 0;
    (void)ctx;
    world_find(w, 'H', &x, &y);
    head_for(w, x, y, goal, there);
    *doing = mood_homing;
    return 0;
}

int robot_bring(dfl_ctx *ctx, world *w, cell *goal, bool *there, mood *doing) {
    int x = 0, y = 0;
    (void)ctx;
    world_find(w, 'D', &x, &y);
    head_for(w, x, y, goal, there);
    *doing = mood_delivering;
    return 0;
}

int robot_fetch(dfl_ctx *ctx, world *w, const cell *nearest, cell *goal, bool *there, mood *doing) {
    (void)ctx;
    head_for(w, nearest->x, nearest->y, goal, there);
    *doing = mood_fetching;
    return 0;
}

/* To a place that the tick chooses, for 12 ticks. */
int robot_explore(dfl_ctx *ctx, world *w, int64_t tick, cell *goal, mood *doing) {
    uint64_t mixed = (uint64_t)(tick / 12 + 1) * 0x9e3779b97f4a7c15u; /* Knuth's multiplicative hashing */
    int x, y, next_x, next_y;
    (void)ctx;
    do {
        mixed = mixed * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        x = (int)(mixed >> 33) % w->width;
        y = (int)(mixed >> 48) % w->height;
    } while (world_is_wall(w, x, y) || world_way(w, x, y, &next_x, &next_y) < 1);
    *goal = (cell){x, y};
    *doing = mood_exploring;
    return 0;
}

/* ---- act ---- */

int approach_plan(dfl_ctx *ctx, world *w, const cell *goal, cell *next) {
    int x, y;
    if (world_way(w, goal->x, goal->y, &x, &y) < 0)
        return dfl_fail(ctx, 1, "there is no way");
    *next = (cell){x, y};
    return 0;
}

int approach_step(dfl_ctx *ctx, world *w, const cell *next) {
    return world_step(w, next->x, next->y) ? 0 : dfl_fail(ctx, 1, "something is in the way");
}

int robot_load_up(dfl_ctx *ctx, world *w, mood *doing) {
    (void)ctx;
    w->charge = w->charge + 10 < WORLD_FULL ? w->charge + 10 : WORLD_FULL;
    *doing = mood_charging;
    return 0;
}

/* Four times in five it slips, by the count of tries. */
int robot_grip(dfl_ctx *ctx, world *w, bool *holding) {
    if (++w->grips % 5 != 0)
        return dfl_fail(ctx, 1, "it slipped");
    w->floor[w->y][w->x] = ' ';
    *holding = true;
    return 0;
}

int robot_put_down(dfl_ctx *ctx, bool *holding, int32_t *delivered) {
    (void)ctx;
    *holding = false;
    ++*delivered;
    return 0;
}

/* ---- the diary: what has changed ---- */

int robot_note(dfl_ctx *ctx, int64_t tick, const cell *pose, int32_t charge, bool holding, mood doing,
               dfl_str_list *diary) {
    dfl_str line = dfl_printf(ctx, "%s%s", mood_name(doing), holding ? " with a parcel" : "");
    dfl_str last = diary->len ? diary->items[diary->len - 1] : DFL_STR("");
    if (last.n >= line.n && memcmp(last.p + last.n - line.n, line.p, line.n) == 0)
        return 0;
    return dfl_str_list_push(ctx, diary,
                             dfl_printf(ctx, "%4d  %2d,%-2d  %2d  %s", (int)tick, (int)pose->x, (int)pose->y,
                                        (int)charge, line.p));
}

int main(int argc, char **argv) {
    world w;
    robot_state s;
    dfl_error error = {0};
    dfl_run run = {.error = &error};
    const char *wrong;
    drawn = argc == 3 && strcmp(argv[1], "-w") == 0;
    if (argc != 2 + drawn) {
        fprintf(stderr, "usage: %s [-w] FLOOR\n", argv[0]);
        return 2;
    }
    wrong = world_read(&w, argv[argc - 1]);
    if (wrong) {
        fprintf(stderr, "%s %s\n", argv[argc - 1], wrong);
        return 1;
    }
    robot_state_init(&s);
    w.charge = WORLD_FULL;
    s.w = &w;
    s.parcels = world_count(&w, 'p');
    if (robot_run(&s, &run) != DFL_OK) {
        fprintf(stderr, "%s: %s\n", error.node, error.message);
        return 1;
    }
    printf("tick  place  charge\n");
    for (uint32_t i = 0; i < s.diary.len; i++)
        puts(s.diary.items[i].p);
    world_draw(&w);
    printf("%d parcels, %lld ticks, %d of them waiting\n", (int)s.delivered, (long long)s.tick, (int)s.waits);
    robot_state_free(&s);
    return 0;
}
