/* queue.h. */
#define _POSIX_C_SOURCE 200809L

#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What hangs in the middle of a transaction holds locks; a stopped process could do so for ever. */
static const char every_queue[] = "SET idle_in_transaction_session_timeout = '30s'";

int dfl__queue_begin(Queue *queue, const char *conninfo, const dfl_pg_options *options) {
    queue->waits = true;
    queue->pg.setup = every_queue;
    queue->pg.statements = dfl__queue_statements;
    queue->pg.n_statements = Q_STATEMENTS;
    return dfl__pg_begin(&queue->pg, conninfo, options);
}

void dfl__queue_end(Queue *queue) {
    dfl__pg_end(&queue->pg);
    while (queue->lanes) {
        Lane *lane = queue->lanes;
        queue->lanes = lane->next;
        free(lane);
    }
    while (queue->layouts) {
        Layout *layout = queue->layouts;
        queue->layouts = layout->next;
        free(layout);
    }
}

int dfl__queue_reconnect(Queue *queue, int ms) {
    int status = dfl__pg_reconnect_within(&queue->pg, ms);
    queue->waits = true;
    return status;
}

/* ---- statements ---- */

int dfl__queue_ask(Queue *queue, QueueStatement statement, const PgArgs *args, PGresult **result) {
    int status = dfl__pg_run(&queue->pg, statement, args, result);
    if (dfl__pg_was_cut(&queue->pg, status) && dfl__queue_reconnect(queue, RECONNECT_MS) == DFL_OK)
        status = dfl__pg_run(&queue->pg, statement, args, result);
    return status;
}

static int64_t rows_of(PGresult *result) {
    const char *rows = PQcmdTuples(result);
    return rows[0] ? strtoll(rows, NULL, 10) : 0;
}

static int changed(int status, PGresult *result, int64_t *rows) {
    int why = errno;
    if (rows)
        *rows = status == DFL_OK ? rows_of(result) : 0;
    PQclear(result);
    errno = why;
    return status;
}

int dfl__queue_change(Queue *queue, QueueStatement statement, const PgArgs *args, int64_t *rows) {
    PGresult *result = NULL;
    int status = dfl__queue_ask(queue, statement, args, &result);
    return changed(status, result, rows);
}

int dfl__queue_change_once(Queue *queue, QueueStatement statement, const PgArgs *args,
                           int64_t *rows) {
    PGresult *result = NULL;
    int status = dfl__pg_run(&queue->pg, statement, args, &result);
    return changed(status, result, rows);
}

int dfl__queue_wait_for_disk(Queue *queue, bool waits) {
    int status = DFL_OK;
    if (queue->waits != waits)
        status = dfl__pg_exec(&queue->pg,
                              waits ? "RESET synchronous_commit" : "SET synchronous_commit = off");
    if (status == DFL_OK)
        queue->waits = waits;
    return status;
}

/* ---- lanes ---- */

static const Lane *find_lane(const Queue *queue, const char *graph, uint64_t mark) {
    const Lane *lane = queue->lanes;
    while (lane && (lane->mark != mark || strcmp(lane->graph, graph) != 0))
        lane = lane->next;
    return lane;
}

static int keep_lane(Queue *queue, const char *graph, uint64_t mark, int32_t number) {
    size_t n = strlen(graph) + 1;
    Lane *lane = malloc(sizeof *lane + n);
    if (!lane)
        return DFL_ENOMEM;
    *lane = (Lane){.next = queue->lanes, .lane = number, .mark = mark};
    memcpy(lane->graph, graph, n);
    queue->lanes = lane;
    return DFL_OK;
}

int dfl__queue_lane(Queue *queue, const char *graph, uint64_t mark, int32_t *lane) {
    const Lane *known = find_lane(queue, graph, mark);
    PGresult *result = NULL;
    PgArgs args = {0};
    int status;
    if (known) {
        *lane = known->lane;
        return DFL_OK;
    }
    dfl__pg_text(&args, graph);
    dfl__pg_i64(&args, (int64_t)mark);
    status = dfl__queue_change(queue, Q_LANE_PUT, &args, NULL);
    if (status == DFL_OK)
        status = dfl__queue_ask(queue, Q_LANE_GET, &args, &result);
    if (status == DFL_OK) {
        *lane = (int32_t)dfl__pg_get_i64(result, 0, 0);
        status = keep_lane(queue, graph, mark, *lane);
    }
    PQclear(result);
    return status;
}

/* ---- layouts ---- */

static const Layout *find_layout(const Queue *queue, uint64_t mark) {
    const Layout *layout = queue->layouts;
    while (layout && layout->mark != mark)
        layout = layout->next;
    return layout;
}

static const Layout *keep_layout(Queue *queue, uint64_t mark, const char *text, size_t n) {
    Layout *layout = malloc(sizeof *layout + n);
    if (!layout)
        return NULL;
    *layout = (Layout){.next = queue->layouts, .mark = mark, .n = n};
    memcpy(layout->text, text, n);
    queue->layouts = layout;
    return layout;
}

int dfl__queue_put_layout(Queue *queue, const char *graph, uint64_t mark, const char *text,
                          size_t n) {
    PgArgs args = {0};
    int status;
    dfl__pg_i64(&args, (int64_t)mark);
    dfl__pg_text(&args, graph);
    dfl__pg_bytes(&args, text, n);
    status = dfl__queue_change(queue, Q_PUT_LAYOUT, &args, NULL);
    if (status == DFL_OK && !keep_layout(queue, mark, text, n))
        status = DFL_ENOMEM;
    return status;
}

static int read_layout(Queue *queue, uint64_t mark, const Layout **layout) {
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__pg_i64(&args, (int64_t)mark);
    status = dfl__queue_ask(queue, Q_LAYOUT, &args, &result);
    if (status == DFL_OK && PQntuples(result) == 0)
        status = DFL_ENOTFOUND;
    if (status == DFL_OK) {
        *layout =
            keep_layout(queue, mark, PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0));
        status = *layout ? DFL_OK : DFL_ENOMEM;
    }
    PQclear(result);
    return status;
}

int dfl__queue_layout(Queue *queue, uint64_t mark, dfl_buf *out) {
    const Layout *layout = find_layout(queue, mark);
    int status = layout ? DFL_OK : read_layout(queue, mark, &layout);
    uint8_t *to;
    if (status != DFL_OK || !out)
        return status;
    to = dfl_buf_room(out, layout->n);
    if (!to)
        return DFL_ENOMEM;
    memcpy(to, layout->text, layout->n);
    return DFL_OK;
}

/* ---- text ---- */

/* Bytes of the character that `text` begins with; 0: it is none. */
static size_t character(const unsigned char *text) {
    uint32_t c = text[0];
    size_t n = c < 0x80                ? 1
               : c >= 0xc2 && c < 0xe0 ? 2
               : (c & 0xf0) == 0xe0    ? 3
               : (c & 0xf8) == 0xf0    ? 4
                                       : 0;
    c = n == 2 ? c & 31 : n == 3 ? c & 15 : c & 7;
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text[i] & 63);
    }
    if (n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000)))
        return 0;
    return n == 4 && (c < 0x10000 || c > 0x10ffff) ? 0 : n;
}

void dfl__queue_only_utf8(char *text) {
    while (*text) {
        size_t n = character((const unsigned char *)text);
        if (n == 0)
            *text = '?';
        text += n ? n : 1;
    }
}
