/* show and diff: the state of a checkpoint, and what has changed between two. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../cmd.h"
#include "../explain/table.h"
#include "../printable.h"
#include "inspect.h"
#include "tool.h"

/* ---- one ---- */

const char *checkpoint_value(Arena *arena, const dfl__seen *seen, uint32_t i) {
    const dfl_member *member = &seen->layout.state->members[i];
    dfl_buf json = {0};
    const char *text = NULL;
    if (!dfl__bit(seen->live, i))
        return NULL;
    if (dfl__to_json(member->type, (const char *)seen->state + member->offset, &json) == DFL_OK)
        text = arena_strndup(arena, (const char *)json.p, json.n);
    dfl_buf_free(&json);
    return text;
}

static void show_asks(Tool *tool, const dfl__seen *seen) {
    for (size_t i = 0; i < seen->n_asks; i++) {
        const dfl__seen_ask *ask = &seen->asks[i];
        printf("%s: %s: %s\n", ask->answered ? "answer" : "question",
               printable(tool->arena, ask->node.p), printable(tool->arena, ask->text.p));
    }
}

static void show_head(Tool *tool, const dfl__seen *seen) {
    const dfl_checkpoint *about = &seen->record.about;
    Arena *arena = tool->arena;
    printf("checkpoint %" PRIu64 " of graph %s, step %" PRIu64 "\n", about->id,
           printable(arena, seen->record.graph), about->step);
    printf("next: %s%s%s\n", seen->is_after ? "behind " : "", printable(arena, about->next),
           seen->is_within ? " (within it)" : "");
    for (uint32_t i = 0; i < seen->layout.n_counters; i++)
        printf("count: %s: %" PRIu64 "\n", printable(arena, seen->layout.counters[i]),
               seen->counts[i]);
    if (seen->has_error)
        printf("error: %s: %s\n", printable(arena, seen->error.node),
               printable(arena, seen->error.message));
    show_asks(tool, seen);
}

static void show_state(Tool *tool, const dfl__seen *seen) {
    Table table = {.arena = tool->arena};
    for (uint32_t i = 0; i < seen->layout.state->n; i++) {
        const char *value = checkpoint_value(tool->arena, seen, i);
        if (!value)
            continue;
        table_cell(&table, printable(tool->arena, seen->layout.state->members[i].name));
        table_cell(&table, value);
        table_end_row(&table);
    }
    table_print(&table, 2, "ll", stdout);
}

static int show_json(Tool *tool, const dfl__seen *seen) {
    dfl_buf json = {0};
    int status = dfl__seen_json(seen, &json);
    if (status == DFL_OK)
        printf("%.*s\n", (int)json.n, (const char *)json.p);
    dfl_buf_free(&json);
    return status == DFL_OK ? DONE : tool_failed(tool, seen->record.about.thread, status);
}

int store_show(Tool *tool) {
    const char *thread = tool->words[0];
    uint64_t id = 0;
    dfl__seen seen;
    int status, exit_status = DONE;
    if (tool->n_words > 1 && !tool_number(tool, 1, &id))
        return BAD_USE;
    status = dfl__inspect(tool->store, thread, id, &seen);
    if (status != DFL_OK) {
        exit_status = tool_failed(tool, thread, status);
    } else if (tool->json) {
        exit_status = show_json(tool, &seen);
    } else {
        show_head(tool, &seen);
        show_state(tool, &seen);
    }
    dfl__seen_free(&seen);
    return exit_status;
}

/* ---- two ---- */

static const char *named_value(Tool *tool, const dfl__seen *seen, const char *name) {
    for (uint32_t i = 0; i < seen->layout.state->n; i++)
        if (strcmp(seen->layout.state->members[i].name, name) == 0)
            return checkpoint_value(tool->arena, seen, i);
    return NULL;
}

/* A field on two lines; `-` alone: it was saved in the older one only. */
static void tell_change(Tool *tool, const char *field, const char *before, const char *after) {
    const char *name = printable(tool->arena, field);
    if (before)
        printf("- %s: %s\n", name, before);
    if (after)
        printf("+ %s: %s\n", name, after);
}

static void compare(Tool *tool, const dfl__seen *older, const dfl__seen *newer) {
    const dfl_type *was = older->layout.state, *is = newer->layout.state;
    if (strcmp(older->record.about.next, newer->record.about.next) != 0)
        tell_change(tool, "(next)", printable(tool->arena, older->record.about.next),
                    printable(tool->arena, newer->record.about.next));
    for (uint32_t i = 0; i < is->n; i++) {
        const char *after = checkpoint_value(tool->arena, newer, i);
        const char *before = named_value(tool, older, is->members[i].name);
        if (!before != !after || (before && strcmp(before, after) != 0))
            tell_change(tool, is->members[i].name, before, after);
    }
    for (uint32_t i = 0; i < was->n; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < is->n; k++)
            is_there = is_there || strcmp(is->members[k].name, was->members[i].name) == 0;
        if (!is_there)
            tell_change(tool, was->members[i].name, checkpoint_value(tool->arena, older, i), NULL);
    }
}

int store_diff(Tool *tool) {
    const char *thread = tool->words[0];
    uint64_t first = 0, second = 0;
    dfl__seen older = {0}, newer;
    int status;
    if ((tool->n_words > 1 && !tool_number(tool, 1, &first)) ||
        (tool->n_words > 2 && !tool_number(tool, 2, &second)))
        return BAD_USE;
    /* One id, or none: that checkpoint, or the latest, and the one that it follows. */
    status = dfl__inspect(tool->store, thread, tool->n_words > 2 ? second : first, &newer);
    if (status == DFL_OK)
        first = tool->n_words > 2 ? first : newer.record.about.previous;
    if (status == DFL_OK)
        status = first ? dfl__inspect(tool->store, thread, first, &older) : DFL_ENOTFOUND;
    if (status == DFL_OK)
        compare(tool, &older, &newer);
    dfl__seen_free(&older);
    dfl__seen_free(&newer);
    return status == DFL_OK ? DONE : tool_failed(tool, thread, status);
}
