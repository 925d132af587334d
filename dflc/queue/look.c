/* ls, show and stats: what is in a work queue. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../cmd.h"
#include "../explain/table.h"
#include "../json.h"
#include "../printable.h"
#include "../units.h"
#include "tool.h"

/* What a queue has as a time may be none that a clock comes to (dfl_work_status). */
static const char *when(Arena *arena, int64_t ns) {
    return ns == INT64_MAX ? "never" : ns == INT64_MIN ? "-" : text_of_time(arena, ns);
}

/* ---- ls ---- */

typedef struct List {
    QueueTool *tool;
    Table table;
    Json json;
} List;

static void put_status(Json *j, const dfl_work_status *run) {
    json_uint(j, "run", run->id);
    json_string(j, "graph", run->graph);
    if (run->key)
        json_string(j, "key", run->key);
    else
        json_null(j, "key");
    json_string(j, "state", dfl_work_state_name(run->state));
    json_int(j, "priority", run->priority);
    json_int(j, "submitted_ns", run->submitted_ns);
    json_int(j, "due_ns", run->due_ns);
    json_int(j, "finished_ns", run->finished_ns);
    json_uint(j, "attempts", run->attempts);
    json_uint(j, "crashes", run->crashes);
    json_uint(j, "failures", run->failures);
    json_uint(j, "step", run->step);
    json_string(j, "next", run->next);
    if (run->error)
        json_string(j, "error", run->error);
    else
        json_null(j, "error");
}

static List list_of(QueueTool *tool) {
    return (List){.tool = tool, .table = {.arena = tool->arena}, .json = {.out = stdout, .lines = true}};
}

static void begin_list(List *list, const char *const *heads, size_t n) {
    if (list->tool->options->json) {
        json_open(&list->json, NULL, '[');
        return;
    }
    for (size_t i = 0; i < n; i++)
        table_cell(&list->table, heads[i]);
    table_end_row(&list->table);
}

/* The exit status, where reading it from the queue has ended with `status`. */
static int end_list(List *list, const char *columns, int status) {
    if (list->tool->options->json) {
        json_close(&list->json);
        putchar('\n');
    } else if (status == DFL_OK) {
        table_print(&list->table, 0, columns, stdout);
    }
    return status == DFL_OK ? DONE : queue_failed(list->tool, NULL, status);
}

static int add_run(void *user, const dfl_work_status *run) {
    List *list = user;
    Arena *arena = list->tool->arena;
    if (list->tool->options->json) {
        json_open_flat(&list->json, NULL, '{');
        put_status(&list->json, run);
        json_close(&list->json);
        return 0;
    }
    table_cell(&list->table, arena_printf(arena, "%" PRIu64, run->id));
    table_cell(&list->table, printable(arena, run->graph));
    table_cell(&list->table, run->key ? printable(arena, run->key) : "-");
    table_cell(&list->table, dfl_work_state_name(run->state));
    table_cell(&list->table, arena_printf(arena, "%" PRId32, run->priority));
    table_cell(&list->table, arena_printf(arena, "%" PRIu32, run->attempts + run->crashes));
    table_cell(&list->table, *run->next ? printable(arena, run->next) : "-");
    table_cell(&list->table, when(arena, run->submitted_ns));
    table_end_row(&list->table);
    return 0;
}

/* "all", or the name of one. */
static bool states_of(const char *word, uint32_t *states) {
    *states = strcmp(word, "all") == 0 ? ~0u : 0;
    for (int state = DFL_WORK_READY; !*states && state <= DFL_WORK_CANCELLED; state++)
        if (strcmp(word, dfl_work_state_name((dfl_work_state)state)) == 0)
            *states = 1u << state;
    if (!*states)
        fprintf(stderr,
                "dflc: '%s' is no state of a run: ready, suspect, running, waiting, paused, dead, "
                "done, "
                "cancelled, or all\n",
                word);
    return *states;
}

int queue_ls(QueueTool *tool) {
    static const char *const words[] = {"run",      "graph",  "key",  "state",
                                        "priority", "failed", "next", "submitted (UTC)"};
    List list = list_of(tool);
    dfl_work_filter filter = {0};
    int status;
    if (tool->n_words > 0 && !states_of(tool->words[0], &filter.states))
        return BAD_USE;
    begin_list(&list, words, sizeof words / sizeof *words);
    status = dfl_work_list(tool->work, &filter, add_run, &list);
    return end_list(&list, "rlllrrll", status);
}

/* ---- show ---- */

typedef struct Show {
    QueueTool *tool;
    Json json;
} Show;

static void show_status(void *user, const dfl_work_status *run) {
    Show *show = user;
    Arena *arena = show->tool->arena;
    if (show->tool->options->json) {
        put_status(&show->json, run);
        return;
    }
    printf("run %" PRIu64 " of graph %s, %s%s%s\n", run->id, printable(arena, run->graph),
           dfl_work_state_name(run->state), run->key ? ", key " : "",
           run->key ? printable(arena, run->key) : "");
    printf("submitted %s%s%s%s%s\n", when(arena, run->submitted_ns),
           run->state == DFL_WORK_WAITING ? ", due " : "",
           run->state == DFL_WORK_WAITING ? when(arena, run->due_ns) : "",
           run->finished_ns ? ", ended " : "",
           run->finished_ns ? when(arena, run->finished_ns) : "");
    if (*run->next)
        printf("next: %s, after %" PRIu64 " node executions\n", printable(arena, run->next),
               run->step);
    if (run->attempts + run->crashes > 0)
        printf("failed: %" PRIu32 " times; its workers crashed: %" PRIu32 " times\n", run->attempts,
               run->crashes);
    if (run->failures > run->attempts + run->crashes)
        printf("before it got further: %" PRIu32 " times more\n",
               run->failures - run->attempts - run->crashes);
    if (run->error)
        printf("error: %s\n", printable(arena, run->error));
}

static void show_question(void *user, const dfl_question *question, const char *answer) {
    Show *show = user;
    Arena *arena = show->tool->arena;
    if (!show->tool->options->json) {
        printf("question %s: %s\n", printable(arena, question->id),
               printable(arena, question->text.p));
        if (answer)
            printf("answer %s: %s\n", printable(arena, question->id), printable(arena, answer));
        return;
    }
    json_open_flat(&show->json, NULL, '{');
    json_string(&show->json, "id", question->id);
    json_string(&show->json, "text", question->text.p);
    if (answer)
        json_string(&show->json, "answer", answer);
    json_close(&show->json);
}

static int show_state(Show *show, uint64_t id) {
    dfl_buf json = {0};
    const char *text;
    int status = dfl_work_json(show->tool->work, id, &json);
    if (status == DFL_OK) {
        text = arena_strndup(show->tool->arena, (const char *)json.p, json.n);
        if (show->tool->options->json)
            json_raw(&show->json, "saved", text);
        else
            printf("saved: %s\n", text);
    }
    dfl_buf_free(&json);
    return status;
}

int queue_show(QueueTool *tool) {
    Show show = {.tool = tool, .json = {.out = stdout}};
    bool json = tool->options->json;
    uint64_t id;
    int status = queue_run_of(tool, tool->words[0], &id);
    if (status != DONE)
        return status;
    if (json)
        json_open(&show.json, NULL, '{');
    status = dfl_work_look(tool->work, id, show_status, &show);
    if (json)
        json_open(&show.json, "questions", '[');
    if (status == DFL_OK)
        status = dfl_work_questions(tool->work, id, show_question, &show);
    if (json)
        json_close(&show.json);
    if (status == DFL_OK)
        status = show_state(&show, id);
    if (json) {
        json_close(&show.json);
        putchar('\n');
    }
    return status == DFL_OK ? DONE : queue_failed(tool, tool->words[0], status);
}

/* ---- stats ---- */

static void add_stats(void *user, const dfl_work_stats *stats) {
    List *list = user;
    Arena *arena = list->tool->arena;
    const uint64_t *n = stats->runs;
    const uint64_t shown[] = {n[DFL_WORK_READY] + n[DFL_WORK_SUSPECT],
                              n[DFL_WORK_RUNNING],
                              n[DFL_WORK_WAITING],
                              n[DFL_WORK_PAUSED],
                              n[DFL_WORK_DEAD],
                              n[DFL_WORK_DONE] + n[DFL_WORK_CANCELLED]};
    if (list->tool->options->json) {
        json_open_flat(&list->json, NULL, '{');
        json_string(&list->json, "graph", stats->graph);
        for (int i = DFL_WORK_READY; i <= DFL_WORK_CANCELLED; i++)
            json_uint(&list->json, dfl_work_state_name((dfl_work_state)i), n[i]);
        json_int(&list->json, "oldest_ns", stats->oldest_ns);
        json_close(&list->json);
        return;
    }
    table_cell(&list->table, printable(arena, stats->graph));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        table_cell(&list->table, arena_printf(arena, "%" PRIu64, shown[i]));
    table_cell(&list->table, stats->oldest_ns ? text_of_age(arena, stats->oldest_ns) : "-");
    table_end_row(&list->table);
}

int queue_stats(QueueTool *tool) {
    static const char *const words[] = {"graph",  "ready", "running",  "waiting",
                                        "paused", "dead",  "finished", "oldest ready"};
    List list = list_of(tool);
    int status;
    begin_list(&list, words, sizeof words / sizeof *words);
    status = dfl_work_count(tool->work, add_stats, &list);
    return end_list(&list, "lrrrrrrl", status);
}
