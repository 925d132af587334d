#include "print.h"

/* ---- helpers for the types ---- */

static const char *reference(const Type *type, const char *what) {
    return type->kind == K_ARRAY ? what : text("&%s", what);
}

static const char *member(const Type *type, unsigned i) {
    return reference(type->members[i].type, text("v->%s", type->members[i].name));
}

static void print_struct(FILE *out, const Type *type) {
    fprintf(out, "HELPER uint64_t hash_%s(uint64_t hash, const %s *v) {\n", type->stem, type->c);
    for (unsigned i = 0; i < type->n; i++)
        fprintf(out, "    hash = hash_%s(hash, %s);\n", type->members[i].type->stem, member(type, i));
    fprintf(out, "    return hash;\n}\n");
    fprintf(out, "HELPER void make_%s(dfl_ctx *ctx, Dice *dice, %s *v) {\n", type->stem, type->c);
    for (unsigned i = 0; i < type->n; i++)
        fprintf(out, "    make_%s(ctx, dice, %s);\n", type->members[i].type->stem, member(type, i));
    fprintf(out, "}\nHELPER void change_%s(dfl_ctx *ctx, Dice *dice, %s *v) {\n", type->stem,
            type->c);
    fprintf(out, "    switch (dice_below(dice, %u)) {\n", type->n);
    for (unsigned i = 0; i < type->n; i++)
        fprintf(out, "    case %u:\n        change_%s(ctx, dice, %s);\n        break;\n", i,
                type->members[i].type->stem, member(type, i));
    fprintf(out, "    }\n}\n");
}

static void print_type(FILE *out, const Type *type) {
    static const char *const words[] = {[K_LIST] = "LIST", [K_MAP] = "MAP", [K_OPT] = "OPT",
                                        [K_ARRAY] = "ARRAY"};
    if (type->kind == K_STRUCT) {
        print_struct(out, type);
        return;
    }
    if (type->kind == K_ENUM) {
        fprintf(out, "DEFINE_ENUM(%s, %u", type->c, type->n);
        for (unsigned i = 0; i < type->n; i++)
            fprintf(out, ", %d", type->values[i]);
    } else {
        fprintf(out, "DEFINE_%s(%s, %s, %s", words[type->kind], type->stem, type->elem->c,
                type->elem->stem);
        if (type->kind == K_ARRAY)
            fprintf(out, ", %u", type->n);
    }
    fprintf(out, ")\n");
}

/* ---- nodes ---- */

static const char *param_name(const Param *param) {
    const char *name = param->var ? param->var->name : param->field->name;
    return param->beside ? text("%s_out", name) : name;
}

static const Type *param_type(const Param *param) {
    return param->var ? param->var->type : param->field->type;
}

static const char *in_param(const Type *type, const char *name) {
    switch (type->kind) {
    case K_OPT:
        return text("const %s *%s", type->elem->c, name);
    case K_STRUCT:
    case K_MAP:
    case K_ARRAY:
        return text("const %s *%s", type->c, name);
    default:
        return text("%s %s", type->c, name);
    }
}

static bool is_pointer(const Type *type) {
    return type->kind == K_STRUCT || type->kind == K_MAP || type->kind == K_ARRAY;
}

static const char *declared(const Param *param) {
    return param->mode == M_IN ? in_param(param_type(param), param_name(param))
                               : text("%s *%s", param_type(param)->c, param_name(param));
}

void print_function(FILE *out, const Graph *graph, const Node *node) {
    fprintf(out, "%s_%s%s(dfl_ctx *ctx", graph->name, node->has_body ? "body_" : "", node->name);
    for (unsigned i = 0; i < node->n_params; i++)
        fprintf(out, ", %s", declared(&node->params[i]));
    if (node->script.reads_state)
        fprintf(out, ", const %s_state *state", graph->name);
    fprintf(out, ")");
}

void print_call(FILE *out, const Graph *graph, const Node *node) {
    fprintf(out, "%s_body_%s(ctx", graph->name, node->name);
    for (unsigned i = 0; i < node->n_params; i++)
        fprintf(out, ", %s", param_name(&node->params[i]));
    fprintf(out, "%s)", node->script.reads_state ? ", state" : "");
}

/* What the run must not depend on: it is another after a resume, or there is none outside of branches, or in another
 * version. */
static bool is_left_out(const Field *field) {
    return field->transient || field->local || field->added;
}

/* What the node reads, in the order of its parameters. */
static void print_reads(FILE *out, const Graph *graph, const Node *node, const char *attempt) {
    fprintf(out, "    (void)ctx;\n    uint64_t hash = mix(%u, %s);\n", node->script.seed, attempt);
    for (unsigned i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        const Type *type = param_type(param);
        const char *name = param_name(param);
        if (param->mode == M_OUT || (param->field && param->field->transient))
            continue;
        if (param->mode == M_IN && type->kind == K_OPT)
            fprintf(out, "    hash = hash_in_%s(hash, %s);\n", type->stem, name);
        else
            fprintf(out, "    hash = hash_%s(hash, %s);\n", type->stem,
                    param->mode == M_INOUT || is_pointer(type) ? name : text("&%s", name));
    }
    for (unsigned i = 0; i < graph->n_fields && node->script.reads_state; i++)
        if (!is_left_out(graph->fields[i]))
            fprintf(out, "    hash = hash_%s(hash, %s);\n", graph->fields[i]->type->stem,
                    reference(graph->fields[i]->type, text("state->%s", graph->fields[i]->name)));
    if (node->script.reads_error)
        fprintf(out, "    hash = hash_error(hash, dfl_last_error(ctx));\n");
    fprintf(out, "    Dice dice = {hash};\n");
}

static void print_node(FILE *out, const Graph *graph, const Node *node) {
    const Script *script = &node->script;
    fprintf(out, "int ");
    print_function(out, graph, node);
    fprintf(out, " {\n");
    print_reads(out, graph, node, "dfl_attempt(ctx)");
    if (script->fails_first)
        fprintf(out, "    if (dfl_attempt(ctx) <= %u)\n        return not_yet(ctx, hash);\n", script->fails_first);
    if (script->asks)
        fprintf(out, "    int asked = asks(ctx, &dice, %u);\n    if (asked != 0)\n"
                     "        return asked;\n", script->asks);
    fprintf(out, "    did(ctx, hash);\n");
    for (unsigned i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode != M_IN && !param->left)
            fprintf(out, "    %s_%s(ctx, &dice, %s);\n", param->mode == M_OUT ? "make" : "change",
                    param_type(param)->stem, param_name(param));
    }
    if (node->late == ALWAYS_LATE || node->late == WAITS)
        fprintf(out, "    is_late(ctx);\n");
    if (script->fails_one_in)
        fprintf(out, "    return fails(ctx, &dice, %u, %d, %d, %d);\n", script->fails_one_in,
                script->code, script->says, script->fatal);
    else
        fprintf(out, "    (void)dice;\n    return 0;\n");
    fprintf(out, "}\n");
}

static void print_predicate(FILE *out, const Graph *graph, const Node *node) {
    fprintf(out, "bool ");
    print_function(out, graph, node);
    fprintf(out, " {\n");
    print_reads(out, graph, node, "1");
    fprintf(out, "    return dice_below(&dice, 2) == 0;\n}\n");
}

/* Its answers stand in the enum in the order of its targets. */
static void print_router(FILE *out, const Graph *graph, const Place *place) {
    const Script *script = &place->node->script;
    fprintf(out, "%s_%s_to ", graph->name, place->node->name);
    print_function(out, graph, place->node);
    fprintf(out, " {\n");
    print_reads(out, graph, place->node, "1");
    fprintf(out, "    did(ctx, hash);\n");
    if (script->fails_one_in)
        fprintf(out, "    (void)fails(ctx, &dice, %u, %d, true, false);\n", script->fails_one_in,
                script->code);
    if (script->lost_one_in)
        fprintf(out, "    if (dice_below(&dice, %u) == 0)\n        return (%s_%s_to)77;\n",
                script->lost_one_in, graph->name, place->node->name);
    fprintf(out, "    return (%s_%s_to)dice_below(&dice, %u);\n}\n", graph->name,
            place->node->name, place->n_edges);
}

static void print_place(FILE *out, const Graph *graph, const Place *place) {
    if (place->kind == P_ROUTER)
        print_router(out, graph, place);
    else if (place->kind == P_NODE && !place->node->runs && !place->node->calls)
        print_node(out, graph, place->node);
}

static void print_region(FILE *out, const Graph *graph, const Region *region) {
    for (unsigned i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        print_place(out, graph, place);
        for (unsigned k = 0; place->section && k < place->section->n_branches; k++)
            print_region(out, graph, place->section->branches[k]);
    }
}

/* ---- reducers, inputs ---- */

static void print_reducer(FILE *out, const Graph *graph, const Field *field) {
    const char *stem = field->type->stem, *c = field->type->c;
    fprintf(out, "int %s_reduce_%s(dfl_ctx *ctx, %s *total, const %s *update) {\n", graph->name,
            field->name, c, c);
    fprintf(out, "    Dice dice = {hash_%s(hash_%s(%u, total), update)};\n", stem, stem,
            field->index);
    fprintf(out, "    if (dice_below(&dice, 8) == 0)\n");
    fprintf(out, "        return dfl_fail(ctx, 1, \"cannot reduce\");\n");
    fprintf(out, "    make_%s(ctx, &dice, total);\n    return 0;\n}\n", stem);
}

/* As the oracle sets fields: at the start, or what a person sets at an update. */
static void print_setter(FILE *out, const Graph *graph, bool all) {
    fprintf(out, "static void %s_%s(void *state, Dice *dice) {\n    %s_state *s = state;\n", graph->name,
            all ? "set_all" : "input", graph->name);
    fprintf(out, "    dfl_ctx *ctx = %s_state_ctx(s);\n    (void)ctx, (void)dice;\n", graph->name);
    for (unsigned i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        if (all ? !field->local : field->in)
            fprintf(out, "    %s%s_%s(ctx, dice, %s);\n",
                    field->initial && !all ? "if (dice_below(dice, 2)) " : "",
                    field->many && !all ? "many" : "make", field->type->stem,
                    reference(field->type, text("s->%s", field->name)));
    }
    fprintf(out, "}\n");
}

/* With -fstatic-memory each state has room of its own. */
static void print_tested(FILE *out, const Graph *graph) {
    const char *name = graph->name, *threads = graph->has_threads ? "true" : "false";
    fprintf(out, "#ifdef G%s_STATE_BYTES\n", name + 1);
    fprintf(out, "DEFINE_GRAPH(%s, %s, G%s_STATE_BYTES, %s_state_init_in(state, behind(state, sizeof(%s_state)), "
                 "G%s_STATE_BYTES))\n", name, threads, name + 1, name, name, name + 1);
    fprintf(out, "#else\nDEFINE_GRAPH(%s, %s, 0, %s_state_init(state))\n#endif\n\n", name, threads, name);
}

static void print_graph(FILE *out, const Graph *graph) {
    for (unsigned i = 0; i < graph->n_fields; i++)
        if (graph->fields[i]->reducer == R_WITH)
            print_reducer(out, graph, graph->fields[i]);
    for (unsigned i = 0; i < graph->n_predicates; i++)
        print_predicate(out, graph, graph->predicates[i]);
    print_region(out, graph, graph->region);
    if (graph->is_child)
        return;
    print_setter(out, graph, false);
    print_setter(out, graph, true);
    print_tested(out, graph);
}

void print_nodes(FILE *out, const File *file, const char *name) {
    fprintf(out, "#include \"%s.h\"\n\n#include \"nodes.h\"\n#include \"harness.h\"\n\n", name);
    for (unsigned i = 0; i < file->n_types; i++)
        print_type(out, file->types[i]);
    for (unsigned i = 0; i < file->n_graphs; i++)
        print_graph(out, file->graphs[i]);
    fprintf(out, "static const Tested *const tested[] = {");
    for (unsigned i = 0; i < file->n_graphs; i++)
        if (!file->graphs[i]->is_child)
            fprintf(out, "&%s_tested, ", file->graphs[i]->name);
    fprintf(out, "};\n\nint main(int argc, char **argv) {\n");
    fprintf(out, "    return harness_main(argc, argv, tested, sizeof tested / sizeof *tested);\n}\n");
}
