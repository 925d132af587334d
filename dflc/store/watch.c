/* watch: a store as it changes. Each look takes what has changed since the one before; what is shown of it, and
 * where, is a screen's (watch_screen.c), or a line's. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <string.h>

#include "../cmd.h"
#include "../json.h"
#include "../live/clock.h"
#include "../printable.h"
#include "../units.h"
#include "watch.h"

int watch_look(Watch *watch, void (*each)(void *user, const dfl__change *change), void *user) {
    WatchRows *rows = &watch->rows;
    int status;
    rows->before = rows->looked;
    rows->looked = live_now();
    rows->look++;
    status = dfl__store_changes(watch->tool->store, each, user, &watch->sums);
    if (status == DFL_OK && rows->before)
        rate_add(&rows->rate, rows->before, rows->looked, watch->sums.saves);
    return status == DFL_OK && rows->is_out_of_memory ? DFL_ENOMEM : status;
}

bool watch_is_over(const Watch *watch) {
    return watch->tool->count && watch->rows.look >= watch->tool->count;
}

/* ---- lines of text ---- */

typedef struct Lines {
    Watch *watch;
    Arena *arena; /* of one look */
    Json json;
} Lines;

static void print_line(void *user, const dfl__change *change) {
    const Lines *lines = user;
    const dfl_checkpoint *latest = change->latest;
    Arena *arena = lines->arena;
    if (!latest) {
        printf("%s  %s  removed\n", text_of_time(arena, live_time()),
               printable(arena, change->thread));
        return;
    }
    printf("%s  %s  %s  checkpoint %" PRIu64 ", step %" PRIu64 ", %s",
           text_of_time(arena, latest->time_ns), printable(arena, change->thread),
           printable(arena, latest->next), latest->id, latest->step,
           text_of_bytes(arena, latest->bytes));
    if (change->saves > 1)
        printf(", %" PRIu64 " saves", change->saves);
    putchar('\n');
}

/* ---- lines of JSON ---- */

static void add_change(void *user, const dfl__change *change) {
    Json *j = &((Lines *)user)->json;
    const dfl_checkpoint *latest = change->latest;
    json_open(j, NULL, '{');
    json_string(j, "thread", change->thread);
    json_bool(j, "removed", !latest);
    if (latest) {
        json_uint(j, "id", latest->id);
        json_uint(j, "previous", latest->previous);
        json_string(j, "next", latest->next);
        json_uint(j, "step", latest->step);
        json_int(j, "time_ns", latest->time_ns);
        json_uint(j, "bytes", latest->bytes);
        json_uint(j, "checkpoints", change->checkpoints);
        json_uint(j, "log_bytes", change->bytes);
        json_uint(j, "saves", change->saves);
    }
    json_close(j);
}

/* Behind the changes, of which it is known only then. */
static void add_sums(Json *j, const Watch *watch) {
    const dfl__sums *sums = &watch->sums;
    const WatchRows *rows = &watch->rows;
    json_int(j, "time_ns", live_time());
    json_int(j, "since_ns", rows->before ? rows->looked - rows->before : 0);
    json_uint(j, "saves", sums->saves);
    json_uint(j, "threads", sums->threads);
    json_uint(j, "checkpoints", sums->checkpoints);
    json_uint(j, "bytes", sums->bytes);
    json_uint(j, "log_bytes", sums->log_bytes);
    json_uint(j, "segments", sums->segments);
}

static int look_as_json(Lines *lines) {
    Json *j = &lines->json;
    int status;
    *j = (Json){.out = stdout};
    json_open(j, NULL, '{');
    json_open(j, "changes", '[');
    status = watch_look(lines->watch, add_change, lines);
    json_close(j);
    if (status == DFL_OK)
        add_sums(j, lines->watch);
    else
        json_string(j, "error", dfl_strerror(status));
    json_close(j);
    putchar('\n');
    return status;
}

static int look_once(Lines *lines) {
    int status;
    lines->arena = arena_new();
    status = lines->watch->tool->json ? look_as_json(lines)
                                      : watch_look(lines->watch, print_line, lines);
    arena_free(lines->arena);
    return status;
}

/* A reader that is gone ends it. */
static int watch_lines(Watch *watch) {
    Lines lines = {.watch = watch};
    int64_t next = live_now();
    for (;;) {
        int status = look_once(&lines);
        if (status != DFL_OK)
            return tool_failed(watch->tool, NULL, status);
        if (watch_is_over(watch) || fflush(stdout) != 0)
            return DONE;
        next += watch->tool->interval_ns;
        if (next < live_now())
            next = live_now();
        live_sleep_until(next);
    }
}

int store_watch(Tool *tool) {
    Watch watch = {.tool = tool};
    Screen *screen = tool->json ? NULL : screen_open();
    int status;
    if (screen) {
        tool->holds_damage = true;
        status = watch_on_screen(&watch, screen);
        screen_close(screen);
        tool_tell_held(tool);
        status = status == DFL_OK ? DONE : tool_failed(tool, NULL, status);
    } else {
        status = watch_lines(&watch);
    }
    watch_rows_free(&watch.rows);
    return status;
}
