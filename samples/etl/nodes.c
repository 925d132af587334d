/* nodes.c: the steps of etl.dfl, and the program around them.
 *
 *     etl [-k LINE] weather.csv TARGET STORE
 *
 * Where STORE has an unfinished run, that goes on. With -k it kills itself, as kill -9 would, when it has
 * written that line, and has not yet saved that it has. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etl.h"

enum { BATCH = 100, FIELDS = 6, HEADER = 1 };

static long kill_at; /* 0: never */

/* ---- extract ---- */

int etl_extract(dfl_ctx *ctx, dfl_str source, int64_t *at, dfl_str_list *lines) {
    char line[512];
    FILE *file = fopen(source.p, "r");
    if (!file)
        return dfl_fail(ctx, errno, "cannot read %s: %s", source.p, strerror(errno));
    if (fseek(file, (long)*at, SEEK_SET) != 0 || (*at == 0 && !fgets(line, sizeof line, file))) {
        fclose(file);
        return dfl_fatal(ctx, 1, "%s is empty, or shorter than it was", source.p);
    }
    while (lines->len < BATCH && fgets(line, sizeof line, file)) {
        size_t n = strcspn(line, "\r\n");
        dfl_str_list_push(ctx, lines, dfl_copy(ctx, line, n));
    }
    *at = ftell(file);
    fclose(file);
    return 0;
}

/* ---- transform ---- */

static int number(dfl_ctx *ctx, const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end == text || *end ? dfl_fatal(ctx, 1, "'%s' is no number", text) : 0;
}

/* date, precipitation, temp_max, temp_min, wind, weather: to tab-separated date, weather, mm, mean degrees. */
int etl_clean(dfl_ctx *ctx, dfl_str text, dfl_str_list *rows, month_map *months) {
    char copy[512], *fields[FIELDS], *rest = copy;
    double rain, high, low;
    snprintf(copy, sizeof copy, "%s", text.p);
    for (int i = 0; i < FIELDS; i++)
        if (!(fields[i] = strtok_r(i ? NULL : copy, ",", &rest)))
            return dfl_fatal(ctx, 1, "it has %d fields, not %d", i, FIELDS);
    if (number(ctx, fields[1], &rain) || number(ctx, fields[2], &high) || number(ctx, fields[3], &low))
        return 1;
    dfl_str_list_push(ctx, rows,
                      dfl_printf(ctx, "%s\t%s\t%.1f\t%.2f\n", fields[0], fields[5], rain, (high + low) / 2));
    return month_map_put(ctx, months, dfl_copy(ctx, fields[0], 7), (month){1, rain, high});
}

/* The reducer of `months`. */
int etl_add_months(dfl_ctx *ctx, month_map *all, const month_map *update) {
    for (uint32_t i = 0; i < update->len; i++) {
        month add = update->entries[i].value;
        const month *old = month_map_get(all, update->entries[i].key);
        if (old) {
            add.days += old->days;
            add.rain += old->rain;
            add.hottest = old->hottest > add.hottest ? old->hottest : add.hottest;
        }
        month_map_put(ctx, all, update->entries[i].key, add);
    }
    return 0;
}

/* ---- load ---- */

/* What lies behind `written` is of a batch that was not saved: it is written over. */
static int write_rows(dfl_ctx *ctx, dfl_str target, int64_t *written, dfl_str_list rows) {
    FILE *file = fopen(target.p, *written ? "r+" : "w");
    bool good = file && ftruncate(fileno(file), (off_t)*written) == 0 && fseek(file, 0, SEEK_END) == 0;
    for (uint32_t i = 0; good && i < rows.len; i++)
        good = fwrite(rows.items[i].p, 1, rows.items[i].n, file) == rows.items[i].n;
    good = good && fflush(file) == 0 && fsync(fileno(file)) == 0;
    *written = good ? ftell(file) : *written;
    if (file)
        fclose(file);
    return good ? 0 : dfl_fail(ctx, errno, "cannot write %s: %s", target.p, strerror(errno));
}

int etl_append(dfl_ctx *ctx, dfl_str target, int64_t *written, int64_t *line, dfl_str_list *rows,
             dfl_fault_list *faults, dfl_str_list lines, dfl_str_list *bad) {
    int rc = write_rows(ctx, target, written, *rows);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < faults->len; i++)
        dfl_str_list_push(ctx, bad,
                          dfl_printf(ctx, "line %d: %s", (int)(*line + faults->items[i].index + 1 + HEADER),
                                     faults->items[i].message.p));
    *line += lines.len;
    if (kill_at > 0 && *line >= kill_at)
        raise(SIGKILL);
    dfl_str_list_clear(ctx, rows);
    dfl_fault_list_clear(ctx, faults);
    return 0;
}

/* ---- the program ---- */

static void report(const etl_state *s) {
    int64_t days = 0;
    for (uint32_t i = 0; i < s->bad.len; i++)
        printf("%s\n", s->bad.items[i].p);
    printf("month    days   rain  hottest\n");
    for (uint32_t i = 0; i < s->months.len; i++) {
        const month *m = &s->months.entries[i].value;
        printf("%s %6d %6.1f %8.1f\n", s->months.entries[i].key.p, (int)m->days, m->rain, m->hottest);
        days += m->days;
    }
    printf("%d days, %u line%s left out\n", (int)days, s->bad.len, s->bad.len == 1 ? "" : "s");
}

int main(int argc, char **argv) {
    dfl_error error = {0};
    dfl_run run = {.thread_id = "weather", .error = &error};
    etl_state s;
    int status, option;
    while ((option = getopt(argc, argv, "k:")) != -1)
        kill_at = option == 'k' ? atol(optarg) : 0;
    if (argc - optind != 3) {
        fprintf(stderr, "usage: etl [-k LINE] TABLE.csv TARGET STORE\n");
        return 2;
    }
    status = dfl_store_open(argv[optind + 2], NULL, &run.store);
    if (status != DFL_OK) {
        fprintf(stderr, "etl: %s: %s\n", argv[optind + 2], strerror(errno));
        return 1;
    }
    etl_state_init(&s);
    s.source = dfl_strdup(etl_state_ctx(&s), argv[optind]);
    s.target = dfl_strdup(etl_state_ctx(&s), argv[optind + 1]);
    status = etl_continue(&s, &run);
    if (status == DFL_OK)
        report(&s);
    else
        fprintf(stderr, "etl: %s: %s\n", error.node, error.message);
    etl_state_free(&s);
    dfl_store_close(run.store);
    return status != DFL_OK;
}
