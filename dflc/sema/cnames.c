/* Every name that the generated C will have at file scope, and that no two are the same.
 *
 * A generated name is made of names from the source, joined by '_': two different things can come
 * out alike, such as node `b_c` of graph `a` and node `c` of graph `a_b`. */
#include "internal.h"

#include <ctype.h>
#include <string.h>

typedef enum CNameKind {
    CN_ENUM,        /* intent */
    CN_ENUM_NAME,   /* intent_name */
    CN_VALUE,       /* intent_billing */
    CN_STRUCT,      /* quote */
    CN_TYPE,        /* quote_list, quote_opt_list */
    CN_TYPE_HELPER, /* quote_list_push */
    CN_GRAPH,       /* support_run, support_state */
    CN_NODE,        /* support_classify */
    CN_PREDICATE,   /* support_urgent */
    CN_ROUTER,      /* support_pick */
    CN_ROUTER_TO,   /* support_pick_to */
    CN_TARGET,      /* support_pick_billing */
    CN_AT,          /* support_at_classify, support_at_research_plan */
} CNameKind;

typedef struct CName {
    CNameKind kind;
    Span span;
    const char *name;  /* in the source; of CN_GRAPH: what follows the graph's name */
    const char *owner; /* the enum, graph or router that it is in */
    NodeInfo *node;    /* CN_NODE, CN_PREDICATE, CN_ROUTER */
} CName;

static const char *const graph_suffixes[] = {
    "state",  "state_init", "state_init_in", "state_free", "state_reset", "state_copy", "state_ctx",
    "run",    "resume",     "continue",      "update",     "load",        "questions",  "encode",
    "decode", "to_json",    "from_json",     "profile_write", "node",       "graph",       "at_start",   "at_end",
};

enum { N_GRAPH_SUFFIXES = sizeof graph_suffixes / sizeof *graph_suffixes };

bool cnames_is_generated_suffix(const char *name) {
    for (size_t i = 0; i < N_GRAPH_SUFFIXES; i++)
        if (strcmp(graph_suffixes[i], name) == 0)
            return true;
    return false;
}

/* ---- collisions ---- */

static const char *origin_text(Sema *s, const CName *c_name) {
    switch (c_name->kind) {
    case CN_ENUM:
        return arena_printf(s->arena, "enum '%s'", c_name->name);
    case CN_ENUM_NAME:
        return arena_printf(s->arena, "the name function of enum '%s'", c_name->name);
    case CN_VALUE:
        return arena_printf(s->arena, "value '%s' of enum '%s'", c_name->name, c_name->owner);
    case CN_STRUCT:
        return arena_printf(s->arena, "struct '%s'", c_name->name);
    case CN_TYPE:
        return arena_printf(s->arena, "type '%s'", c_name->name);
    case CN_TYPE_HELPER:
        return arena_printf(s->arena, "a function of type '%s'", c_name->name);
    case CN_GRAPH:
        return arena_printf(s->arena, "the generated '%s' of graph '%s'", c_name->name,
                            c_name->owner);
    case CN_NODE:
        return arena_printf(s->arena, "node '%s' of graph '%s'", c_name->name, c_name->owner);
    case CN_PREDICATE:
        return arena_printf(s->arena, "predicate '%s' of graph '%s'", c_name->name, c_name->owner);
    case CN_ROUTER:
        return arena_printf(s->arena, "router '%s' of graph '%s'", c_name->name, c_name->owner);
    case CN_ROUTER_TO:
        return arena_printf(s->arena, "the enum of router '%s'", c_name->name);
    case CN_TARGET:
        return arena_printf(s->arena, "target '%s' of router '%s'", c_name->name, c_name->owner);
    case CN_AT:
        return arena_printf(s->arena, "the position of node '%s' of graph '%s'", c_name->name,
                            c_name->owner);
    }
    return "";
}

static void refuse_collision(Sema *s, const char *name, const CName *first, const CName *second) {
    Diag *diag = diag_error(s->diags, second->span, "%s and %s would both be '%s' in C",
                            origin_text(s, second), origin_text(s, first), name);
    if (first->span.source)
        diag_note(diag, first->span, "%s is here", origin_text(s, first));
}

static void add_name(Sema *s, const char *text, CName c_name) {
    const char *name = intern_cstr(s->comp->names, text);
    const CName *first = strmap_get(&s->c_names, name);
    if (first) {
        /* One message for two things that have several names each. */
        bool same = first->kind == c_name.kind && first->span.begin == c_name.span.begin;
        if (!same)
            refuse_collision(s, name, first, &c_name);
        return;
    }
    /* A type's own name was looked at where it is declared; a prefix makes it another. */
    bool checked = c_name.kind == CN_ENUM || c_name.kind == CN_STRUCT;
    if (!(checked && strcmp(name, c_name.name) == 0) && name_is_c(s, name))
        diag_error(s->diags, c_name.span, "%s would be '%s' in C, which is a name of C itself",
                   origin_text(s, &c_name), name);
    CName *kept = ARENA_NEW(s->arena, CName);
    *kept = c_name;
    strmap_put(&s->c_names, s->arena, name, kept);
}

/* ---- what is generated ---- */

static void add_enum(Sema *s, const Enum *enum_) {
    add_name(s, enum_->c_name, (CName){CN_ENUM, enum_->span, enum_->name, NULL, NULL});
    add_name(s, arena_printf(s->arena, "%s_name", enum_->c_name),
             (CName){CN_ENUM_NAME, enum_->span, enum_->name, NULL, NULL});
    for (size_t i = 0; i < enum_->n_values; i++)
        add_name(
            s, enum_->values[i].c_name,
            (CName){CN_VALUE, enum_->values[i].span, enum_->values[i].name, enum_->name, NULL});
}

/* The types made of enums and structs; those of the runtime begin with dfl_ like nothing else. */
static void add_composite(Sema *s, const Type *type) {
    static const char *const list_helpers[] = {"push",    "set",   "resize",
                                               "reserve", "clear", "append"};
    static const char *const map_helpers[] = {"put", "del", "get", "union"};
    bool is_list = type->kind == TY_LIST;
    if ((!is_list && type->kind != TY_MAP && type->kind != TY_OPT) ||
        strncmp(type->c_name, "dfl_", 4) == 0)
        return;
    const Span *use = strmap_get(&s->use_spans, type->name);
    add_name(s, type->c_name, (CName){CN_TYPE, *use, type->name, NULL, NULL});
    if (type->kind == TY_OPT)
        return;
    const char *const *helpers = is_list ? list_helpers : map_helpers;
    size_t n = is_list ? sizeof list_helpers / sizeof *list_helpers
                       : sizeof map_helpers / sizeof *map_helpers;
    for (size_t i = 0; i < n; i++)
        add_name(s, arena_printf(s->arena, "%s_%s", type->c_name, helpers[i]),
                 (CName){CN_TYPE_HELPER, *use, type->name, NULL, NULL});
}

static const char *upper(Sema *s, const char *name) {
    char *text = arena_strndup(s->arena, name, strlen(name));
    for (char *p = text; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return text;
}

/* GRAPH_at_outer_inner for outer/inner */
static const char *at_name(Sema *s, const Graph *graph, const char *path) {
    char *name = arena_printf(s->arena, "%s_at_%s", graph->c_name, path);
    for (char *p = name; (p = strchr(p, '/'));)
        *p = '_';
    return name;
}

static void add_router(Sema *s, const Node *node) {
    add_name(s, arena_printf(s->arena, "%s_to", node->c_name),
             (CName){CN_ROUTER_TO, node->span, node->name, NULL, NULL});
    for (size_t i = 0; i < node->n_targets; i++)
        add_name(
            s, node->targets[i].c_name,
            (CName){CN_TARGET, node->targets[i].span, node->targets[i].name, node->name, NULL});
}

static void add_node(Sema *s, const Graph *graph, NodeInfo *info) {
    static const CNameKind kinds[] = {CN_NODE, CN_PREDICATE, CN_ROUTER};
    const Node *node = &info->node;
    if (!node->calls && !node->runs)
        add_name(s, node->c_name,
                 (CName){kinds[node->kind], node->span, node->name, graph->name, info});
    if (node->kind == NODE_ROUTER)
        add_router(s, node);
}

/* The enumerator of each node, those of a subgraph behind the node that runs it: `research/plan` is
 * GRAPH_at_research_plan. Graphs nest at most 64 deep. */
static void add_positions(Sema *s, const Graph *outermost, const Graph *graph, const char *path,
                          Span at) {
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        if (node->kind != NODE_CALL)
            continue;
        const char *name = arena_printf(s->arena, "%s%s", path, node->name);
        Span span = at.source ? at : node->span;
        add_name(s, at_name(s, outermost, name), (CName){CN_AT, span, name, outermost->name, NULL});
        if (node->runs)
            add_positions(s, outermost, node->runs, arena_printf(s->arena, "%s/", name), span);
    }
}

static void add_graph(Sema *s, const Graph *graph, bool nested_known) {
    for (size_t i = 0; i < N_GRAPH_SUFFIXES; i++)
        add_name(s, arena_printf(s->arena, "%s_%s", graph->c_name, graph_suffixes[i]),
                 (CName){CN_GRAPH, graph->span, graph_suffixes[i], graph->name, NULL});
    add_name(s, arena_printf(s->arena, "%s_STATE_MIN", upper(s, graph->c_name)),
             (CName){CN_GRAPH, graph->span, "STATE_MIN", graph->name, NULL});
    for (size_t i = 0; i < graph->n_nodes; i++)
        add_node(s, graph, node_info(graph->nodes[i]));
    if (nested_known && !graph->imported)
        add_positions(s, graph, graph, "", (Span){0});
}

void cnames_program(Sema *s, bool nested_known) {
    const Program *program = s->program;
    for (size_t i = 0; i < program->n_enums; i++)
        add_enum(s, program->enums[i]);
    for (size_t i = 0; i < program->n_structs; i++)
        add_name(
            s, program->structs[i]->c_name,
            (CName){CN_STRUCT, program->structs[i]->span, program->structs[i]->name, NULL, NULL});
    for (size_t i = 0; i < program->n_types; i++)
        add_composite(s, program->types[i]);
    for (size_t i = 0; i < program->n_graphs; i++)
        add_graph(s, program->graphs[i], nested_known);
}

/* ---- calls F ---- */

/* `out` and `inout` are the same pointer; `state` is that of its graph. */
static bool same_c_type(const Param *a, const Graph *a_graph, const Param *b,
                        const Graph *b_graph) {
    if (a->whole_state || b->whole_state)
        return a->whole_state && b->whole_state && a_graph == b_graph;
    return a->type == b->type && (a->mode == MODE_IN) == (b->mode == MODE_IN);
}

static void refuse_calls(Sema *s, const NodeInfo *info, const NodeInfo *other, const char *why,
                         Span at) {
    Diag *diag = diag_error(s->diags, info->calls.span,
                            "'%s' calls '%s', whose parameters are those of '%s': %s",
                            info->node.name, info->calls.text, other->node.name, why);
    diag_note(diag, at, "'%s' is declared here", other->node.name);
}

/* "in score: f64" */
static const char *param_text(Sema *s, const Param *param) {
    static const char *const modes[] = {"in", "out", "inout"};
    if (param->whole_state)
        return "in state";
    return arena_printf(s->arena, "%s %s: %s", modes[param->mode],
                        param->field ? param->field->name : param->name, type_text(param->type));
}

static void compare_calls(Sema *s, const NodeInfo *info, const NodeInfo *other) {
    const Node *a = &info->node, *b = &other->node;
    if (info->broken || other->broken)
        return;
    if (a->kind != b->kind) {
        refuse_calls(s, info, other,
                     arena_printf(s->arena, "one is a %s and one a %s", node_kind_text(info->ast),
                                  node_kind_text(other->ast)),
                     b->span);
        return;
    }
    if (a->n_params != b->n_params) {
        refuse_calls(s, info, other,
                     arena_printf(s->arena, "%zu here, and %zu there", a->n_params, b->n_params),
                     b->span);
        return;
    }
    for (size_t i = 0; i < a->n_params; i++) {
        if (same_c_type(&a->params[i], info->graph, &b->params[i], other->graph))
            continue;
        refuse_calls(s, info, other,
                     arena_printf(s->arena, "parameter %zu is '%s' here, and '%s' there", i + 1,
                                  param_text(s, &a->params[i]), param_text(s, &b->params[i])),
                     b->params[i].span);
        return;
    }
}

static void check_calls(Sema *s, StrMap *first_calls, NodeInfo *info) {
    const char *function = info->calls.text;
    const CName *generated = strmap_get(&s->c_names, function);
    NodeInfo *first = generated ? generated->node : strmap_get(first_calls, function);
    if (generated && !first) {
        Diag *diag = diag_error(s->diags, info->calls.span, "'%s' is %s, and no node's function",
                                function, origin_text(s, generated));
        diag_note(diag, generated->span, "it comes from here");
    } else if (first) {
        compare_calls(s, info, first);
    } else {
        strmap_put(first_calls, s->arena, function, info);
    }
}

void cnames_calls(Sema *s) {
    StrMap first_calls = {0};
    for (size_t i = 0; i < s->program->n_graphs; i++) {
        const Graph *graph = s->program->graphs[i];
        for (size_t k = 0; k < graph->n_nodes; k++)
            if (node_info(graph->nodes[k])->calls.text)
                check_calls(s, &first_calls, node_info(graph->nodes[k]));
    }
}
