/* ls, history and verify: what is in a store. */
#include <inttypes.h>
#include <string.h>

#include "../cmd.h"
#include "../explain/table.h"
#include "../json.h"
#include "../printable.h"
#include "../units.h"
#include "tool.h"

typedef struct List {
    Tool *tool;
    Table table;
    Json json;
    int status; /* of the runtime */
} List;

static const char *text_of_number(Arena *arena, uint64_t n) {
    return arena_printf(arena, "%" PRIu64, n);
}

static void head(Table *table, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        table_cell(table, words[i]);
    table_end_row(table);
}

static void add_json(List *list, const dfl_checkpoint *about) {
    Json *j = &list->json;
    json_open_flat(j, NULL, '{');
    json_uint(j, "id", about->id);
    json_uint(j, "previous", about->previous);
    json_string(j, "thread", about->thread);
    json_string(j, "next", about->next);
    json_uint(j, "step", about->step);
    json_int(j, "time_ns", about->time_ns);
    json_uint(j, "bytes", about->bytes);
    json_close(j);
}

static void begin(List *list, const char *const *words, size_t n) {
    list->table.arena = list->tool->arena;
    list->json = (Json){.out = stdout, .lines = true};
    if (list->tool->json)
        json_open(&list->json, NULL, '[');
    else
        head(&list->table, words, n);
}

static int end(List *list, const char *align, const char *thread) {
    if (list->tool->json) {
        json_close(&list->json);
        putchar('\n');
    } else if (list->status == DFL_OK) {
        table_print(&list->table, 0, align, stdout);
    }
    return list->status == DFL_OK ? DONE : tool_failed(list->tool, thread, list->status);
}

/* ---- ls ---- */

static int add_thread(void *user, const char *thread) {
    List *list = user;
    Arena *arena = list->tool->arena;
    dfl_checkpoint about;
    int status = dfl_store_latest(list->tool->store, thread, &about);
    if (status == DFL_ENOTFOUND) /* removed meanwhile, or all of it damaged */
        return 0;
    list->status = status;
    if (status != DFL_OK)
        return 1;
    if (list->tool->json) {
        add_json(list, &about);
        return 0;
    }
    table_cell(&list->table, printable(arena, thread));
    table_cell(&list->table, printable(arena, about.next));
    table_cell(&list->table, text_of_number(arena, about.id));
    table_cell(&list->table, text_of_number(arena, about.step));
    table_cell(&list->table, text_of_bytes(arena, about.bytes));
    table_cell(&list->table, text_of_time(arena, about.time_ns));
    table_end_row(&list->table);
    return 0;
}

int store_ls(Tool *tool) {
    static const char *const words[] = {"thread", "next", "latest", "step", "state", "saved (UTC)"};
    List list = {.tool = tool};
    int status;
    begin(&list, words, 6);
    status = dfl_store_threads(tool->store, add_thread, &list);
    list.status = list.status == DFL_OK ? status : list.status;
    return end(&list, "llrrrl", NULL);
}

/* ---- history ---- */

static int add_checkpoint(void *user, const dfl_checkpoint *about) {
    List *list = user;
    Arena *arena = list->tool->arena;
    if (list->tool->json) {
        add_json(list, about);
        return 0;
    }
    table_cell(&list->table, text_of_number(arena, about->id));
    table_cell(&list->table, about->previous ? text_of_number(arena, about->previous) : "-");
    table_cell(&list->table, printable(arena, about->next));
    table_cell(&list->table, text_of_number(arena, about->step));
    table_cell(&list->table, text_of_bytes(arena, about->bytes));
    table_cell(&list->table, text_of_time(arena, about->time_ns));
    table_end_row(&list->table);
    return 0;
}

int store_history(Tool *tool) {
    static const char *const words[] = {"id", "follows", "next", "step", "state", "saved (UTC)"};
    List list = {.tool = tool};
    begin(&list, words, 6);
    list.status = dfl_store_history(tool->store, tool->words[0], 0, add_checkpoint, &list);
    return end(&list, "rrlrrl", tool->words[0]);
}

/* ---- verify ---- */

static void tell(void *user, const dfl_damage *damage) {
    List *list = user;
    Json *j = &list->json;
    if (!list->tool->json) {
        printf("%s%s%s: file %" PRIu32 ", byte %" PRIu64 ", %" PRIu64 " bytes\n", damage->what,
               damage->thread[0] ? " of " : "", printable(list->tool->arena, damage->thread),
               damage->file, damage->offset, damage->bytes);
        return;
    }
    json_open_flat(j, NULL, '{');
    json_string(j, "what", damage->what);
    json_string(j, "thread", damage->thread);
    json_uint(j, "file", damage->file);
    json_uint(j, "offset", damage->offset);
    json_uint(j, "bytes", damage->bytes);
    json_close(j);
}

int store_verify(Tool *tool) {
    List list = {.tool = tool, .json = {.out = stdout, .lines = true}};
    int status;
    if (tool->json)
        json_open(&list.json, NULL, '[');
    status = dfl_store_verify(tool->store, tell, &list);
    if (tool->json) {
        json_close(&list.json);
        putchar('\n');
    } else if (status == DFL_OK) {
        puts("intact");
    }
    if (status == DFL_OK)
        return DONE;
    return status == DFL_ECORRUPT ? BAD_INPUT : tool_failed(tool, NULL, status);
}
