#include "print.h"

#include <string.h>

#include "value.h"

/* ---- expressions: every operation in parentheses ---- */

static const char *const operators[] = {[E_MUL] = "*", [E_DIV] = "/",  [E_MOD] = "%", [E_ADD] = "+",
                                        [E_SUB] = "-", [E_IN] = "in",  [E_LT] = "<",  [E_LE] = "<=",
                                        [E_GT] = ">",  [E_GE] = ">=",  [E_EQ] = "==", [E_NE] = "!=",
                                        [E_AND] = "&&", [E_OR] = "||"};

static void print_text(FILE *out, const char *p) {
    fputc('"', out);
    for (; *p; p++)
        if (*p == '\n' || *p == '\t')
            fputs(*p == '\n' ? "\\n" : "\\t", out);
        else
            fprintf(out, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
    fputc('"', out);
}

static void print_expr(FILE *out, const Expr *e);

static void print_leaf(FILE *out, const Expr *e) {
    switch (e->kind) {
    case E_INT:
        fprintf(out, "%llu", (unsigned long long)e->number);
        break;
    case E_FLOAT:
        fprintf(out, "%.2f", e->real);
        break;
    case E_TEXT:
        print_text(out, e->text);
        break;
    case E_BOOL:
        fputs(e->number ? "true" : "false", out);
        break;
    case E_ENUM:
        fputs(e->type->members[e->number].name, out);
        break;
    case E_FIELD:
        fputs(e->field->name, out);
        break;
    case E_VAR:
        fputs(e->var->name, out);
        break;
    case E_PREDICATE:
        fputs(e->predicate->name, out);
        break;
    default:
        break;
    }
}

static void print_around(FILE *out, const char *before, const Expr *e, const char *behind) {
    fputs(before, out);
    print_expr(out, e);
    fputs(behind, out);
}

static void print_expr(FILE *out, const Expr *e) {
    switch (e->kind) {
    case E_LEN:
        print_around(out, "len(", e->a, ")");
        break;
    case E_MEMBER:
        print_around(out, "", e->a, ".");
        fputs(e->member->name, out);
        break;
    case E_NEG:
        print_around(out, "(-", e->a, ")");
        break;
    case E_NOT:
        print_around(out, "!(", e->a, ")");
        break;
    case E_NONE:
    case E_SOME:
        print_around(out, "(", e->a, e->kind == E_NONE ? " is none)" : " is some)");
        break;
    default:
        if (!e->a) {
            print_leaf(out, e);
            break;
        }
        print_around(out, "(", e->a, " ");
        print_around(out, text("%s ", operators[e->kind]), e->b, ")");
    }
}

/* ---- types and fields ---- */

static void print_value(FILE *out, const Value *value) {
    const Type *type = value->type;
    if (type->kind == K_STRING || type->kind == K_BYTES)
        print_text(out, value->p);
    else if (type->kind == K_BOOL)
        fputs(value->n ? "true" : "false", out);
    else if (type->kind == K_OPT && !value->len)
        fputs("none", out);
    else if (type->kind == K_OPT)
        print_value(out, value->items[0]);
    else if (is_float(type))
        fprintf(out, "%.17g", value->real);
    else if (type->kind == K_ENUM)
        for (unsigned i = 0; i < type->n; i++)
            fputs(type->values[i] == (int64_t)value->n ? type->members[i].name : "", out);
    else if (is_signed(type))
        fprintf(out, "%lld", (long long)value->n);
    else
        fprintf(out, "%llu", (unsigned long long)value->n);
}

static void print_default(FILE *out, const Value *initial) {
    if (!initial)
        return;
    fputs(" = ", out);
    print_value(out, initial);
}

static void print_type(FILE *out, const Type *type) {
    bool is_enum = type->kind == K_ENUM;
    if (!is_enum && type->kind != K_STRUCT)
        return;
    fprintf(out, "%s %s {", is_enum ? "enum" : "struct", type->dfl);
    for (unsigned i = 0; i < type->n; i++)
        if (is_enum)
            fprintf(out, "%s %s = %d", i ? "," : "", type->members[i].name, type->values[i]);
        else {
            fprintf(out, " %s: %s", type->members[i].name, type->members[i].type->dfl);
            print_default(out, type->members[i].initial);
            fputs(";", out);
        }
    fprintf(out, " }\n");
}

static void print_field(FILE *out, const Graph *graph, const Field *field) {
    static const char *const words[] = {"",     "sum",    "min",   "max",  "and",
                                        "or",   "append", "union", "last", "with"};
    fprintf(out, "        %s%s : %s", field->out ? "out " : field->in ? "in " : "", field->name,
            field->type->dfl);
    print_default(out, field->initial);
    if (field->reducer)
        fprintf(out, " merge %s", words[field->reducer]);
    if (field->reducer == R_WITH)
        fprintf(out, " %s_reduce_%s", graph->name, field->name);
    fprintf(out, "%s%s", field->local ? " local" : "", field->transient ? " transient" : "");
    fprintf(out, "%s%s;\n", field->was ? " was " : "", field->was ? field->was : "");
}

/* ---- nodes ---- */

static void print_params(FILE *out, const Node *node) {
    static const char *const modes[] = {"in", "out", "inout"};
    for (unsigned i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        fprintf(out, "%s%s ", i ? ", " : "", modes[param->mode]);
        if (param->var)
            fprintf(out, "%s : %s", param->var->name, param->var->type->dfl);
        else
            fputs(param->field->name, out);
    }
    if (node->script.reads_state)
        fprintf(out, "%sin state", node->n_params ? ", " : "");
}

static void print_bindings(FILE *out, const Node *node) {
    for (unsigned i = 0; i < node->n_ins; i++) {
        fprintf(out, "%sin %s = ", i ? ", " : "", node->ins[i].child->name);
        print_expr(out, node->ins[i].value);
    }
    for (unsigned i = 0; i < node->n_outs; i++)
        fprintf(out, "%sout %s = %s", i + node->n_ins ? ", " : "", node->outs[i].parent->name,
                node->outs[i].child->name);
}

/* Its function is in C with the others. */
static void print_body(FILE *out, const Graph *graph, const Node *node) {
    fprintf(out, " {%% int ");
    print_function(out, graph, node);
    fprintf(out, "; return ");
    print_call(out, graph, node);
    fprintf(out, "; %%}\n");
}

static void print_node(FILE *out, const Graph *graph, const Node *node) {
    fprintf(out, "    node %s ", node->name);
    if (node->runs)
        fprintf(out, "runs %s (", node->runs->name), print_bindings(out, node);
    else
        fputs("(", out), print_params(out, node);
    fputs(")", out);
    if (graph->is_cheap)
        fputs(" cost 100ns", out);
    else if (node->cost_us)
        fprintf(out, " cost %uus", node->cost_us);
    if (node->retries)
        fprintf(out, " retry %u%s", node->retries, node->cost_us == 20 ? " every 1us up to 2us" : "");
    if (node->late == ALWAYS_LATE || node->late == NEVER_LATE)
        fprintf(out, " timeout %s", node->late == ALWAYS_LATE ? "1us" : "1h");
    if (node->calls)
        fprintf(out, " calls %s_%s", graph->name, node->calls->name);
    fprintf(out, "%s%s%s%s", node->checkpoint ? " checkpoint" : "", node->effect ? " effect" : "",
            node->pause_before ? " pause before" : "", node->pause_after ? " pause after" : "");
    if (node->was)
        fprintf(out, " was %s", node->was);
    if (node->has_body)
        print_body(out, graph, node);
    else
        fputs(";\n", out);
}

/* ---- flow ---- */

static const char *place_name(const Place *place, const Region *region) {
    if (!place)
        return region->section ? "join" : "end";
    if (place->kind == P_START)
        return "start";
    return place->kind == P_SECTION ? place->section->name : place->node->name;
}

static void print_router(FILE *out, const Place *place, const Region *region) {
    fprintf(out, "    router %s (", place->node->name);
    print_params(out, place->node);
    fputs(")", out);
    for (unsigned i = 0; i < place->n_edges; i++)
        fprintf(out, " %s %s", i ? "|" : "->", place_name(place->edges[i].to, region));
    fputs(";\n", out);
}

static void print_section(FILE *out, const Section *section) {
    fprintf(out, "%s: ", section->name);
    if (section->over) {
        fprintf(out, "each %s", section->element.name);
        if (section->index.name)
            fprintf(out, ", %s", section->index.name);
        print_around(out, " in ", section->over, " ");
    }
    fputs("[", out);
    for (unsigned i = 0; i < section->n_branches; i++)
        fprintf(out, "%s%s", i ? ", " : "",
                place_name(section->branches[i]->places[0], section->branches[i]));
    fprintf(out, "]%s", section->how == INLINE ? " inline" : section->how == THREADS ? " threads" : "");
    if (section->settle)
        fprintf(out, " settle %s", section->settle->name);
    if (section->need)
        fprintf(out, " need %u", section->need);
}

static bool is_else(const Edge *edge) {
    return !edge->guard && !edge->max && !edge->n_values;
}

static void print_block(FILE *out, const Choice *choice, const Region *region, unsigned depth);

/* What stands behind the arrow. */
static void print_target(FILE *out, const Edge *edge, const Region *region, unsigned depth) {
    if (edge->choice) {
        print_block(out, edge->choice, region, depth);
        return;
    }
    fputs(place_name(edge->to, region), out);
    if (edge->max)
        fprintf(out, " max %u", edge->max);
}

static void print_arm(FILE *out, const Edge *edge, const Region *region, unsigned depth) {
    fprintf(out, "%*s", (int)(4 * depth), "");
    for (unsigned i = 0; i < edge->n_values; i++) {
        const Expr *value = edge->values[i];
        fprintf(out, "%s%s", i ? ", " : "", value->kind == E_NEG ? "-" : "");
        print_expr(out, value->kind == E_NEG ? value->a : value);
    }
    if (edge->guard)
        print_expr(out, edge->guard);
    fprintf(out, "%s -> ", is_else(edge) ? "else" : "");
    print_target(out, edge, region, depth);
    fputs(";\n", out);
}

/* The else comes last. */
static void print_arms(FILE *out, const Edge *edges, unsigned n, const Region *region, unsigned depth) {
    for (unsigned i = 0; i < n; i++)
        if (!is_else(&edges[i]))
            print_arm(out, &edges[i], region, depth);
    for (unsigned i = 0; i < n; i++)
        if (is_else(&edges[i]))
            print_arm(out, &edges[i], region, depth);
}

static void print_block(FILE *out, const Choice *choice, const Region *region, unsigned depth) {
    if (choice->subject)
        print_around(out, "match ", choice->subject, " {\n");
    else
        fputs("when {\n", out);
    print_arms(out, choice->edges, choice->n_edges, region, depth + 1);
    fprintf(out, "%*s}", (int)(4 * depth), "");
}

static void print_edge(FILE *out, const Edge *edge, const Region *region) {
    fputs(" -> ", out);
    if (edge->guard && edge->choice) {
        fputs("when {\n", out);
        print_arm(out, edge, region, 2);
        fputs("    };\n", out);
        return;
    }
    if (edge->choice) {
        print_target(out, edge, region, 1);
    } else {
        fputs(place_name(edge->to, region), out);
        if (edge->guard)
            print_around(out, " when ", edge->guard, "");
        if (edge->max)
            fprintf(out, " max %u", edge->max);
    }
    fputs(";\n", out);
}

static void print_from(FILE *out, const Place *place, const Region *region, bool first) {
    fputs("    ", out);
    if (first && place->kind == P_SECTION)
        print_section(out, place->section);
    else
        fputs(place_name(place, region), out);
}

/* The arms of a bare `when {}` are guards of the place, which come behind the others. */
static bool comes_last(const Edge *edge) {
    return is_else(edge) && edge->choice && !edge->choice->subject;
}

static void print_one_by_one(FILE *out, const Place *place, const Region *region) {
    bool first = true;
    for (unsigned last = 0; last < 2; last++)
        for (unsigned i = 0; i < place->n_edges; i++) {
            if (comes_last(&place->edges[i]) != (last == 1))
                continue;
            print_from(out, place, region, first);
            print_edge(out, &place->edges[i], region);
            first = false;
        }
}

/* What leaves a place; a section is written out before the first arrow. */
static void print_edges(FILE *out, const Place *place, const Region *region) {
    const char *name = place_name(place, region);
    if (!place->in_one_block)
        print_one_by_one(out, place, region);
    if (place->in_one_block) {
        print_from(out, place, region, true);
        fputs(" -> when {\n", out);
        print_arms(out, place->edges, place->n_edges, region, 2);
        fputs("    };\n", out);
    }
    if (place->has_error)
        fprintf(out, "    %s -> %s on error;\n", name, place_name(place->on_error, region));
    if (place->has_timeout)
        fprintf(out, "    %s -> %s on timeout;\n", name, place_name(place->on_timeout, region));
}

typedef void ForPlace(FILE *out, const Graph *graph, const Place *place, const Region *region);

static void for_places(FILE *out, const Graph *graph, const Region *region, ForPlace *print) {
    for (unsigned i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        print(out, graph, place, region);
        for (unsigned k = 0; place->section && k < place->section->n_branches; k++)
            for_places(out, graph, place->section->branches[k], print);
    }
}

static void print_declaration(FILE *out, const Graph *graph, const Place *place, const Region *region) {
    if (place->kind == P_NODE)
        print_node(out, graph, place->node);
    else if (place->kind == P_ROUTER)
        print_router(out, place, region);
}

static void print_place_edges(FILE *out, const Graph *graph, const Place *place, const Region *region) {
    (void)graph;
    if (place->kind != P_ROUTER)
        print_edges(out, place, region);
}

static void print_settings(FILE *out, const Graph *graph) {
    if (graph->limit)
        fprintf(out, "    limit steps %llu;\n", (unsigned long long)graph->limit);
    switch (graph->policy) {
    case SAVE_EVERY:
        fputs("    checkpoint every node;\n", out);
        break;
    case SAVE_EVERY_N:
        fprintf(out, "    checkpoint every %u nodes;\n", graph->every);
        break;
    case SAVE_AUTO:
        fputs("    checkpoint auto;\n", out);
        break;
    case SAVE_NEVER:
        fputs("    checkpoint never;\n", out);
        break;
    default:
        break;
    }
}

static void print_graph(FILE *out, const Graph *graph) {
    fprintf(out, "graph %s {\n    state {\n", graph->name);
    for (unsigned i = 0; i < graph->n_fields; i++)
        print_field(out, graph, declared_field(graph, i));
    fprintf(out, "    }\n");
    for (unsigned i = 0; i < graph->n_predicates; i++) {
        fprintf(out, "    predicate %s (", graph->predicates[i]->name);
        print_params(out, graph->predicates[i]);
        fprintf(out, ");\n");
    }
    for_places(out, graph, graph->region, print_declaration);
    print_edges(out, graph->start, graph->region);
    for_places(out, graph, graph->region, print_place_edges);
    print_settings(out, graph);
    fprintf(out, "}\n\n");
}

void print_dfl(FILE *out, const File *file) {
    for (unsigned i = 0; i < file->n_types; i++)
        print_type(out, file->types[i]);
    for (unsigned i = 0; i < file->n_graphs; i++)
        print_graph(out, file->graphs[i]);
}
