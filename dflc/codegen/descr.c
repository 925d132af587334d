/* What a graph tells of itself: type descriptors, places, edges, and NAME_graph. */
#include "codec.h"
#include "emit.h"
#include "usdt.h"

#include <inttypes.h>
#include <string.h>

/* ---- types ---- */

static bool has_own_descriptor(const Type *type) {
    switch (type->kind) {
    case TY_STRUCT:
        return !type->struct_->builtin;
    case TY_ENUM:
    case TY_LIST:
    case TY_ARRAY:
    case TY_MAP:
    case TY_OPT:
        return true;
    default:
        return false;
    }
}

/* Types whose descriptors a state needs, and what they are made of. Structs may hold themselves in
 * a list, so each is entered once; and chains of them may be long, so the walk keeps its own stack. */
void mark_type(Emit *e, StrMap *used, const Type *type) {
    const Type **stack = NULL;
    size_t n = 0, cap = 0, i;
    ARENA_PUSH(e->arena, stack, n, cap, type);
    while (n > 0) {
        const Type *top = stack[--n];
        if (!has_own_descriptor(top) || strmap_get(used, top->name))
            continue;
        strmap_put(used, e->arena, top->name, (void *)(uintptr_t)top);
        for (i = top->kind == TY_STRUCT ? top->struct_->n_members : 0; i-- > 0;)
            ARENA_PUSH(e->arena, stack, n, cap, top->struct_->members[i].type);
        if (top->elem)
            ARENA_PUSH(e->arena, stack, n, cap, top->elem);
    }
}

static void emit_enum_descriptor(Emit *e, const Type *type, const char *name) {
    const Enum *def = type->enum_;
    size_t i;
    cw_open(e->w, "static const dfl_enumerator %s__values[] = {", def->c_name);
    for (i = 0; i < def->n_values; i++)
        cw_line(e->w, "{\"%s\", %s},", def->values[i].name, def->values[i].c_name);
    cw_close(e->w, "};");
    cw_open(e->w, "static const dfl_type %s = {", name);
    cw_line(e->w, ".kind = DFL_KIND_ENUM, .flat = true, .name = \"%s\", .size = sizeof(%s),",
            type->name, type->c_name);
    cw_line(e->w, ".n = %zu, .values = %s__values};", def->n_values, def->c_name);
    e->w->depth--;
}

static bool has_defaults(const Struct *def) {
    for (size_t i = 0; i < def->n_members; i++)
        if (def->members[i].init)
            return true;
    return false;
}

static void emit_struct_descriptor(Emit *e, const Type *type, const char *name) {
    const Struct *def = type->struct_;
    size_t i;
    cw_open(e->w, "static const dfl_member %s__members[] = {", def->c_name);
    for (i = 0; i < def->n_members; i++)
        cw_line(e->w, "{\"%s\", &%s, offsetof(%s, %s), 0},", def->members[i].name,
                type_descriptor(e, def->members[i].type), def->c_name, def->members[i].name);
    cw_close(e->w, "};");
    if (has_defaults(def)) {
        cw_open(e->w, "static void %s__begin(void *value) {", def->c_name);
        cw_line(e->w, "*(%s *)value = %s__zero();", def->c_name, def->c_name);
        cw_close(e->w, "}");
    }
    cw_open(e->w, "static const dfl_type %s = {", name);
    cw_line(e->w, ".kind = DFL_KIND_STRUCT, .flat = %s, .name = \"%s\", .size = sizeof(%s),",
            type->flat ? "true" : "false", type->name, type->c_name);
    if (has_defaults(def))
        cw_line(e->w, ".begin = %s__begin,", def->c_name);
    cw_line(e->w, ".n = %zu, .members = %s__members};", def->n_members, def->c_name);
    e->w->depth--;
}

static void emit_container_descriptor(Emit *e, const Type *type, const char *name) {
    static const char *const kinds[] = {
        [TY_LIST] = "LIST", [TY_ARRAY] = "ARRAY", [TY_MAP] = "MAP", [TY_OPT] = "OPT"};
    const char *size = type->c_name;
    if (type->kind == TY_ARRAY)
        size = say(e, "%s[%" PRIu32 "]", type->elem->c_name, type->count);
    cw_open(e->w, "static const dfl_type %s = {", name);
    cw_line(e->w, ".kind = DFL_KIND_%s, .flat = %s, .name = %s, .size = sizeof(%s),",
            kinds[type->kind], type->flat ? "true" : "false",
            c_string(e->arena, type->name, strlen(type->name)), size);
    if (type->kind == TY_MAP)
        cw_line(e->w, ".offset = offsetof(%s_entry, value), .entry = sizeof(%s_entry),",
                type->c_name, type->c_name);
    if (type->kind == TY_OPT)
        cw_line(e->w, ".offset = offsetof(%s, value),", type->c_name);
    if (type->kind == TY_ARRAY)
        cw_line(e->w, ".n = %" PRIu32 ",", type->count);
    cw_line(e->w, ".elem = &%s};", type_descriptor(e, type->elem));
    e->w->depth--;
}

static void emit_type_descriptor(Emit *e, const Type *type) {
    const char *name = type_descriptor(e, type);
    if (type->kind == TY_ENUM)
        emit_enum_descriptor(e, type, name);
    else if (type->kind == TY_STRUCT)
        emit_struct_descriptor(e, type, name);
    else
        emit_container_descriptor(e, type, name);
}

static void emit_types(Emit *e, const StrMap *used) {
    size_t i;
    bool any = false;
    for (i = 0; i < used->n; i++) {
        const Type *type = used->entries[i].value;
        if (type->kind != TY_ENUM)
            cw_line(e->w, "static const dfl_type %s;", type_descriptor(e, type));
        any |= type->kind != TY_ENUM;
    }
    if (any)
        cw_blank(e->w);
    for (i = 0; i < used->n; i++) {
        const Type *type = used->entries[i].value;
        if (type->kind == TY_ENUM)
            emit_type_descriptor(e, type);
    }
    for (i = 0; i < used->n; i++) {
        const Type *type = used->entries[i].value;
        if (type->kind != TY_ENUM)
            emit_type_descriptor(e, type);
    }
    if (used->n)
        cw_blank(e->w);
}

static const char *field_flags(Emit *e, const Field *field) {
    const char *text = say(e, "%s%s%s", field->is_in ? " | DFL_FIELD_IN" : "",
                           field->is_out ? " | DFL_FIELD_OUT" : "",
                           field->transient ? " | DFL_FIELD_TRANSIENT" : "");
    return *text ? text + 3 : "0";
}

static void emit_state_descriptor(Emit *e, const Graph *graph) {
    size_t i, n = 0;
    for (i = 0; i < graph->n_fields; i++)
        n += !graph->fields[i]->local;
    if (n) {
        cw_open(e->w, "static const dfl_member %s__fields[] = {", graph->c_name);
        for (i = 0; i < graph->n_fields; i++) {
            const Field *field = graph->fields[i];
            if (!field->local)
                cw_line(e->w, "{\"%s\", &%s, offsetof(%s_state, %s), %s},", field->name,
                        type_descriptor(e, field->type), graph->c_name, field->name,
                        field_flags(e, field));
        }
        cw_close(e->w, "};");
    }
    cw_open(e->w, "static const dfl_type %s__state_type = {", graph->c_name);
    cw_line(e->w, ".kind = DFL_KIND_STRUCT, .name = \"%s\", .size = sizeof(%s_state),", graph->name,
            graph->c_name);
    if (n)
        cw_line(e->w, ".n = %zu, .members = %s__fields};", n, graph->c_name);
    else
        cw_line(e->w, ".n = 0};");
    e->w->depth--;
    cw_blank(e->w);
}

void emit_descriptors(Emit *e) {
    StrMap used = {0};
    size_t g, i;
    for (g = 0; g < e->plan->n_graphs; g++) {
        const Graph *graph = e->plan->graphs[g]->graph;
        for (i = 0; i < graph->n_fields; i++)
            if (!graph->fields[i]->local)
                mark_type(e, &used, graph->fields[i]->type);
    }
    for (g = 0; g < e->plan->n_graphs; g++)
        mark_frame_types(e, e->plan->graphs[g], &used);
    emit_types(e, &used);
    for (g = 0; g < e->plan->n_graphs; g++)
        emit_state_descriptor(e, e->plan->graphs[g]->graph);
}

/* ---- places and edges ---- */

/* The places in order of their numbers, one line of text each. */
typedef struct PlaceTable {
    const char **lines;
} PlaceTable;

static const char *place_line(Emit *e, const GraphPlan *plan, const char *kind, const char *name,
                              const Place *place, int64_t cost_ns) {
    const Section *around = place->region->section;
    const char *full = say(e, "%s%s", plan->path, name);
    return say(e, "{DFL_PLACE_%s, %s, %s, %" PRId64 ", %" PRId64 ", %s},", kind,
               c_string(e->arena, full, strlen(full)), where_string(e, place->span),
               around        ? (int64_t)place_id(plan, around->place)
               : plan->outer ? (int64_t)place_id(plan->outer, plan->at)
                             : -1,
               around ? (int64_t)place->region->branch : -1,
               cost_ns < 0 ? "-1" : say(e, "INT64_C(%" PRId64 ")", cost_ns));
}

static void fill_places(Emit *e, const GraphPlan *plan, PlaceTable *table) {
    const Graph *graph = plan->graph;
    size_t i;
    for (i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        if (node->kind != NODE_PREDICATE)
            table->lines[plan->node_ids[i]] =
                place_line(e, plan, node->kind == NODE_ROUTER ? "ROUTER" : "NODE", node->name,
                           node->place, node->has_cost ? node->cost_ns : -1);
        if (plan->inner[i])
            fill_places(e, plan->inner[i], table);
    }
    for (i = 0; i < graph->n_sections; i++)
        table->lines[plan->section_ids[i]] = place_line(
            e, plan, "SECTION", graph->sections[i]->label, graph->sections[i]->place, -1);
}

static void emit_places(Emit *e) {
    const GraphPlan *plan = e->graph;
    PlaceTable table = {ARENA_ARRAY(e->arena, const char *, plan->n_places)};
    uint32_t i;
    table.lines[0] = "{DFL_PLACE_START, \"start\", \"\", -1, -1, -1},";
    table.lines[plan->n_nodes - 1] = "{DFL_PLACE_END, \"end\", \"\", -1, -1, -1},";
    fill_places(e, plan, &table);
    cw_open(e->w, "static const dfl_place %s__places[] = {", plan->graph->c_name);
    for (i = 0; i < plan->n_places; i++)
        cw_line(e->w, "%s", table.lines[i]);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

/* The guard as it was written, on one line. */
static const char *guard_text(Emit *e, const Edge *edge) {
    const Span span = edge->guard ? edge->guard->span : edge->span;
    char *text;
    size_t i, n = 0;
    if (!edge->guard && !edge->n_values)
        return edge->has_max ? say(e, "max %" PRIu64, edge->max) : "";
    text = arena_alloc(e->arena, span.end - span.begin + 1);
    for (i = span.begin; i < span.end; i++) {
        char c = span.source->text[i];
        bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!space)
            text[n++] = c;
        else if (n && text[n - 1] != ' ')
            text[n++] = ' ';
    }
    return edge->has_max ? say(e, "%s max %" PRIu64, text, edge->max) : text;
}

/* Where an edge leads as a number: out of a region it leads back to what is around it. */
static uint32_t target_id(const GraphPlan *plan, const Place *to) {
    if (to->kind == PL_JOIN)
        return place_id(plan, to->region->section->place);
    if (to->kind == PL_END && plan->outer)
        return place_id(plan->outer, plan->at);
    return place_id(plan, to);
}

static size_t emit_edge(Emit *e, uint32_t from, uint32_t to, const char *guard) {
    cw_line(e->w, "{%" PRIu32 ", %" PRIu32 ", %s},", from, to,
            c_string(e->arena, guard, strlen(guard)));
    return 1;
}

static size_t emit_edges_from(Emit *e, const GraphPlan *plan, uint32_t from, const Place *place,
                              const char *before) {
    size_t i, n = 0;
    for (i = 0; i < place->n_edges; i++) {
        const Edge *edge = place->edges[i];
        const char *guard =
            place->kind == PL_ROUTER ? place->node->targets[i].name : guard_text(e, edge);
        const char *both = *before && *guard ? say(e, "%s, %s", before, guard)
                           : *before         ? before
                                             : guard;
        if (edge->to->kind == PL_CHOICE)
            n += emit_edges_from(e, plan, from, edge->to, both);
        else
            n += emit_edge(e, from, target_id(plan, edge->to), both);
    }
    if (place->on_error)
        n += emit_edge(e, from, target_id(plan, place->on_error->to), "on error");
    if (place->on_timeout)
        n += emit_edge(e, from, target_id(plan, place->on_timeout->to), "on timeout");
    return n;
}

static size_t emit_entry_edges(Emit *e, const GraphPlan *plan, uint32_t from, const Place *entry) {
    if (entry->kind == PL_CHOICE)
        return emit_edges_from(e, plan, from, entry, "");
    if (entry->kind == PL_JOIN)
        return 0;
    return emit_edge(e, from, place_id(plan, entry), "");
}

static size_t emit_place_edges(Emit *e, const GraphPlan *plan, const Place *place) {
    uint32_t from = place_id(plan, place);
    size_t k, n = 0;
    if (place->kind == PL_CHOICE || place->kind == PL_JOIN || place->kind == PL_END)
        return 0;
    if (place->kind == PL_START && plan->outer)
        return emit_edges_from(e, plan, place_id(plan->outer, plan->at), place, "");
    n += emit_edges_from(e, plan, from, place, "");
    for (k = 0; place->section && k < place->section->n_branches; k++)
        n += emit_entry_edges(e, plan, from, place->section->branches[k]->entry);
    return n;
}

static size_t emit_graph_edges(Emit *e, const GraphPlan *plan) {
    size_t i, n = 0;
    for (i = 0; i < plan->graph->n_places; i++)
        n += emit_place_edges(e, plan, plan->graph->places[i]);
    for (i = 0; i < plan->graph->n_nodes; i++)
        if (plan->inner[i])
            n += emit_graph_edges(e, plan->inner[i]);
    return n;
}

static size_t emit_all_edges(Emit *e) {
    size_t n;
    cw_line(e->w,
            "/* From place to place; out of a branch or subgraph, back to what is around. */");
    cw_open(e->w, "static const dfl_edge %s__edges[] = {", e->graph->graph->c_name);
    n = emit_graph_edges(e, e->graph);
    cw_close(e->w, "};");
    cw_blank(e->w);
    return n;
}

/* ---- NAME_graph ---- */

/* The last of what NAME_graph holds: when to save, and how. */
static void emit_policy(Emit *e, const Graph *graph) {
    if (e->plan->no_checkpoints) {
        cw_line(e->w, ".no_checkpoints = true};");
        return;
    }
    cw_line(e->w, ".layout = &%s__layout,", graph->c_name);
    cw_line(e->w, ".save_every = %" PRIu64 ",",
            graph->policy == CP_EVERY ? graph->checkpoint_every : UINT64_C(0));
    if (graph->policy == CP_AUTO)
        cw_line(e->w, ".risks = %s__risks,", graph->c_name);
    cw_line(e->w, ".never_saves = %s};", graph->policy == CP_NEVER ? "true" : "false");
}

void emit_graph_info(Emit *e) {
    const Graph *graph = e->graph->graph;
    const char *name = graph->c_name;
    size_t n_edges;
    if (!e->plan->no_checkpoints)
        emit_layout(e);
    emit_places(e);
    n_edges = emit_all_edges(e);
    if (!e->plan->no_checkpoints)
        emit_risks(e);
    emit_outlooks(e);
    emit_spread_list(e);
    cw_open(e->w, "static int %s__encode(const void *s, dfl_buf *out) {", name);
    cw_line(e->w, "return %s_encode((const %s_state *)s, out);", name, name);
    cw_close(e->w, "}");
    cw_blank(e->w);
    cw_open(e->w, "static int %s__decode(void *s, const void *bytes, size_t n) {", name);
    cw_line(e->w, "return %s_decode((%s_state *)s, bytes, n);", name, name);
    cw_close(e->w, "}");
    cw_blank(e->w);
    cw_open(e->w, "const dfl_graph %s_graph = {", name);
    cw_line(e->w, ".abi = DFL_ABI_VERSION,");
    cw_line(e->w, ".name = \"%s\",", graph->name);
    cw_line(e->w, ".places = %s__places, .n_places = %" PRIu32 ", .n_nodes = %" PRIu32 ",", name,
            e->graph->n_places, e->graph->n_nodes);
    cw_line(e->w, ".edges = %s__edges, .n_edges = %zu,", name, n_edges);
    cw_line(e->w, ".state = &%s__state_type,", name);
    cw_line(e->w, ".schema = UINT64_C(0x%016" PRIx64 "),",
            schema_fingerprint(e->plan->program, graph));
    cw_line(e->w, ".mem_offset = offsetof(%s_state, dfl_mem),", name);
    cw_line(e->w, ".encode = %s__encode, .decode = %s__decode,", name, name);
    if (e->plan->no_events)
        cw_line(e->w, ".no_events = true,");
    if (e->plan->instrument)
        cw_line(e->w, ".instrument = dfl__instrument,");
    emit_outlooks_member(e);
    usdt_checkpoint_member(e);
    emit_spread_members(e);
    emit_policy(e, graph);
    e->w->depth--;
    cw_blank(e->w);
}
