/* `node research runs research_team (in query = topic, out answer = report)`: which graph, and how
 * its inputs and outputs are bound.
 *
 * The child is the graph that runs; its state is fresh each time, so all that it is to know comes
 * in through a binding or a default.
 * requires: the fields of all graphs; each_resolve of this one. */
#include "internal.h"

typedef struct Runs {
    GraphSema *g;
    NodeInfo *info;
    GraphSema *child;
    StrMap in, out; /* name of a child's field, and of a parent's -> AstParam that bound it */
    bool unclear;   /* what some binding was meant for is not known */
} Runs;

static Diags *diags_of(const Runs *r) {
    return r->g->sema->diags;
}

static void note_field(Diag *diag, const Field *field) {
    diag_note(diag, field->span, "'%s' is declared here", field->name);
}

static bool is_bound_twice(Runs *r, StrMap *bound, const AstParam *ast) {
    const AstParam *first = strmap_get(bound, ast->name.text);
    if (!first) {
        strmap_put(bound, r->g->sema->arena, ast->name.text, (void *)(uintptr_t)ast);
        return false;
    }
    Diag *diag = diag_error(diags_of(r), ast->name.span, "'%s' is bound twice", ast->name.text);
    diag_note(diag, first->name.span, "first bound here");
    return true;
}

/* The child's field of that name, which `in` or `out` may bind; NULL after a message. */
static Field *child_field(Runs *r, AstName name, bool in) {
    const char *graph = r->child->graph->name;
    FieldInfo *info = strmap_get(&r->child->fields, name.text);
    if (!info) {
        diag_error(diags_of(r), name.span, "graph '%s' has no field '%s'%s", graph, name.text,
                   hint_from(r->g->sema, name.text, &r->child->fields, NULL, NULL));
        r->unclear = true;
        return NULL;
    }
    Field *field = &info->field;
    const char *why = NULL;
    if (r->child->graph->marks_io && !(in ? field->is_in : field->is_out))
        why = in ? "is no input" : "is no output";
    else if (field->local)
        why = "is local, and so neither input nor output";
    else if (!in && field->type->kind == TY_HANDLE)
        why = "is a handle, which only goes in, and no output";
    if (!why)
        return field;
    note_field(diag_error(diags_of(r), name.span, "'%s' %s of graph '%s'", name.text, why, graph),
               field);
    return NULL;
}

static void add_binding(Runs *r, Binding binding) {
    Node *node = &r->info->node;
    ARENA_PUSH(r->g->sema->arena, node->bindings, node->n_bindings, node->cap_bindings, binding);
}

/* ---- in CHILD = VALUE ---- */

static Expr *const_value(Runs *r, const AstExpr *ast, const Type *type) {
    const Const *value = const_of(r->g->sema, ast, type);
    if (!value)
        return NULL;
    Expr *expr = range_new_expr(r->g->sema->arena, EX_CONST, ast->span, type);
    expr->constant = ARENA_NEW(r->g->sema->arena, Const);
    *expr->constant = *value;
    range_set(expr);
    return expr;
}

/* A literal, or a name that means a constant here: it takes the type of what it is bound to. */
static bool is_constant(const Runs *r, const Region *region, const AstExpr *ast, const Type *type) {
    while (ast->kind == AE_NEG)
        ast = ast->left;
    if (ast->kind != AE_NAME)
        return ast->kind <= AE_NONE;
    const Type *elem = type->kind == TY_OPT ? type->elem : type;
    if (each_find(region, ast->u.name) || strmap_get(&r->g->fields, ast->u.name))
        return false;
    return const_find(r->g->sema, ast->u.name) ||
           (elem->kind == TY_ENUM && enum_find(r->g->sema, elem->enum_, ast->u.name));
}

static bool fits(const Expr *value, const Type *type) {
    if (value->type == type)
        return true;
    if (type_is_integer(value->type) && type_is_number(type))
        return range_fits(value, type);
    return value->type->kind == TY_F32 && type->kind == TY_F64;
}

static void refuse_type(Runs *r, const AstExpr *ast, const Type *from, const Field *to) {
    bool narrows = type_is_number(from) && type_is_number(to->type);
    Diag *diag =
        diag_error(diags_of(r), ast->span, "%s is %s, and '%s' of graph '%s' is %s%s",
                   quoted_text(r->g->sema, ast), type_text(from), to->name, r->child->graph->name,
                   type_text(to->type), narrows ? ", which cannot hold all its values" : "");
    note_field(diag, to);
}

static Expr *in_value(Runs *r, const Region *region, const AstExpr *ast, const Field *to) {
    Sema *s = r->g->sema;
    if (to->type->kind == TY_ERROR)
        return NULL;
    if (is_constant(r, region, ast, to->type))
        return const_value(r, ast, to->type);
    Facts facts = {0};
    ExprScope scope = {.g = r->g, .region = region, .facts = &facts, .is_binding = true};
    scope.when_none = arena_printf(s->arena, "'%s' of graph '%s' would have to be %s?", to->name,
                                   r->child->graph->name, type_text(to->type));
    Expr *value = expr_check(&scope, ast, to->type->kind == TY_ENUM ? to->type->enum_ : NULL);
    if (to->type->kind != TY_OPT)
        value = expr_value(&scope, value);
    if (value->type->kind == TY_ERROR || fits(value, to->type))
        return value->type->kind == TY_ERROR ? NULL : value;
    refuse_type(r, ast, value->type, to);
    return NULL;
}

/* `in query` stands for `in query = query`. */
static bool has_value_named(Runs *r, const Region *region, const AstParam *ast) {
    GraphSema *g = r->g;
    const char *name = ast->name.text;
    if (ast->binding || each_find(region, name) || strmap_get(&g->fields, name))
        return true;
    const char *hint = hint_from(g->sema, name, &g->fields, &g->each_names, NULL);
    diag_error(diags_of(r), ast->name.span, "graph '%s' has no '%s' of its own%s", g->graph->name,
               name, *hint ? hint : arena_printf(g->sema->arena, "; write 'in %s = ...'", name));
    return false;
}

static void bind_in(Runs *r, const AstParam *ast) {
    const Region *region = r->info->node.place ? r->info->node.place->region : NULL;
    AstExpr same = {.kind = AE_NAME, .span = ast->name.span, .u.name = ast->name.text};
    Field *to = child_field(r, ast->name, true);
    if (is_bound_twice(r, &r->in, ast) || !to || !region || !has_value_named(r, region, ast))
        return;
    Expr *value = in_value(r, region, ast->binding ? ast->binding : &same, to);
    if (value)
        add_binding(r, (Binding){.span = ast->name.span, .child = to, .value = value});
}

/* ---- out PARENT = CHILD ---- */

static Field *parent_field(Runs *r, AstName name, bool alone) {
    GraphSema *g = r->g;
    FieldInfo *info = strmap_get(&g->fields, name.text);
    if (!info) {
        const char *hint = hint_from(g->sema, name.text, &g->fields, NULL, NULL);
        diag_error(
            diags_of(r), name.span, "graph '%s' has no field '%s'%s", g->graph->name, name.text,
            *hint || !alone ? hint
                            : arena_printf(g->sema->arena, "; write 'out ... = %s'", name.text));
        return NULL;
    }
    if (info->field.type->kind != TY_HANDLE)
        return &info->field;
    note_field(diag_error(diags_of(r), name.span,
                          "handle '%s' cannot be 'out': the program sets it, nodes only read it",
                          name.text),
               &info->field);
    return NULL;
}

/* A number that the wider type of the parent's field holds exactly. */
static bool widens(GraphSema *g, const Field *from, const Type *to) {
    Expr *value = range_new_expr(g->sema->arena, EX_FIELD, from->span, from->type);
    range_set(value);
    return fits(value, to);
}

static void check_out_type(Runs *r, Span at, const Field *from, const Field *to) {
    if (from->type->kind == TY_ERROR || to->type->kind == TY_ERROR || widens(r->g, from, to->type))
        return;
    bool narrows = type_is_number(from->type) && type_is_number(to->type);
    Diag *diag =
        diag_error(diags_of(r), at, "'%s' of graph '%s' is %s, and '%s' is %s%s", from->name,
                   r->child->graph->name, type_text(from->type), to->name, type_text(to->type),
                   narrows ? ", which cannot hold all its values" : "");
    note_field(diag, from);
    note_field(diag, to);
}

static void bind_out(Runs *r, const AstParam *ast) {
    AstName child = ast->name;
    if (ast->binding && ast->binding->kind != AE_NAME) {
        diag_error(diags_of(r), ast->binding->span,
                   "'%s' gets a field of graph '%s', named alone; what is to be computed from it "
                   "is for a node",
                   ast->name.text, r->child->graph->name);
        return;
    }
    if (ast->binding)
        child = (AstName){ast->binding->u.name, ast->binding->span};
    Field *from = child_field(r, child, false);
    Field *to = parent_field(r, ast->name, !ast->binding);
    if (is_bound_twice(r, &r->out, ast) || !from || !to)
        return;
    check_out_type(r, child.span, from, to);
    add_binding(r, (Binding){.span = ast->name.span, .child = from, .parent = to});
}

/* ---- all of them ---- */

static void bind(Runs *r, const AstParam *ast) {
    Diags *diags = diags_of(r);
    const char *name = ast->name.text, *graph = r->child->graph->name;
    r->unclear = r->unclear || ast->whole_state || ast->type || ast->mode == AD_INOUT;
    if (ast->whole_state)
        diag_error(diags, ast->name.span,
                   "graph '%s' has a state of its own; bind its fields one by one", graph);
    else if (ast->type)
        diag_error(diags, ast->type->span, "the type of '%s' is known; leave out ': %s'", name,
                   ast->type->name ? ast->type->name : "...");
    else if (ast->mode == AD_INOUT)
        diag_error(diags, ast->name.span,
                   "'inout' binds nothing: graph '%s' has a state of its own; write 'in FIELD = "
                   "%s' for what goes in, and 'out %s = FIELD' for what comes back",
                   graph, name, name);
    else if (ast->mode == AD_OUT)
        bind_out(r, ast);
    else
        bind_in(r, ast);
}

/* All inputs that have no value otherwise. */
static void check_bound(Runs *r) {
    Sema *s = r->g->sema;
    const Graph *child = r->child->graph;
    const char **missing = ARENA_ARRAY(s->arena, const char *, child->n_fields);
    const Field *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < child->n_fields; i++) {
        const Field *field = child->fields[i];
        bool needed = field->type->kind == TY_HANDLE || (field->is_in && !field->init);
        if (!needed || strmap_get(&r->in, field->name))
            continue;
        first = first ? first : field;
        missing[n++] = field->name;
    }
    if (n == 0 || r->unclear)
        return;
    Diag *diag = diag_error(s->diags, r->info->node.span,
                            "%s of graph '%s' %s bound, and %s no default; write 'in %s = ...'",
                            names_text(s, missing, n, 4), child->name,
                            n == 1 ? "is not" : "are not", n == 1 ? "has" : "have", first->name);
    note_field(diag, first);
}

static void refuse_code(Runs *r) {
    const NodeInfo *info = r->info;
    if (info->node.body)
        diag_error(diags_of(r), info->ast->body_span,
                   "'%s' runs graph '%s', so it has no body of its own", info->node.name,
                   info->ast->runs.text);
    for (size_t i = 0; i < info->ast->n_attrs; i++)
        if (info->ast->attrs[i].kind == AA_CALLS)
            diag_error(diags_of(r), info->ast->attrs[i].span,
                       "'%s' runs graph '%s', so it calls no function", info->node.name,
                       info->ast->runs.text);
}

static void resolve(GraphSema *g, NodeInfo *info) {
    const AstNode *ast = info->ast;
    Sema *s = g->sema;
    Runs r = {.g = g, .info = info, .child = strmap_get(&s->graphs, ast->runs.text)};
    refuse_code(&r);
    if (!r.child || !imports_see(s, r.child->file)) {
        diag_error(s->diags, ast->runs.span, "unknown graph '%s'%s", ast->runs.text,
                   r.child ? imports_hint(s, r.child->file)
                           : hint_from(s, ast->runs.text, &s->graphs, NULL, NULL));
        return;
    }
    info->node.runs = r.child->graph;
    if (ast->n_params > 0 && ast->params[0].mode == AD_NONE) {
        diag_error(s->diags, ast->params[0].name.span, "say 'in' or 'out' before '%s'",
                   ast->params[0].name.text);
        return;
    }
    for (size_t i = 0; i < ast->n_params; i++)
        bind(&r, &ast->params[i]);
    check_bound(&r);
}

void runs_resolve(GraphSema *g) {
    for (size_t i = 0; i < g->graph->n_nodes; i++) {
        NodeInfo *info = node_info(g->graph->nodes[i]);
        if (info->ast->runs.text)
            resolve(g, info);
    }
}
