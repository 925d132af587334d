/* The attributes of nodes, and the names that something was saved under before. */
#include "internal.h"

static const char *attr_text(AstAttrKind kind) {
    switch (kind) {
    case AA_COST:
        return "cost";
    case AA_RETRY:
        return "retry";
    case AA_TIMEOUT:
        return "timeout";
    case AA_CHECKPOINT:
        return "checkpoint";
    case AA_EFFECT:
        return "effect";
    case AA_PAUSE_BEFORE:
        return "pause before";
    case AA_PAUSE_AFTER:
        return "pause after";
    case AA_WAS:
        return "was";
    case AA_CALLS:
        return "calls";
    }
    return "";
}

static bool kind_takes(NodeKind kind, AstAttrKind attr) {
    return kind == NODE_CALL || (kind == NODE_PREDICATE && (attr == AA_COST || attr == AA_CALLS));
}

static void resolve_calls(GraphSema *g, NodeInfo *info, const AstAttr *attr) {
    Sema *s = g->sema;
    if (!name_check(s, attr->name, NAME_FUNCTION) || info->ast->runs.text)
        return;
    if (info->node.body) {
        Diag *diag =
            diag_error(s->diags, attr->span, "'%s' has a body, so it cannot call '%s' in its place",
                       info->node.name, attr->name.text);
        diag_note(diag, info->node.body_span, "the body begins here");
        return;
    }
    info->calls = attr->name;
    info->node.calls = true;
    info->node.c_name = attr->name.text;
}

/* retry N [every D [up to D]] */
static void resolve_retry(Sema *s, Node *node, const AstAttr *attr) {
    node->retry_cap_ns = INT64_MAX;
    if (!count_of(s, attr->value, "'retry'", UINT32_MAX, &node->retries))
        node->retries = 0;
    if (!attr->every || !duration_of(s, attr->every, "the wait of 'every'", &node->retry_ns) ||
        !attr->up_to || !duration_of(s, attr->up_to, "the wait of 'up to'", &node->retry_cap_ns))
        return;
    if (node->retry_cap_ns >= node->retry_ns)
        return;
    Diag *diag = diag_error(s->diags, attr->up_to->span,
                            "the wait begins with %s and grows: it cannot be cut at %s",
                            literal_text(s, attr->every), literal_text(s, attr->up_to));
    diag_also(diag, attr->every->span);
}

static void resolve_timeout(Sema *s, Node *node, const AstAttr *attr) {
    if (duration_of(s, attr->value, "a timeout", &node->timeout_ns) && node->timeout_ns == 0)
        diag_error(s->diags, attr->value->span,
                   "a timeout is longer than 0; without one, leave "
                   "it out");
}

/* ---- was OLD ---- */

/* Two that take over from one, and one that takes over from what is still there. */
static bool was_is_free(Sema *s, StrMap *all, AstName was, const char *what, Span present) {
    Diag *diag = NULL;
    const AstName *first = strmap_get(all, was.text);
    if (present.source) {
        diag = diag_error(s->diags, was.span,
                          "%s '%s' is still there; 'was' names one that is gone", what, was.text);
        diag_note(diag, present, "'%s' is declared here", was.text);
    } else if (first) {
        diag = diag_error(s->diags, was.span, "two %ss cannot both take over from '%s'", what,
                          was.text);
        diag_note(diag, first->span, "the other one is here");
    }
    if (diag)
        return false;
    AstName *kept = ARENA_NEW(s->arena, AstName);
    *kept = was;
    strmap_put(all, s->arena, was.text, kept);
    return true;
}

static void resolve_node_was(GraphSema *g, NodeInfo *info, AstName was) {
    const NodeInfo *present = strmap_get(&g->nodes, was.text);
    if (was_is_free(g->sema, &g->node_was, was, "node", present ? present->node.span : (Span){0}))
        info->node.was = was.text;
}

void attrs_resolve_field_was(GraphSema *g) {
    for (size_t i = 0; i < g->ast->n_fields; i++) {
        const AstField *ast = &g->ast->fields[i];
        FieldInfo *field = strmap_get(&g->fields, ast->name.text);
        if (!ast->was.text || field->field.span.begin != ast->name.span.begin)
            continue;
        const FieldInfo *present = strmap_get(&g->fields, ast->was.text);
        if (was_is_free(g->sema, &g->field_was, ast->was, "field",
                        present ? present->field.span : (Span){0}))
            field->field.was = ast->was.text;
    }
}

/* ---- all of them ---- */

static void resolve_attr(GraphSema *g, NodeInfo *info, const AstAttr *attr) {
    Sema *s = g->sema;
    Node *node = &info->node;
    if (!kind_takes(node->kind, attr->kind)) {
        diag_error(s->diags, attr->span, "a %s cannot have '%s'", node_kind_text(info->ast),
                   attr_text(attr->kind));
        return;
    }
    switch (attr->kind) {
    case AA_COST:
        node->has_cost = duration_of(s, attr->value, "a cost", &node->cost_ns);
        break;
    case AA_CHECKPOINT:
        node->checkpoint = true;
        break;
    case AA_EFFECT:
        node->effect = true;
        break;
    case AA_CALLS:
        resolve_calls(g, info, attr);
        break;
    case AA_RETRY:
        resolve_retry(s, node, attr);
        break;
    case AA_TIMEOUT:
        resolve_timeout(s, node, attr);
        break;
    case AA_PAUSE_BEFORE:
        node->pause_before = true;
        break;
    case AA_PAUSE_AFTER:
        node->pause_after = true;
        break;
    case AA_WAS:
        resolve_node_was(g, info, attr->name);
        break;
    }
}

void attrs_resolve(GraphSema *g, NodeInfo *info) {
    for (size_t i = 0; i < info->ast->n_attrs; i++)
        resolve_attr(g, info, &info->ast->attrs[i]);
}

bool attrs_have(const NodeInfo *info, AstAttrKind kind) {
    for (size_t i = 0; i < info->ast->n_attrs; i++)
        if (info->ast->attrs[i].kind == kind)
            return true;
    return false;
}
