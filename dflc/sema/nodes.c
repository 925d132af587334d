/* Nodes, predicates and routers: names, parameters, attributes. */
#include "internal.h"

#include <string.h>

/* ---- declaration ---- */

const char *node_kind_text(const AstNode *ast) {
    switch (ast->kind) {
    case AN_PREDICATE:
        return "predicate";
    case AN_ROUTER:
        return "router";
    case AN_NODE:
        break;
    }
    return "node";
}

static bool is_declared_twice(GraphSema *g, const AstNode *ast) {
    const NodeInfo *first = strmap_get(&g->nodes, ast->name.text);
    if (!first)
        return false;
    Diag *diag = diag_error(g->sema->diags, ast->name.span, "%s '%s' is declared twice",
                            node_kind_text(ast), ast->name.text);
    diag_note(diag, first->node.span, "first declared here, as a %s", node_kind_text(first->ast));
    return true;
}

/* A predicate and a field share the names of guards. */
static void check_predicate_name(GraphSema *g, NodeInfo *info) {
    const AstNode *ast = info->ast;
    const FieldInfo *field = strmap_get(&g->fields, ast->name.text);
    if (ast->kind != AN_PREDICATE || !field)
        return;
    info->used = true;
    Diag *diag =
        diag_error(g->sema->diags, ast->name.span,
                   "'%s' is a field already; a guard could not tell them apart", ast->name.text);
    diag_note(diag, field->field.span, "the field is declared here");
}

static const char *function_name(GraphSema *g, const char *node) {
    const char *after = cnames_is_generated_suffix(node) ? "_node" : "";
    return arena_printf(g->sema->arena, "%s_%s%s", g->graph->c_name, node, after);
}

static void collect_node(GraphSema *g, const AstNode *ast) {
    Sema *s = g->sema;
    if (is_declared_twice(g, ast))
        return;
    name_check(s, ast->name, NAME_PART);
    NodeInfo *info = ARENA_NEW(s->arena, NodeInfo);
    Node *node = &info->node;
    info->ast = ast;
    info->graph = g->graph;
    node->kind = ast->kind == AN_NODE        ? NODE_CALL
                 : ast->kind == AN_PREDICATE ? NODE_PREDICATE
                                             : NODE_ROUTER;
    node->name = ast->name.text;
    node->c_label = name_label(s, node->name);
    node->span = ast->name.span;
    node->index = (uint32_t)g->graph->n_nodes;
    node->c_name = function_name(g, node->name);
    node->body = ast->body;
    node->body_n = ast->body_n;
    node->body_span = ast->body_span;
    ARENA_PUSH(s->arena, g->graph->nodes, g->graph->n_nodes, g->graph->cap_nodes, node);
    strmap_put(&g->nodes, s->arena, node->name, info);
    check_predicate_name(g, info);
}

void nodes_collect(GraphSema *g) {
    for (size_t i = 0; i < g->ast->n_nodes; i++)
        collect_node(g, &g->ast->nodes[i]);
}

/* ---- parameters ---- */

static const char *const mode_words[] = {"in", "out", "inout"};

static void add_param(GraphSema *g, NodeInfo *info, const AstParam *ast, Param param) {
    param.span = ast->name.span;
    ARENA_PUSH(g->sema->arena, info->node.params, info->node.n_params, info->node.cap_params,
               param);
}

static void refuse_twice(GraphSema *g, NodeInfo *info, const AstParam *ast, const AstParam *first) {
    Diag *diag =
        diag_error(g->sema->diags, ast->name.span, "'%s' is a parameter twice", ast->name.text);
    diag_note(diag, first->name.span, "first named here");
    info->broken = true;
}

/* The last node that had a typed parameter of this name, or `state`. */
typedef struct TypedParam {
    const NodeInfo *node;
    const AstParam *ast;
} TypedParam;

/* This node's parameter of that name, if it is typed or `state`. */
static const AstParam *other_param(GraphSema *g, const NodeInfo *info, const char *name) {
    const TypedParam *typed = strmap_get(&g->typed_params, name);
    return typed && typed->node == info ? typed->ast : NULL;
}

static void note_other_param(GraphSema *g, const NodeInfo *info, const AstParam *ast) {
    TypedParam *typed = strmap_get(&g->typed_params, ast->name.text);
    if (!typed) {
        typed = ARENA_NEW(g->sema->arena, TypedParam);
        strmap_put(&g->typed_params, g->sema->arena, ast->name.text, typed);
    }
    *typed = (TypedParam){info, ast};
}

static const AstParam *seen_param(const NodeInfo *info, const FieldInfo *field) {
    if (field->node != info)
        return NULL;
    for (int mode = MODE_IN; mode <= MODE_INOUT; mode++)
        if (field->seen[mode])
            return field->seen[mode];
    return NULL;
}

static void unknown_field(GraphSema *g, NodeInfo *info, const AstParam *ast) {
    Sema *s = g->sema;
    const EachVar *var = strmap_get(&g->each_names, ast->name.text);
    info->broken = true;
    if (!var) {
        diag_error(s->diags, ast->name.span, "unknown field '%s'%s", ast->name.text,
                   hint_from(s, ast->name.text, &g->fields, &g->each_names, NULL));
        return;
    }
    Diag *diag = diag_error(s->diags, ast->name.span,
                            "'%s' is no field; to be given the variable of an 'each', say its "
                            "type: 'in %s: string'",
                            ast->name.text, ast->name.text);
    diag_note(diag, var->span, "'%s' is a variable here", ast->name.text);
}

/* `out` and `inout` of what no node may write. */
static bool is_writable(GraphSema *g, const AstParam *ast, const Field *field, Mode mode) {
    if (mode == MODE_IN || field->type->kind != TY_HANDLE)
        return true;
    Diag *diag = diag_error(g->sema->diags, ast->name.span,
                            "handle '%s' cannot be '%s': the program sets it, nodes only read it",
                            field->name, mode_words[mode]);
    diag_note(diag, field->span, "'%s' is declared here", field->name);
    return false;
}

static void field_param(GraphSema *g, NodeInfo *info, const AstParam *ast, Mode mode) {
    FieldInfo *field = strmap_get(&g->fields, ast->name.text);
    if (!field) {
        unknown_field(g, info, ast);
        return;
    }
    if (field->node != info) {
        field->node = info;
        memset(field->seen, 0, sizeof field->seen);
    }
    const AstParam *first = field->seen[mode];
    if (first) {
        refuse_twice(g, info, ast, first);
        return;
    }
    first = mode == MODE_INOUT ? seen_param(info, field) : field->seen[MODE_INOUT];
    if (first) {
        Diag *diag = diag_error(
            g->sema->diags, ast->name.span,
            "'%s' is 'inout' and '%s' at once; 'inout' alone reads and writes", ast->name.text,
            mode == MODE_INOUT ? (field->seen[MODE_IN] ? "in" : "out") : mode_words[mode]);
        diag_note(diag, first->name.span, "first named here");
        info->broken = true;
        return;
    }
    field->seen[mode] = ast;
    if (!is_writable(g, ast, &field->field, mode)) {
        info->broken = true;
        return;
    }
    add_param(g, info, ast,
              (Param){.mode = mode,
                      .name = field->field.name,
                      .field = &field->field,
                      .type = field->field.type});
}

static void typed_param(GraphSema *g, NodeInfo *info, const AstParam *ast, Mode mode) {
    Sema *s = g->sema;
    const FieldInfo *field = strmap_get(&g->fields, ast->name.text);
    const AstParam *first = other_param(g, info, ast->name.text);
    Type *type = type_resolve(s, ast->type, TYPE_PARAM);
    name_check(s, ast->name, NAME_FIELD);
    if (field) {
        Diag *diag = diag_error(s->diags, ast->name.span,
                                "'%s' is a field, whose type is known; leave out ': %s'",
                                ast->name.text, type_text(type));
        diag_note(diag, field->field.span, "the field is declared here");
    } else if (first) {
        refuse_twice(g, info, ast, first);
    } else if (mode != MODE_IN) {
        diag_error(s->diags, ast->name.span,
                   "'%s' is the variable of an 'each': it can only be 'in'", ast->name.text);
    } else {
        info->broken = info->broken || type->kind == TY_ERROR;
        note_other_param(g, info, ast);
        add_param(g, info, ast, (Param){.mode = mode, .name = ast->name.text, .type = type});
        return;
    }
    info->broken = true;
}

static void state_param(GraphSema *g, NodeInfo *info, const AstParam *ast, Mode mode) {
    Sema *s = g->sema;
    const char *name = intern_cstr(s->comp->names, "state");
    const AstParam *first = other_param(g, info, name);
    if (first) {
        Diag *diag = diag_error(s->diags, ast->name.span, "'state' is a parameter twice");
        diag_note(diag, first->name.span, "first named here");
        info->broken = true;
    } else if (mode != MODE_IN) {
        diag_error(s->diags, ast->name.span,
                   "the whole state can only be 'in'; name the fields that the node writes");
        info->broken = true;
    } else {
        note_other_param(g, info, ast);
        add_param(g, info, ast,
                  (Param){.mode = mode, .name = name, .whole_state = true, .type = s->error});
    }
}

static void resolve_param(GraphSema *g, NodeInfo *info, const AstParam *ast) {
    Sema *s = g->sema;
    Mode mode = ast->mode == AD_OUT ? MODE_OUT : (ast->mode == AD_INOUT ? MODE_INOUT : MODE_IN);
    if (ast->binding && !info->ast->runs.text) {
        diag_error(s->diags, ast->binding->span,
                   "only a node that runs a graph binds its parameters with '='");
        info->broken = true;
    } else if (mode != MODE_IN && info->node.kind != NODE_CALL) {
        diag_error(s->diags, ast->name.span, "a %s only reads: '%s' can only be 'in'",
                   node_kind_text(info->ast), ast->name.text);
        info->broken = true;
    } else if (ast->whole_state) {
        state_param(g, info, ast, mode);
    } else if (ast->type) {
        typed_param(g, info, ast, mode);
    } else {
        field_param(g, info, ast, mode);
    }
}

/* Where a field is both read and written, its out parameter is FIELD_out: that name must be
 * free. requires: all parameters of the node resolved, so `seen` is this node's. */
static void name_out_params(GraphSema *g, NodeInfo *info) {
    Sema *s = g->sema;
    for (size_t i = 0; i < info->node.n_params; i++) {
        Param *param = &info->node.params[i];
        if (param->mode != MODE_OUT || !field_info(param->field)->seen[MODE_IN])
            continue;
        const char *text = arena_printf(s->arena, "%s_out", param->field->name);
        const char *name = intern_cstr(s->comp->names, text);
        const FieldInfo *field = strmap_get(&g->fields, name);
        const AstParam *other = field ? seen_param(info, field) : other_param(g, info, name);
        param->name = name;
        if (!other)
            continue;
        Diag *diag = diag_error(s->diags, param->span,
                                "'%s' is both in and out, so its out parameter is called '%s' in "
                                "C; so is another parameter",
                                param->field->name, name);
        diag_note(diag, other->name.span, "'%s' is here; 'inout %s' would avoid it", name,
                  param->field->name);
    }
}

static void resolve_params(GraphSema *g, NodeInfo *info) {
    const AstNode *ast = info->ast;
    if (ast->n_params > 0 && ast->params[0].mode == AD_NONE) {
        diag_error(g->sema->diags, ast->params[0].name.span,
                   "say 'in', 'out' or 'inout' before '%s'", ast->params[0].name.text);
        info->broken = true;
        return;
    }
    for (size_t i = 0; i < ast->n_params; i++)
        resolve_param(g, info, &ast->params[i]);
    name_out_params(g, info);
}

void nodes_resolve(GraphSema *g) {
    for (size_t i = 0; i < g->graph->n_nodes; i++) {
        NodeInfo *info = node_info(g->graph->nodes[i]);
        attrs_resolve(g, info);
        if (!info->ast->runs.text)
            resolve_params(g, info);
    }
}
