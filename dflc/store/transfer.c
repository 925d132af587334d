/* export and import: a store as lines of JSON. Each line is a checkpoint, oldest first within its
 * thread, with all that a store keeps of it; `layout` is the text that tells what `body` consists of. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cmd.h"
#include "inspect.h"
#include "tool.h"

typedef struct Line {
    dfl_str thread, next, graph, layout;
    uint64_t id, previous, mark, step, bytes;
    dfl_bytes body;
} Line;

static const dfl_member members[] = {
    {"thread", &dfl_type_string, offsetof(Line, thread), 0},
    {"id", &dfl_type_u64, offsetof(Line, id), 0},
    {"previous", &dfl_type_u64, offsetof(Line, previous), 0},
    {"graph", &dfl_type_string, offsetof(Line, graph), 0},
    {"next", &dfl_type_string, offsetof(Line, next), 0},
    {"step", &dfl_type_u64, offsetof(Line, step), 0},
    {"bytes", &dfl_type_u64, offsetof(Line, bytes), 0},
    {"mark", &dfl_type_u64, offsetof(Line, mark), 0},
    {"layout", &dfl_type_string, offsetof(Line, layout), 0},
    {"body", &dfl_type_bytes, offsetof(Line, body), 0},
};
static const dfl_type line_type = {.kind = DFL_KIND_STRUCT,
                                   .name = "line",
                                   .size = sizeof(Line),
                                   .n = sizeof members / sizeof *members,
                                   .members = members};

/* ---- export ---- */

typedef struct Export {
    Tool *tool;
    uint64_t *ids;
    size_t n, cap;
    int status;
} Export;

static dfl_str str(const char *text) {
    return (dfl_str){text, strlen(text)};
}

static int note_id(void *user, const dfl_checkpoint *about) {
    Export *export = user;
    ARENA_PUSH(export->tool->arena, export->ids, export->n, export->cap, about->id);
    return 0;
}

static int write_line(Tool *tool, const char *thread, uint64_t id) {
    const dfl_store_ops *ops = tool->store->ops;
    dfl_record record;
    dfl_buf hold = {0}, layout = {0}, json = {0};
    int status = ops->read(tool->store->self, thread, id, &record, &hold);
    if (status == DFL_OK)
        status = dfl__store_layout(tool->store, record.layout, &layout);
    if (status == DFL_OK) {
        Line line = {.thread = str(thread),
                     .id = id,
                     .previous = record.about.previous,
                     .graph = str(record.graph),
                     .next = str(record.about.next),
                     .step = record.about.step,
                     .bytes = record.about.bytes,
                     .mark = record.layout,
                     .layout = {(const char *)layout.p, layout.n},
                     .body = {record.body, record.n}};
        status = dfl__to_json(&line_type, &line, &json);
    }
    if (status == DFL_OK)
        printf("%.*s\n", (int)json.n, (const char *)json.p);
    dfl_buf_free(&hold);
    dfl_buf_free(&layout);
    dfl_buf_free(&json);
    return status;
}

/* What has gone meanwhile, or is damaged (that was told), is left out. */
static int export_thread(void *user, const char *thread) {
    Export *export = user;
    export->n = 0;
    export->status = dfl_store_history(export->tool->store, thread, 0, note_id, export);
    for (size_t i = export->n; export->status == DFL_OK && i-- > 0;) {
        export->status = write_line(export->tool, thread, export->ids[i]);
        if (export->status == DFL_ENOTFOUND || export->status == DFL_ECORRUPT)
            export->status = DFL_OK;
    }
    return export->status != DFL_OK;
}

int store_export(Tool *tool) {
    Export export = {.tool = tool};
    int status = DFL_OK;
    if (tool->n_words > 0)
        (void)export_thread(&export, tool->words[0]);
    else
        status = dfl_store_threads(tool->store, export_thread, &export);
    status = export.status == DFL_OK ? status : export.status;
    return status == DFL_OK ? DONE
                            : tool_failed(tool, tool->n_words ? tool->words[0] : NULL, status);
}

/* ---- import ---- */

/* Ids are the store's: those of the lines are only what `previous` names. */
typedef struct Import {
    Tool *tool;
    struct Pair {
        uint64_t old, new;
    } * ids;
    size_t n, cap, line;
} Import;

static uint64_t new_id(const Import *import, uint64_t old) {
    for (size_t i = import->n; old && i-- > 0;)
        if (import->ids[i].old == old)
            return import->ids[i].new;
    return 0;
}

static const char *text(Import *import, dfl_str s) {
    return arena_strndup(import->tool->arena, s.p, s.n);
}

/* A layout that is none would make the checkpoints unreadable. */
static int put_layout(Import *import, const Line *line) {
    const dfl_store *store = import->tool->store;
    dfl__layout layout;
    int status = dfl__layout_parse(line->layout.p, line->layout.n, &layout);
    if (status != DFL_OK)
        return status;
    dfl__layout_free(&layout);
    return store->ops->put_layout(store->self, text(import, line->graph), line->mark,
                                  line->layout.p, line->layout.n);
}

static int put_line(Import *import, const Line *line) {
    const dfl_store *store = import->tool->store;
    dfl_record record = {.about = {.previous = new_id(import, line->previous),
                                   .thread = text(import, line->thread),
                                   .next = text(import, line->next),
                                   .step = line->step,
                                   .bytes = (size_t)line->bytes},
                         .graph = text(import, line->graph),
                         .layout = line->mark,
                         .body = line->body.p,
                         .n = line->body.n};
    struct Pair pair = {line->id, 0};
    int status = put_layout(import, line);
    if (status == DFL_OK)
        status = store->ops->put(store->self, &record, DFL_ASYNC, &pair.new);
    if (status == DFL_OK)
        ARENA_PUSH(import->tool->arena, import->ids, import->n, import->cap, pair);
    return status;
}

static bool is_sensible(const Line *line) {
    return line->thread.n > 0 && line->next.n > 0 && line->graph.n > 0 &&
           !memchr(line->thread.p, 0, line->thread.n) && !memchr(line->next.p, 0, line->next.n) &&
           !memchr(line->graph.p, 0, line->graph.n);
}

static int import_line(Import *import, const char *json, size_t n) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    dfl_error error = {0};
    Line line = {0};
    int status = ctx ? dfl__from_json(ctx, &line_type, &line, json, n, &error) : DFL_ENOMEM;
    if (status == DFL_OK && !is_sensible(&line))
        status = DFL_ECORRUPT;
    if (status == DFL_OK)
        status = put_line(import, &line);
    if (status != DFL_OK)
        fprintf(stderr, "dflc: line %zu: %s\n", import->line,
                error.message[0] ? error.message : dfl_strerror(status));
    dfl_ctx_free(ctx);
    return status == DFL_OK                               ? DONE
           : status == DFL_ESTORE || status == DFL_ENOMEM ? BAD_USE
                                                          : BAD_INPUT;
}

int store_import(Tool *tool) {
    Import import = {.tool = tool};
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int status = DONE;
    while (status == DONE && (n = getline(&line, &room, stdin)) > 0) {
        import.line++;
        if (n > 1)
            status = import_line(&import, line, (size_t)n);
    }
    free(line);
    if (dfl_store_sync(tool->store) != DFL_OK && status == DONE)
        status = tool_failed(tool, NULL, DFL_ESTORE);
    if (status == DONE)
        printf("%zu checkpoint%s\n", import.n, import.n == 1 ? "" : "s");
    return status;
}
