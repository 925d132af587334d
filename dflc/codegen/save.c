/* What a checkpoint saves: each field in turn, if it is live.
 *
 *     if (dfl__bit(live, 2))
 *         n += dfl__size_block(s->text.n, 1);                   measured,
 *     if (dfl__bit(live, 2))
 *         at = dfl__put_block(at, s->text.p, s->text.n, 1);     put,
 *     if (at && dfl__bit(live, 2))
 *         at = dfl__read_str(in, at, &s->text);                 and read back
 *
 * The table of slots says where that is: a field costs a few numbers for each stretch of the flow,
 * so a graph of many places and fields stays linear. */
#include "save.h"

#include <inttypes.h>
#include <string.h>

#include "codec.h"
#include "codec_value.h"

/* ---- the table ---- */

typedef struct Slots {
    uint32_t *all;
    size_t n, cap;
} Slots;

typedef struct Table {
    Arena *arena;
    Slots *of; /* by Field.index */
} Table;

static void add_slot(void *context, const Field *field, uint32_t slot, bool is_live) {
    Table *table = context;
    Slots *slots = &table->of[field->index];
    (void)is_live;
    /* Live from where it has just ended: it goes on. */
    if (slots->n > 0 && slots->all[slots->n - 1] == slot)
        slots->n--;
    else
        ARENA_PUSH(table->arena, slots->all, slots->n, slots->cap, slot);
}

static void emit_number(Codec *c, const char **line, uint32_t number) {
    const char *longer = codec_say(c, "%s%s%" PRIu32 ",", *line, **line ? " " : "", number);
    if (strlen(longer) > 90) {
        cw_line(c->w, "%s", *line);
        longer = codec_say(c, "%" PRIu32 ",", number);
    }
    *line = longer;
}

static void begin_numbers(Codec *c, const Graph *graph, const char *name) {
    cw_open(c->w, "static const uint32_t %s__%s[] = {", graph->c_name, name);
}

static void end_numbers(Codec *c, const char *line) {
    if (*line)
        cw_line(c->w, "%s", line);
    cw_close(c->w, "};");
}

static void emit_members(Codec *c, const Graph *graph) {
    const char *line = "";
    uint32_t member = 0;
    begin_numbers(c, graph, "saved_members");
    for (size_t i = 0; i < graph->n_fields; i++) {
        if (field_is_saved(graph->fields[i]))
            emit_number(c, &line, member);
        member += !graph->fields[i]->local;
    }
    emit_number(c, &line, member);
    end_numbers(c, line);
}

static void emit_first(Codec *c, const Graph *graph, const Table *table) {
    const char *line = "";
    uint32_t first = 0;
    begin_numbers(c, graph, "saved_first");
    for (size_t i = 0; i < graph->n_fields; i++)
        if (field_is_saved(graph->fields[i])) {
            emit_number(c, &line, first);
            first += (uint32_t)table->of[i].n;
        }
    emit_number(c, &line, first);
    end_numbers(c, line);
}

static void emit_slots(Codec *c, const Graph *graph, const Table *table) {
    const char *line = "";
    bool any = false;
    begin_numbers(c, graph, "saved_slots");
    for (size_t i = 0; i < graph->n_fields; i++)
        for (size_t k = 0; field_is_saved(graph->fields[i]) && k < table->of[i].n; k++) {
            emit_number(c, &line, table->of[i].all[k]);
            any = true;
        }
    if (!any)
        emit_number(c, &line, 0);
    end_numbers(c, line);
}

static void emit_order(Codec *c, const GraphPlan *plan) {
    const Region *region = plan->graph->regions[0];
    uint32_t *order = ARENA_ARRAY(c->arena, uint32_t, plan->n_places);
    const char *line = "";
    for (size_t i = 0; i < region->n_places; i++) {
        uint32_t id = place_id(plan, region->places[i]);
        if (id != UINT32_MAX)
            order[id] = live_position(plan->live, region->places[i]);
    }
    begin_numbers(c, plan->graph, "saved_order");
    for (uint32_t i = 0; i < plan->n_places; i++)
        emit_number(c, &line, order[i]);
    end_numbers(c, line);
}

static void emit_table(Codec *c, const GraphPlan *plan) {
    const Graph *graph = plan->graph;
    Table table = {c->arena, ARENA_ARRAY(c->arena, Slots, graph->n_fields + 1)};
    live_changes(plan->live, add_slot, &table);
    cw_line(c->w, "/* What checkpoints save: the fields, and where in the flow each is live. */");
    emit_members(c, graph);
    emit_order(c, plan);
    emit_first(c, graph, &table);
    emit_slots(c, graph, &table);
    cw_blank(c->w);
}

/* ---- the functions ---- */

typedef void FieldLines(Codec *c, const Field *field, const char *value);

static void for_saved(Codec *c, const Graph *graph, const char *test, FieldLines *lines) {
    uint32_t number = 0;
    for (size_t i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        if (!field_is_saved(field))
            continue;
        cw_open(c->w, "if (%sdfl__bit(live, %" PRIu32 ")) {", test, number++);
        lines(c, field, codec_say(c, "s->%s", field->name));
        cw_close(c->w, "}");
    }
}

static void size_field(Codec *c, const Field *field, const char *value) {
    codec_add_size(c, field->type, value);
}

static void put_field(Codec *c, const Field *field, const char *value) {
    codec_put(c, field->type, value);
}

static void get_field(Codec *c, const Field *field, const char *value) {
    if (codec_is_fixed(c, field->type))
        codec_get_fixed(c, field->type, value);
    else
        codec_get(c, field->type, value, true);
}

static bool has_deep(Codec *c, const Graph *graph) {
    for (size_t i = 0; i < graph->n_fields; i++)
        if (field_is_saved(graph->fields[i]) && codec_is_deep(c, graph->fields[i]->type))
            return true;
    return false;
}

static uint32_t n_saved(const Graph *graph) {
    uint32_t n = 0;
    for (size_t i = 0; i < graph->n_fields; i++)
        n += field_is_saved(graph->fields[i]);
    return n;
}

static void emit_save(Codec *c, const Graph *graph) {
    bool deep = has_deep(c, graph);
    codec_begin(c, codec_say(c,
                             "static int %s__save(const void *state, size_t live_at, "
                             "dfl_buf *out)",
                             graph->c_name));
    cw_line(c->w, "const %s_state *s = (const %s_state *)state;", graph->c_name, graph->c_name);
    cw_line(c->w, "const uint8_t *live = out->p + live_at;");
    cw_line(c->w, "uint8_t *at;");
    cw_line(c->w, "size_t n = 0;");
    if (deep)
        cw_line(c->w, "bool too_deep = false;");
    cw_blank(c->w);
    for_saved(c, graph, "", size_field);
    if (deep) {
        cw_line(c->w, "if (too_deep)");
        cw_line(c->w, "    return DFL_EINVAL;");
    }
    cw_line(c->w, "at = dfl__buf_room(out, n);");
    cw_line(c->w, "if (!at)");
    cw_line(c->w, "    return DFL_ENOMEM;");
    cw_line(c->w, "live = out->p + live_at;   /* it may have moved */");
    if (n_saved(graph) == 0)
        cw_line(c->w, "(void)s, (void)live;");
    for_saved(c, graph, "", put_field);
    cw_line(c->w, "return DFL_OK;");
    codec_end(c);
}

static void emit_restore_fields(Codec *c, const Graph *graph) {
    codec_begin(c, codec_say(c,
                             "static const uint8_t *%s__restore_fields(dfl__decode *in, "
                             "const uint8_t *live, %s_state *s)",
                             graph->c_name, graph->c_name));
    cw_line(c->w, "const uint8_t *at = in->at;");
    cw_blank(c->w);
    for_saved(c, graph, "at && ", get_field);
    if (n_saved(graph) == 0)
        cw_line(c->w, "(void)live, (void)s;");
    cw_line(c->w, "return at;");
    codec_end(c);
}

static bool has_text(const Graph *graph) {
    for (size_t i = 0; i < graph->n_fields; i++)
        if (field_is_saved(graph->fields[i]) && codec_is_text(graph->fields[i]->type))
            return true;
    return false;
}

static void emit_restore(Codec *c, const Graph *graph) {
    const char *name = graph->c_name;
    codec_begin(c, codec_say(c,
                             "static int %s__restore(void *state, const uint8_t *live, "
                             "const void *bytes, size_t n)",
                             name));
    cw_line(c->w, "%s_state *const s = (%s_state *)state;", name, name);
    cw_line(c->w, "const uint8_t *at;");
    cw_line(c->w, "%s_state *old;", name);
    cw_line(c->w, "dfl__decode in;");
    cw_blank(c->w);
    cw_line(c->w, "old = dfl__restore_begin(&in, &s->dfl_mem, bytes, n, sizeof *old, %s);",
            has_text(graph) ? "0" : "DFL__NO_TEXTS");
    codec_take_place(c, graph, false, codec_say(c, "%s__restore_fields(&in, live, s)", name));
}

static void emit_init(Codec *c, const Graph *graph) {
    codec_begin(c, codec_say(c, "static void %s__init(void *state)", graph->c_name));
    cw_line(c->w, "%s_state_init((%s_state *)state);", graph->c_name, graph->c_name);
    codec_end(c);
}

void emit_saved(CWriter *w, const GraphPlan *plan) {
    const Graph *graph = plan->graph;
    Codec codec = {.w = w, .arena = w->arena, .in_state = true};
    const char *name = graph->c_name;
    emit_table(&codec, plan);
    emit_save(&codec, graph);
    emit_restore_fields(&codec, graph);
    emit_restore(&codec, graph);
    emit_init(&codec, graph);
    cw_open(w, "static const dfl__saved %s__saved = {", name);
    cw_line(w, ".n = %" PRIu32 ", .members = %s__saved_members, .first = %s__saved_first,",
            n_saved(graph), name, name);
    cw_line(w, ".order = %s__saved_order, .slots = %s__saved_slots, .init = %s__init,", name, name,
            name);
    cw_line(w, ".save = %s__save, .restore = %s__restore};", name, name);
    w->depth--;
    cw_blank(w);
}
