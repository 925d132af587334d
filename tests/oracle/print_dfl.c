#include "print.h"

#include <string.h>

/* ---- expressions: every operation in parentheses ---- */

static const char *const operators[] = {[E_MUL] = "*", [E_DIV] = "/",  [E_MOD] = "%", [E_ADD] = "+",
                                        [E_SUB] = "-", [E_IN] = "in",  [E_LT] = "<",  [E_LE] = "<=",
                                        [E_GT] = ">",  [E_GE] = ">=",  [E_EQ] = "==", [E_NE] = "!=",
                                        [E_AND] = "&&", [E_OR] = "||"};

static void print_text(FILE *out, const char *p) {
    fputc('"', out);
    for (; *p; p++)
        if (*p == '\n')
            fputs("\\n", out);
        else
            fputc(*p, out);
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

static void print_type(FILE *out, const Type *type) {
    bool is_enum = type->kind == K_ENUM;
    if (!is_enum && type->kind != K_STRUCT)
        return;
    fprintf(out, "%s %s {", is_enum ? "enum" : "struct", type->dfl);
    for (unsigned i = 0; i < type->n; i++)
        if (is_enum)
            fprintf(out, "%s %s = %d", i ? "," : "", type->members[i].name, type->values[i]);
        else
            fprintf(out, " %s: %s;", type->members[i].name, type->members[i].type->dfl);
    fprintf(out, " }\n");
}

static void print_field(FILE *out, const Graph *graph, const Field *field) {
    static const char *const words[] = {"",     "sum",    "min",   "max",  "and",
                                        "or",   "append", "union", "last", "with"};
    fprintf(out, "        %s%s : %s", field->out ? "out " : field->in ? "in " : "", field->name,
            field->type->dfl);
    if (field->reducer)
        fprintf(out, " merge %s", words[field->reducer]);
    if (field->reducer == R_WITH)
        fprintf(out, " %s_reduce_%s", graph->name, field->name);
    fprintf(out, "%s%s;\n", field->local ? " local" : "", field->transient ? " transient" : "");
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

static void print_node(FILE *out, const Node *node) {
    fprintf(out, "    node %s ", node->name);
    if (node->runs)
        fprintf(out, "runs %s (", node->runs->name), print_bindings(out, node);
    else
        fputs("(", out), print_params(out, node);
    fputs(")", out);
    if (node->cost_us)
        fprintf(out, " cost %uus", node->cost_us);
    if (node->retries)
        fprintf(out, " retry %u", node->retries);
    if (node->late != NO_TIMEOUT)
        fprintf(out, " timeout %s", node->late == ALWAYS_LATE ? "1ns" : "1h");
    fprintf(out, "%s%s%s%s;\n", node->checkpoint ? " checkpoint" : "",
            node->effect ? " effect" : "", node->pause_before ? " pause before" : "",
            node->pause_after ? " pause after" : "");
}

static void print_router(FILE *out, const Place *place) {
    fprintf(out, "    router %s (", place->node->name);
    print_params(out, place->node);
    fputs(")", out);
    for (unsigned i = 0; i < place->n_edges; i++) {
        const Place *to = place->edges[i].to;
        fprintf(out, " %s %s", i ? "|" : "->",
                to ? (to->kind == P_SECTION ? to->section->name : to->node->name) : "EXIT");
    }
    fputs(";\n", out);
}

/* ---- flow ---- */

static const char *place_name(const Place *place, const Region *region) {
    if (!place)
        return region->section ? "join" : "end";
    return place->kind == P_SECTION ? place->section->name : place->node->name;
}

static void print_section(FILE *out, const Section *section) {
    fprintf(out, "%s: ", section->name);
    if (section->n_branches && (section->over || section->over_var)) {
        fprintf(out, "each %s", section->element.name);
        if (section->index.name)
            fprintf(out, ", %s", section->index.name);
        fprintf(out, " in %s ", section->over ? section->over->name : section->over_var->name);
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

static void print_edge(FILE *out, const Edge *edge, const Region *region) {
    fprintf(out, " -> %s", place_name(edge->to, region));
    if (edge->guard)
        print_around(out, " when ", edge->guard, "");
    if (edge->max)
        fprintf(out, " max %u", edge->max);
    fputs(";\n", out);
}

static void print_match(FILE *out, const Place *place, const Region *region) {
    print_around(out, " -> match ", place->match, " {\n");
    for (unsigned i = 0; i < place->n_edges; i++) {
        fputs("        ", out);
        for (const Expr **value = place->values[i]; value && *value; value++)
            print_around(out, value == place->values[i] ? "" : ", ", *value, "");
        fprintf(out, "%s -> %s;\n", place->values[i] ? "" : "else",
                place_name(place->edges[i].to, region));
    }
    fputs("    }\n", out);
}

/* What leaves a place; a section is written out before the first arrow. */
static void print_edges(FILE *out, const Place *place, const Region *region) {
    const char *name = place_name(place, region);
    for (unsigned i = 0; i < place->n_edges; i++) {
        fputs("    ", out);
        if (i == 0 && place->kind == P_SECTION)
            print_section(out, place->section);
        else
            fputs(name, out);
        if (place->match) {
            print_match(out, place, region);
            break;
        }
        print_edge(out, &place->edges[i], region);
    }
    if (place->has_error)
        fprintf(out, "    %s -> %s on error;\n", name, place_name(place->on_error, region));
    if (place->has_timeout)
        fprintf(out, "    %s -> %s on timeout;\n", name, place_name(place->on_timeout, region));
}

typedef void ForPlace(FILE *out, const Place *place, const Region *region);

static void for_places(FILE *out, const Region *region, ForPlace *print) {
    for (unsigned i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        print(out, place, region);
        for (unsigned k = 0; place->section && k < place->section->n_branches; k++)
            for_places(out, place->section->branches[k], print);
    }
}

static void print_declaration(FILE *out, const Place *place, const Region *region) {
    (void)region;
    if (place->kind == P_NODE)
        print_node(out, place->node);
    else if (place->kind == P_ROUTER)
        print_router(out, place);
}

static void print_place_edges(FILE *out, const Place *place, const Region *region) {
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
        print_field(out, graph, graph->fields[i]);
    fprintf(out, "    }\n");
    for (unsigned i = 0; i < graph->n_predicates; i++) {
        fprintf(out, "    predicate %s (", graph->predicates[i]->name);
        print_params(out, graph->predicates[i]);
        fprintf(out, ");\n");
    }
    for_places(out, graph->region, print_declaration);
    fprintf(out, "    start -> %s;\n", place_name(graph->region->places[0], graph->region));
    for_places(out, graph->region, print_place_edges);
    print_settings(out, graph);
    fprintf(out, "}\n\n");
}

void print_dfl(FILE *out, const File *file) {
    for (unsigned i = 0; i < file->n_types; i++)
        print_type(out, file->types[i]);
    for (unsigned i = 0; i < file->n_graphs; i++)
        print_graph(out, file->graphs[i]);
}
