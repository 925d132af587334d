/* Nodes, predicates and routers by chance. */
#include "generate.h"

enum { DEEPEST_GRAPH = 2 };

/* ---- parameters ---- */

bool may_replace(const Field *field, const Region *region, const Own *own) {
    if (field->faults)
        return false;
    if (field->local && !region->holds[field->index])
        return false;
    return field->reducer == R_NONE ? own->field[field->index] : !region->section;
}

bool may_update(const Field *field, const Region *region, const Own *own) {
    return !field->faults && (field->reducer != R_NONE || may_replace(field, region, own));
}

static void add_param(Node *node, Mode mode, const Field *field, const Var *var, bool beside) {
    Param param = {mode, field, var, beside, false};
    PUSH(node->params, node->n_params, param);
}

static void add_out(Generate *g, Node *node, const Field *field, bool beside) {
    add_param(node, M_OUT, field, NULL, beside);
    node->params[node->n_params - 1].left = rarely(g->choices, 8);
}

/* How a transient field is changed would depend on what is gone after a resume. */
static void generate_param(Generate *g, Node *node, const Field *field, const Region *region,
                           const Own *own) {
    bool replace = may_replace(field, region, own) && !field->transient;
    bool out = may_update(field, region, own);
    switch (may_read(field, region) ? pick(g->choices, 8) : 0) {
    case 3:
    case 4:
        add_param(node, M_IN, field, NULL, false);
        break;
    case 5:
        if (out)
            add_out(g, node, field, false);
        else
            add_param(node, M_IN, field, NULL, false);
        break;
    case 6:
        add_param(node, replace ? M_INOUT : out ? M_OUT : M_IN, field, NULL, false);
        break;
    case 7:
        add_param(node, M_IN, field, NULL, false);
        if (out)
            add_out(g, node, field, true);
        break;
    default:
        break;
    }
}

static void generate_vars(Generate *g, Node *node, const Scope *scope) {
    for (; scope; scope = scope->out)
        if (pick(g->choices, 2))
            add_param(node, M_IN, NULL, scope->var, false);
}

/* ---- what it does ---- */

static void generate_failure(Generate *g, Script *script) {
    static const unsigned one_in[] = {0, 0, 0, 0, 0, 0, 9, 4, 2, 1};
    script->fails_one_in = one_in[pick(g->choices, 10)];
    if (!script->fails_one_in)
        return;
    script->code = (int)pick_from(g->choices, 1, 3);
    script->says = pick(g->choices, 2) == 0;
    script->fatal = rarely(g->choices, 4);
}

static Script generate_script(Generate *g) {
    Script script = {.seed = pick(g->choices, 1000)};
    generate_failure(g, &script);
    script.reads_state = rarely(g->choices, 12);
    if (rarely(g->choices, 14))
        script.asks = pick_from(g->choices, 1, 2);
    return script;
}

static void generate_params(Generate *g, Node *node, const Region *region, const Scope *scope,
                            const Own *own) {
    for (unsigned i = 0; i < g->graph->n_fields; i++)
        generate_param(g, node, g->graph->fields[i], region, own);
    generate_vars(g, node, scope);
    node->script = generate_script(g);
}

/* Calls the function of a node of the same region, with the same parameters. */
static bool generate_call(Generate *g, Node *node, const Region *region) {
    const Place *place = region->n_places ? region->places[pick(g->choices, region->n_places)] : NULL;
    if (!place || place->kind != P_NODE || place->node->runs || place->node->calls ||
        place->node->has_body)
        return false;
    node->calls = place->node;
    node->params = place->node->params;
    node->n_params = place->node->n_params;
    node->script = place->node->script;
    node->late = place->node->late;
    return true;
}

/* A node that is late waits until it is, so that no clock decides. */
static void generate_timeout(Generate *g, Node *node) {
    if (node->late == ALWAYS_LATE || !rarely(g->choices, 8))
        return;
    bool may_wait = !node->runs && node->script.asks == 0;
    node->late = may_wait && rarely(g->choices, 3) ? ALWAYS_LATE : NEVER_LATE;
}

/* So that a later attempt comes to what the first one does not, and pauses. */
static void generate_first_attempts(Generate *g, Node *node) {
    if (node->runs || node->calls || node->late == ALWAYS_LATE || !rarely(g->choices, 6))
        return;
    node->script.fails_first = pick_from(g->choices, 1, 2);
    if (rarely(g->choices, 2))
        node->script.asks = pick_from(g->choices, 1, 2);
}

static void generate_retries(Generate *g, Node *node) {
    const Script *script = &node->script;
    generate_first_attempts(g, node);
    if (!node->runs && !script->fails_one_in && !script->fails_first && node->late != ALWAYS_LATE)
        return;
    if (pick(g->choices, script->fails_first ? 4 : 2))
        node->retries = pick_from(g->choices, 1, 3);
}

static void generate_attributes(Generate *g, Node *node) {
    generate_retries(g, node);
    node->cost_us = pick(g->choices, 4) * 20;
    node->checkpoint = rarely(g->choices, 6) && !g->graph->is_cheap;
    node->effect = rarely(g->choices, 8) && !g->graph->is_cheap;
    node->pause_before = rarely(g->choices, 16);
    node->pause_after = rarely(g->choices, 16);
}

static Node *new_node(Generate *g) {
    Node *node = room(sizeof *node);
    node->name = text("n%u", g->graph->n_names++);
    return node;
}

Node *generate_node(Generate *g, const Region *region, const Scope *scope, const Own *own) {
    Node *node = new_node(g);
    if (g->depth < DEEPEST_GRAPH && g->nodes_left > 1 && rarely(g->choices, 7))
        generate_subgraph(g, node, region, scope, own);
    else if (!rarely(g->choices, 10) || !generate_call(g, node, region))
        generate_params(g, node, region, scope, own);
    if (!node->calls)
        generate_timeout(g, node);
    generate_attributes(g, node);
    if (!node->runs && !node->calls)
        node->has_body = rarely(g->choices, 12);
    return node;
}

Node *generate_handler(Generate *g, const Region *region, const Scope *scope, const Own *own) {
    Node *node = new_node(g);
    generate_params(g, node, region, scope, own);
    node->script.reads_error = true;
    generate_attributes(g, node);
    return node;
}

/* ---- what only reads ---- */

static void generate_ins(Generate *g, Node *node, const Region *region, const Scope *scope) {
    for (unsigned i = 0; i < g->graph->n_fields; i++)
        if (may_read(g->graph->fields[i], region) && pick(g->choices, 3) == 2)
            add_param(node, M_IN, g->graph->fields[i], NULL, false);
    generate_vars(g, node, scope);
    node->script.seed = pick(g->choices, 1000);
}

Node *generate_waiter(Generate *g, const Region *region) {
    Node *node = new_node(g);
    generate_ins(g, node, region, NULL);
    node->late = WAITS;
    return node;
}

const Node *generate_predicate(Generate *g, const Region *region, const Scope *scope) {
    Node *node = room(sizeof *node);
    node->name = text("p%u", g->graph->n_names++);
    generate_ins(g, node, region, scope);
    PUSH(g->graph->predicates, g->graph->n_predicates, node);
    return node;
}

Node *generate_router(Generate *g, const Region *region, const Scope *scope) {
    static const unsigned one_in[] = {0, 0, 0, 0, 0, 0, 0, 0, 9, 4};
    Node *node = room(sizeof *node);
    node->name = text("r%u", g->graph->n_names++);
    generate_ins(g, node, region, scope);
    generate_failure(g, &node->script);
    node->script.says = true; /* that it failed is known by its message */
    node->script.fatal = false;
    node->script.lost_one_in = one_in[pick(g->choices, 10)];
    return node;
}
