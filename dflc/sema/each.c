/* The variables of `each`: what they range over, who may see them, and the parameters that they
 * are handed to. requires: regions_assign. */
#include "internal.h"

EachVar *each_find(const Region *region, const char *name) {
    for (; region && region->section; region = region->parent) {
        const Section *section = region->section;
        if (section->item && section->item->name == name)
            return section->item;
        if (section->key && section->key->name == name)
            return section->key;
    }
    return NULL;
}

/* ---- variables ---- */

static void check_shadowing(GraphSema *g, const EachVar *var, const Region *around) {
    const FieldInfo *field = strmap_get(&g->fields, var->name);
    const NodeInfo *node = strmap_get(&g->nodes, var->name);
    const EachVar *outer = each_find(around, var->name);
    if (!field && !node && !outer)
        return;
    const char *what = field ? "a field" : (node ? "a node" : "the variable of an outer 'each'");
    Span at = field ? field->field.span : (node ? node->node.span : outer->span);
    Diag *diag =
        diag_error(g->sema->diags, var->span, "'%s' is the name of %s already", var->name, what);
    diag_note(diag, at, "'%s' is declared here", var->name);
}

static void set_types(GraphSema *g, Section *section, const AstExpr *over) {
    Sema *s = g->sema;
    const Type *type = section->over->type;
    switch (type->kind) {
    case TY_LIST:
    case TY_ARRAY:
    case TY_MAP:
        section->item->type = type->elem;
        if (section->key)
            section->key->type = s->builtin[type->kind == TY_MAP ? TY_STRING : TY_I64];
        break;
    case TY_ERROR:
        break;
    default:
        diag_error(s->diags, over->span, "'each' goes over a list, a map or an array, and %s is %s",
                   quoted_text(s, over), type_text(type));
    }
}

static void resolve_section(GraphSema *g, Section *section, const AstPlace *ast) {
    const Region *around = section->place->region;
    Facts facts = {0};
    ExprScope scope = {.g = g,
                       .region = around,
                       .facts = &facts,
                       .when_none = "an 'each' needs a field that is never none"};
    section->over = expr_value(&scope, expr_check(&scope, ast->over, NULL));
    set_types(g, section, ast->over);
    check_shadowing(g, section->item, around);
    if (section->key)
        check_shadowing(g, section->key, around);
}

/* ---- parameters ---- */

static void refuse_unbound(GraphSema *g, const Param *param, const char *user, Span use) {
    const EachVar *other = strmap_get(&g->each_names, param->name);
    Diag *diag = diag_error(g->sema->diags, param->span,
                            "nothing gives '%s' its value: '%s' is not in an 'each %s in ...'",
                            param->name, user, param->name);
    diag_note(diag, use, "'%s' is used here", user);
    if (other)
        diag_note(diag, other->span, "this 'each %s' is elsewhere", param->name);
}

static void refuse_type(GraphSema *g, const Param *param, const EachVar *var) {
    Diag *diag = diag_error(g->sema->diags, param->span, "'%s' is %s here, and %s in its 'each'",
                            param->name, type_text(param->type), type_text(var->type));
    diag_note(diag, var->span, "'%s' gets its type here", param->name);
}

void each_bind_params(GraphSema *g, NodeInfo *node, const Region *region, Span use) {
    for (size_t i = 0; i < node->node.n_params; i++) {
        Param *param = &node->node.params[i];
        if (param->field || param->whole_state)
            continue;
        EachVar *var = each_find(region, param->name);
        if (!var) {
            refuse_unbound(g, param, node->node.name, use);
        } else if (param->var && param->var != var) {
            Diag *diag = diag_error(g->sema->diags, use,
                                    "'%s' is used in two sections that both have '%s'; declare "
                                    "one for each",
                                    node->node.name, param->name);
            diag_note(diag, param->var->span, "the other '%s' is here", param->name);
        } else {
            if (!param->var && var->type->kind != TY_ERROR && var->type != param->type)
                refuse_type(g, param, var);
            param->var = var;
        }
    }
}

void each_resolve(GraphSema *g) {
    for (size_t i = 0; i < g->graph->n_regions; i++) {
        const Region *region = g->graph->regions[i];
        for (size_t k = 0; k < region->n_places; k++) {
            FlowPlace *place = flow_place(region->places[k]);
            if (place->place.kind == PL_SECTION && place->ast->is_each)
                resolve_section(g, place->place.section, place->ast);
            else if (place->place.node)
                each_bind_params(g, node_info(place->place.node), region, place->place.span);
        }
    }
}
