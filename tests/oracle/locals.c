/* Which local fields a branch has. One belongs to the outermost branches that use it themselves, and not
 * only in a section of theirs. */
#include "interpret.h"

static bool node_uses(const Node *node, const Field *field) {
    for (unsigned i = 0; i < node->n_params; i++)
        if (node->params[i].field == field)
            return true;
    return false;
}

static bool expr_uses(const Expr *e, const Field *field) {
    if (!e)
        return false;
    if (e->kind == E_PREDICATE)
        return node_uses(e->predicate, field);
    return (e->kind == E_FIELD && e->field == field) || expr_uses(e->a, field) || expr_uses(e->b, field);
}

static bool bindings_use(const Node *node, const Field *field) {
    for (unsigned i = 0; i < node->n_ins; i++)
        if (expr_uses(node->ins[i].value, field))
            return true;
    for (unsigned i = 0; i < node->n_outs; i++)
        if (node->outs[i].parent == field)
            return true;
    return false;
}

static bool edges_use(const Edge *edges, unsigned n, const Field *field) {
    for (unsigned i = 0; i < n; i++) {
        const Choice *choice = edges[i].choice;
        if (expr_uses(edges[i].guard, field))
            return true;
        if (choice && (expr_uses(choice->subject, field) || edges_use(choice->edges, choice->n_edges, field)))
            return true;
    }
    return false;
}

static bool place_uses(const Place *place, const Field *field) {
    if (place->node && (node_uses(place->node, field) || bindings_use(place->node, field)))
        return true;
    const Section *section = place->section;
    return (section && (section->settle == field || expr_uses(section->over, field))) ||
           edges_use(place->edges, place->n_edges, field);
}

bool has_local(const Region *region, const Field *field) {
    for (; region; region = region->parent)
        for (unsigned i = 0; i < region->n_places; i++)
            if (place_uses(region->places[i], field))
                return true;
    return false;
}
