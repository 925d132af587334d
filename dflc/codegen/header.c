/* The generated header: types, states, node functions, the API. */
#include "emit.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

const char *upper(Emit *e, const char *text) {
    char *out = arena_strndup(e->arena, text, strlen(text)), *p;
    for (p = out; *p; p++)
        *p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
    return out;
}

static void open_guard(Emit *e, const char *kind, const char *name) {
    cw_margin(e->w, "#ifndef DFL_%s_%s", kind, name);
    cw_margin(e->w, "#define DFL_%s_%s", kind, name);
}

static void close_guard(Emit *e) {
    cw_margin(e->w, "#endif");
}

/* ---- enums ---- */

static void emit_enum(Emit *e, const Enum *def) {
    size_t i;
    open_guard(e, "TYPE", def->c_name);
    cw_open(e->w, "typedef enum %s {", def->c_name);
    for (i = 0; i < def->n_values; i++)
        cw_line(e->w, "%s = %" PRId32 "%s", def->values[i].c_name, def->values[i].value,
                i + 1 < def->n_values ? "," : "");
    cw_close(e->w, "} %s;", def->c_name);
    cw_line(e->w, "/* The name as in the source; \"?\" for a number that is none of them. */");
    cw_open(e->w, "static inline const char *%s_name(%s value) {", def->c_name, def->c_name);
    cw_line(e->w, "switch (value) {");
    for (i = 0; i < def->n_values; i++) {
        cw_line(e->w, "case %s:", def->values[i].c_name);
        cw_line(e->w, "    return \"%s\";", def->values[i].name);
    }
    cw_line(e->w, "}");
    cw_line(e->w, "return \"?\";");
    cw_close(e->w, "}");
    cw_open(e->w, "static inline bool %s__in(%s value, const %s *items, uint32_t n) {", def->c_name,
            def->c_name, def->c_name);
    cw_line(e->w, "for (uint32_t i = 0; i < n; i++)");
    cw_line(e->w, "    if (items[i] == value)");
    cw_line(e->w, "        return true;");
    cw_line(e->w, "return false;");
    cw_close(e->w, "}");
    close_guard(e);
    cw_blank(e->w);
}

/* ---- structs, lists, maps, options ---- */

/* Whether dfl.h declares the list, map or option type itself. */
static bool is_builtin_composite(const Type *type) {
    const Type *elem = type->elem;
    switch (elem->kind) {
    case TY_ENUM:
    case TY_LIST:
    case TY_MAP:
    case TY_OPT:
        return false;
    case TY_STRUCT:
        return elem->struct_->builtin && type->kind != TY_OPT;
    default:
        return true;
    }
}

static bool is_own_composite(const Type *type, TypeKind kind) {
    return type->kind == kind && !is_builtin_composite(type);
}

static void emit_option(Emit *e, const Type *type) {
    open_guard(e, "TYPE", type->c_name);
    cw_line(e->w, "DFL_OPT_TYPE(%s, %s)", type->c_name, type->elem->c_name);
    close_guard(e);
}

/* For the generated source alone: C++ has no compound literals. */
static void emit_struct_zero(Emit *e, const Struct *def) {
    size_t i;
    cw_open(e->w, "static inline %s %s__zero(void) {", def->c_name, def->c_name);
    cw_line(e->w, "%s zero;", def->c_name);
    for (i = 0; i < def->n_members; i++) {
        const Member *member = &def->members[i];
        const char *name = say(e, "zero.%s", member->name);
        if (member->init)
            cw_line(e->w, "%s = %s;", name, c_const(e, member->init));
        else
            set_zero(e, member->type, name);
    }
    cw_line(e->w, "return zero;");
    cw_close(e->w, "}");
}

/* A field may be called like a type, which it then hides from the members and parameters after it. */
bool is_type_name(Emit *e, const char *name) {
    return strmap_get(&e->type_names, intern_cstr(e->comp->names, name)) != NULL;
}

void find_type_names(Emit *e) {
    size_t i;
    for (i = 0; i < e->plan->n_types; i++) {
        const char *name = intern_cstr(e->comp->names, e->plan->types[i]->c_name);
        strmap_put(&e->type_names, e->arena, name, e);
    }
}

static const char *member_text(Emit *e, const Type *type, const char *name, bool tagged) {
    if (!tagged || type->kind == TY_HANDLE)
        return c_declare(e, type, name);
    if (type->kind == TY_ARRAY)
        return say(e, "%s %s[%" PRIu32 "]", c_tagged(e, type), name, type->count);
    return say(e, "%s %s", c_tagged(e, type), name);
}

static void emit_struct(Emit *e, const Struct *def) {
    bool tagged = false;
    size_t i;
    open_guard(e, "TYPE", def->c_name);
    cw_open(e->w, "struct %s {", def->c_name);
    for (i = 0; i < def->n_members; i++)
        tagged |= is_type_name(e, def->members[i].name);
    for (i = 0; i < def->n_members; i++)
        cw_line(e->w, "%s;", member_text(e, def->members[i].type, def->members[i].name, tagged));
    cw_close(e->w, "};");
    close_guard(e);
}

static void emit_forwards(Emit *e) {
    const Program *program = e->plan->program;
    size_t i;
    for (i = 0; i < program->n_structs; i++)
        if (!program->structs[i]->builtin)
            cw_line(e->w, "typedef struct %s %s;", program->structs[i]->c_name,
                    program->structs[i]->c_name);
    for (i = 0; i < e->plan->n_types; i++)
        if (is_own_composite(e->plan->types[i], TY_OPT))
            cw_line(e->w, "typedef struct %s %s;", e->plan->types[i]->c_name,
                    e->plan->types[i]->c_name);
}

static void emit_containers(Emit *e) {
    size_t i;
    for (i = 0; i < e->plan->n_types; i++) {
        const Type *type = e->plan->types[i];
        if (!is_own_composite(type, TY_LIST) && !is_own_composite(type, TY_MAP))
            continue;
        open_guard(e, "TYPE", type->c_name);
        if (type->kind == TY_LIST)
            cw_line(e->w, "DFL_LIST_TYPE(%s, %s)", type->c_name, type->elem->c_name);
        else
            cw_line(e->w, "DFL_MAP_TYPE(%s)", type->c_name);
        close_guard(e);
    }
}

/* Those of anything but structs. */
static void emit_options(Emit *e) {
    size_t i;
    for (i = 0; i < e->plan->n_types; i++) {
        const Type *type = e->plan->types[i];
        if (is_own_composite(type, TY_OPT) && !type->elem->struct_)
            emit_option(e, type);
    }
}

/* By struct: its own optional. Types are interned, so that there is no second one. */
static const Type **options_of_structs(Emit *e, StrMap *structs) {
    const Program *program = e->plan->program;
    const Type **options = ARENA_ARRAY(e->arena, const Type *, program->n_structs);
    size_t i;
    for (i = 0; i < program->n_structs; i++)
        strmap_put(structs, e->arena, program->structs[i]->name, &options[i]);
    for (i = 0; i < e->plan->n_types; i++) {
        const Type *type = e->plan->types[i];
        if (is_own_composite(type, TY_OPT) && type->elem->struct_)
            *(const Type **)strmap_get(structs, type->elem->struct_->name) = type;
    }
    return options;
}

static void emit_operations(Emit *e) {
    size_t i;
    for (i = 0; i < e->plan->n_types; i++) {
        const Type *type = e->plan->types[i];
        if (!is_own_composite(type, TY_LIST) && !is_own_composite(type, TY_MAP))
            continue;
        open_guard(e, "OPS", type->c_name);
        cw_line(e->w, "DFL_%s_OPS(%s, %s)", type->kind == TY_LIST ? "LIST" : "MAP", type->c_name,
                type->elem->c_name);
        close_guard(e);
    }
}

static void emit_types(Emit *e) {
    const Program *program = e->plan->program;
    StrMap structs = {0};
    const Type **options = options_of_structs(e, &structs);
    size_t i;
    for (i = 0; i < program->n_enums; i++)
        emit_enum(e, program->enums[i]);
    emit_forwards(e);
    emit_containers(e);
    emit_options(e);
    for (i = 0; i < program->n_structs; i++) {
        if (!program->structs[i]->builtin)
            emit_struct(e, program->structs[i]);
        if (options[i])
            emit_option(e, options[i]);
    }
    emit_operations(e);
    cw_margin(e->w, "#ifndef __cplusplus");
    for (i = 0; i < program->n_structs; i++)
        if (!program->structs[i]->builtin) {
            open_guard(e, "ZERO", program->structs[i]->c_name);
            emit_struct_zero(e, program->structs[i]);
            close_guard(e);
        }
    cw_margin(e->w, "#endif");
    cw_blank(e->w);
}

/* ---- one graph ---- */

static void emit_state(Emit *e, const Graph *graph) {
    bool tagged = false;
    size_t i;
    open_guard(e, "STATE", graph->c_name);
    cw_line(e->w, "/* The state of a run. Set its inputs after %s_state_init(); plain assignment",
            graph->c_name);
    cw_line(e->w, " * would share memory: use %s_state_copy(). */", graph->c_name);
    cw_open(e->w, "typedef struct %s_state {", graph->c_name);
    for (i = 0; i < graph->n_fields; i++)
        tagged |= is_type_name(e, graph->fields[i]->name);
    for (i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        const char *text = member_text(e, field->type, field->name, tagged);
        const char *note = field->is_in ? "in" : field->is_out ? "out" : "";
        if (field->local)
            continue;
        cw_line(e->w, "%s;%s%s%s", text, *note ? "   /* " : "", note, *note ? " */" : "");
    }
    cw_line(e->w, "dfl__mem dfl_mem;   /* private: what the values point to */");
    cw_close(e->w, "} %s_state;", graph->c_name);
    close_guard(e);
    cw_blank(e->w);
}

static const char *node_result(Emit *e, const Node *node) {
    if (node->kind == NODE_ROUTER)
        return say(e, "%s_to", node->c_name);
    return node->kind == NODE_PREDICATE ? "bool" : "int";
}

const char *node_prototype(Emit *e, const Graph *graph, const Node *node) {
    CWriter *list = list_open(e, say(e, "%s %s(dfl_ctx *ctx", node_result(e, node), node->c_name));
    bool tagged = false;
    size_t i;
    for (i = 0; i < node->n_params; i++)
        tagged |= is_type_name(e, node->params[i].name);
    for (i = 0; i < node->n_params; i++)
        list_add(list, c_parameter(e, graph, &node->params[i], tagged));
    return list_close(list);
}

static void emit_router_enum(Emit *e, const Node *node) {
    size_t i;
    open_guard(e, "TYPE", say(e, "%s_to", node->c_name));
    cw_open(e->w, "typedef enum %s_to {", node->c_name);
    for (i = 0; i < node->n_targets; i++)
        cw_line(e->w, "%s%s", node->targets[i].c_name, i + 1 < node->n_targets ? "," : "");
    cw_close(e->w, "} %s_to;", node->c_name);
    close_guard(e);
}

static void emit_externs(Emit *e, const Graph *graph, StrMap *declared) {
    size_t i;
    bool first = true;
    for (i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        if (field->reducer != RD_CUSTOM || strmap_get(declared, field->reducer_fn))
            continue;
        strmap_put(declared, e->arena, field->reducer_fn, graph->fields[i]);
        cw_line(e->w, "/* Merges an update of '%s': 0, or a code that fails the node. */",
                field->name);
        cw_line(e->w, "int %s(dfl_ctx *ctx, %s *accumulated, const %s *update);", field->reducer_fn,
                field->type->c_name, field->type->c_name);
    }
    for (i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        if (node->kind == NODE_ROUTER)
            emit_router_enum(e, node);
        if (node->body || node->runs || strmap_get(declared, node->c_name))
            continue;
        strmap_put(declared, e->arena, node->c_name, graph->nodes[i]);
        if (first)
            cw_line(e->w, "/* Yours to write: 0 for success, else see dfl_fail(). */");
        first = false;
        cw_line(e->w, "%s;", node_prototype(e, graph, node));
    }
    if (!first)
        cw_blank(e->w);
}

/* Nodes in the order of their numbers: those of a subgraph follow the node that runs it. */
static void emit_enumerators(Emit *e, const GraphPlan *plan, const char *path) {
    size_t i;
    for (i = 0; i < plan->graph->n_nodes; i++) {
        const Node *node = plan->graph->nodes[i];
        if (node->kind != NODE_CALL)
            continue;
        cw_line(e->w, "%s_at_%s%s,", plan->outermost->graph->c_name, path, node->name);
        if (plan->inner[i])
            emit_enumerators(e, plan->inner[i], say(e, "%s%s_", path, node->name));
    }
}

static void emit_node_enum(Emit *e, const Graph *graph) {
    cw_open(e->w, "typedef enum %s_node {", graph->c_name);
    cw_line(e->w, "%s_at_start,", graph->c_name);
    emit_enumerators(e, e->graph, "");
    cw_line(e->w, "%s_at_end", graph->c_name);
    cw_close(e->w, "} %s_node;", graph->c_name);
    cw_blank(e->w);
}

/* Every function of the API for one graph; NAME stands for the graph. */
static const char *const api[] = {
    "/* Defaults; allocates nothing. */",
    "void NAME_state_init(NAME_state *s);",
    "/* Frees what the values point to; the state may only be initialised again. */",
    "void NAME_state_free(NAME_state *s);",
    "/* Like free and init. */",
    "void NAME_state_reset(NAME_state *s);",
    "/* A deep copy into an initialised state. DFL_OK, or DFL_ENOMEM with `to` as it was. */",
    "int NAME_state_copy(NAME_state *to, const NAME_state *from);",
    "/* To allocate and push into the state before a run. NULL when out of memory. */",
    "dfl_ctx *NAME_state_ctx(NAME_state *s);",
    "",
    "/* From start, with this state; run may be NULL. After an error the state is what it was "
    "before",
    " * the node that failed. */",
    "int NAME_run(NAME_state *s, const dfl_run *run);",
    "/* From the thread's latest checkpoint, or run->checkpoint; replaces what was saved. Without "
    "a",
    " * store: from where this state paused. A finished thread: DFL_OK, and nothing runs. */",
    "int NAME_resume(NAME_state *s, const dfl_run *run);",
    "/* Resume what is unfinished; run if the thread is new; load if it is finished. Takes a "
    "store. "
    "*/",
    "int NAME_continue(NAME_state *s, const dfl_run *run);",
    "/* Saves this state in the thread, as if as_node had just finished: its edge is chosen by the",
    " * resume. Results of branches are dropped. DFL_EINVAL for a node in a section or subgraph. "
    "*/",
    "int NAME_update(const dfl_run *run, const NAME_state *s, NAME_node as_node);",
    "/* Look without running. *next (may be NULL): the first node that is not done; or one that "
    "is,",
    " * but whose edge is not chosen yet. */",
    "int NAME_load(NAME_state *s, NAME_node *next, const dfl_run *run);",
    "/* What waits for an answer, after DFL_PAUSED or a load; valid until the state is run, loaded "
    "or",
    " * freed. A copy of the state has none. */",
    "size_t NAME_questions(const NAME_state *s, const dfl_question **questions);",
    "",
    "/* Appends the encoded state. DFL_OK or DFL_ENOMEM. */",
    "int NAME_encode(const NAME_state *s, dfl_buf *out);",
    "/* Safe on any bytes: DFL_ECORRUPT, DFL_ESCHEMA or DFL_ENOMEM leave the state as it was. */",
    "int NAME_decode(NAME_state *s, const void *bytes, size_t n);",
    "int NAME_to_json(const NAME_state *s, dfl_buf *out);",
    "/* Members that are absent keep their value. DFL_EINVAL: error (may be NULL) says where. */",
    "int NAME_from_json(NAME_state *s, const char *text, size_t n, dfl_error *error);",
    "extern const dfl_graph NAME_graph;",
};

static const char *fill_name(Emit *e, const char *text, const char *name) {
    const char *out = "", *hit;
    while ((hit = strstr(text, "NAME"))) {
        out = say(e, "%s%.*s%s", out, (int)(hit - text), text, name);
        text = hit + 4;
    }
    return say(e, "%s%s", out, text);
}

/* -fstatic-memory. */
static void emit_static_memory(Emit *e, const Graph *graph) {
    const char *name = upper(e, graph->c_name);
    cw_blank(e->w);
    cw_line(e->w, "/* -fstatic-memory: a state that lies in the n bytes at `buf`, its values and what its "
                  "runs need");
    cw_line(e->w, " * included; they are the caller's again after %s_state_free. What finds no room there "
                  "is", graph->c_name);
    cw_line(e->w, " * DFL_ENOMEM; so is all of a state that %s_state_init has begun, which has no "
                  "buffer. */", graph->c_name);
    cw_line(e->w, "void %s_state_init_in(%s_state *s, void *buf, size_t n);", graph->c_name,
            graph->c_name);
    cw_line(e->w, "/* How many bytes of the buffer were in use at once, at most. */");
    cw_line(e->w, "size_t %s_state_peak(const %s_state *s);", graph->c_name, graph->c_name);
    cw_line(e->w, "/* For a run without strings, lists and maps; and what the command line says. */");
    cw_margin(e->w, "#define %s_STATE_MIN (DFL__STATIC_MIN + %" PRIu64 "u)", name,
              arena_frame_bytes(e, e->graph));
    cw_margin(e->w, "#define %s_STATE_BYTES %" PRIu64 "u", name, e->plan->static_bytes);
}

static void emit_graph_header(Emit *e, const Graph *graph, StrMap *declared) {
    size_t i;
    cw_line(e->w, "/* ---- graph %s (%s) ---- */", graph->name, where(e, graph->span));
    cw_blank(e->w);
    emit_state(e, graph);
    emit_externs(e, graph, declared);
    emit_node_enum(e, graph);
    for (i = 0; i < sizeof api / sizeof *api; i++)
        if (*api[i])
            cw_line(e->w, "%s", fill_name(e, api[i], graph->c_name));
        else
            cw_blank(e->w);
    if (e->plan->instrument) {
        cw_line(e->w, "/* -finstrument: writes what all runs of the graph have measured until now, "
                      "for dflc");
        cw_line(e->w, " * --profile. DFL_OK; DFL_ESTORE with errno; DFL_ENOMEM. */");
        cw_margin(e->w, "#define %s_INSTRUMENTED 1", upper(e, graph->c_name));
        cw_line(e->w, "int %s_profile_write(const char *path);", graph->c_name);
    }
    if (e->plan->static_bytes)
        emit_static_memory(e, graph);
    cw_blank(e->w);
}

/* What the source of this file needs of a graph of another file that a node here runs. */
static void emit_imported_graph(Emit *e, const Graph *graph, StrMap *declared) {
    cw_line(e->w, "/* ---- graph %s (%s), run by nodes below ---- */", graph->name,
            where(e, graph->span));
    cw_blank(e->w);
    emit_state(e, graph);
    emit_externs(e, graph, declared);
}

void emit_header(Emit *e) {
    const Program *program = e->plan->program;
    const char *guard = say(e, "DFL_%s_H", upper(e, e->plan->stem));
    StrMap declared = {0};
    size_t i;
    cw_line(e->w, "/* Generated by dflc from %s. */", in_comment(e, file_name(e, program->source)));
    cw_margin(e->w, "#ifndef %s", guard);
    cw_margin(e->w, "#define %s", guard);
    cw_blank(e->w);
    cw_margin(e->w, "#include <dfl.h>");
    for (i = 0; i < program->n_includes; i++)
        cw_margin(e->w, "#include %s", program->includes[i].text);
    cw_blank(e->w);
    cw_margin(e->w, "#if DFL_ABI_VERSION != 1");
    cw_margin(e->w,
              "#error \"this file was generated for another version of dfl.h; run dflc again\"");
    cw_margin(e->w, "#endif");
    cw_blank(e->w);
    cw_margin(e->w, "#ifdef __cplusplus");
    cw_margin(e->w, "extern \"C\" {");
    cw_margin(e->w, "#endif");
    cw_blank(e->w);
    emit_types(e);
    for (i = 0; i < e->plan->n_used; i++)
        if (e->plan->used[i]->imported)
            emit_imported_graph(e, e->plan->used[i], &declared);
    for (i = 0; i < e->plan->n_graphs; i++) {
        e->graph = e->plan->graphs[i];
        emit_graph_header(e, e->graph->graph, &declared);
    }
    cw_margin(e->w, "#ifdef __cplusplus");
    cw_margin(e->w, "}");
    cw_margin(e->w, "#endif");
    cw_blank(e->w);
    cw_margin(e->w, "#endif");
}
