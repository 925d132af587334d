/* graph_dump: a stable text form of a Program, for tests and --dump=graph.
 *
 *   graph finance as finance, checkpoint marked
 *     field in ticker: string
 *     field signals: f64[] merge append
 *     node gather as finance_gather (in ticker, out prices) cost 12000ns
 *     region 0 finance
 *       start
 *         -> gather
 *       gather
 *         -> section 0
 *       section 0 [technical, sentiment], regions 1 2
 *         -> end
 *     region 1 technical, branch 0 of section 0 in region 0
 */
#include "graph.h"

#include <inttypes.h>

/* ---- constants and expressions ---- */

static void dump_string(const char *p, size_t n, FILE *out) {
    fputc('"', out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void dump_value(const Const *value, const Type *type, FILE *out) {
    switch (type->kind) {
    case TY_BOOL:
        fputs(value->u.boolean ? "true" : "false", out);
        break;
    case TY_F32:
    case TY_F64:
        fprintf(out, "%.17g", value->u.real);
        break;
    case TY_STRING:
    case TY_BYTES:
        dump_string(value->u.string.p, value->u.string.n, out);
        break;
    case TY_ENUM:
        fputs(value->u.enumerator->name, out);
        break;
    default:
        if (type_is_unsigned(type))
            fprintf(out, "%" PRIu64, value->u.u);
        else
            fprintf(out, "%" PRId64, value->u.i);
    }
}

static void dump_const(const Const *value, FILE *out) {
    if (value->is_none)
        fputs("none", out);
    else
        dump_value(value, value->type->kind == TY_OPT ? value->type->elem : value->type, out);
}

static void dump_expr(const Expr *expr, FILE *out);

static void dump_call(const char *name, const Expr *operand, FILE *out) {
    fprintf(out, "%s(", name);
    dump_expr(operand, out);
    fputc(')', out);
}

/* Arithmetic shows the type that it is done in, and '!' where it can fail. */
static void dump_operation(const Expr *expr, FILE *out) {
    static const char *const operators[] = {
        [EX_IN] = "in", [EX_MUL] = "*", [EX_DIV] = "/",  [EX_MOD] = "%", [EX_ADD] = "+",
        [EX_SUB] = "-", [EX_LT] = "<",  [EX_LE] = "<=",  [EX_GT] = ">",  [EX_GE] = ">=",
        [EX_EQ] = "==", [EX_NE] = "!=", [EX_AND] = "&&", [EX_OR] = "||",
    };
    bool arithmetic = expr->kind >= EX_MUL && expr->kind <= EX_SUB;
    fputc('(', out);
    dump_expr(expr->left, out);
    fprintf(out, " %s", operators[expr->kind]);
    if (arithmetic)
        fprintf(out, "{%s%s}", expr->type->name, expr->can_fail ? "!" : "");
    fputc(' ', out);
    dump_expr(expr->right, out);
    fputc(')', out);
}

static void dump_expr(const Expr *expr, FILE *out) {
    switch (expr->kind) {
    case EX_CONST:
        dump_const(expr->constant, out);
        break;
    case EX_FIELD:
        fputs(expr->field->name, out);
        break;
    case EX_VAR:
        fputs(expr->var->name, out);
        break;
    case EX_MEMBER:
        dump_expr(expr->left, out);
        fprintf(out, ".%s", expr->member->name);
        break;
    case EX_UNWRAP:
        dump_expr(expr->left, out);
        fputc('?', out);
        break;
    case EX_PREDICATE:
        fprintf(out, "%s()", expr->node->name);
        break;
    case EX_LEN:
        dump_call("len", expr->left, out);
        break;
    case EX_IS_NONE:
        dump_call("none", expr->left, out);
        break;
    case EX_IS_SOME:
        dump_call("some", expr->left, out);
        break;
    case EX_NEG:
        dump_call(expr->can_fail ? "neg!" : "neg", expr->left, out);
        break;
    case EX_NOT:
        dump_call("not", expr->left, out);
        break;
    default:
        dump_operation(expr, out);
    }
}

/* ---- types ---- */

static void dump_enum(const Enum *enum_, FILE *out) {
    fprintf(out, "%senum %s as %s {", enum_->imported ? "imported " : "", enum_->name,
            enum_->c_name);
    for (size_t i = 0; i < enum_->n_values; i++)
        fprintf(out, "%s %s = %" PRId32, i > 0 ? "," : "", enum_->values[i].name,
                enum_->values[i].value);
    fputs(" }\n", out);
}

static void dump_struct(const Struct *struct_, FILE *out) {
    fprintf(out, "%sstruct %s as %s {", struct_->imported ? "imported " : "", struct_->name,
            struct_->c_name);
    for (size_t i = 0; i < struct_->n_members; i++) {
        const Member *member = &struct_->members[i];
        fprintf(out, " %s: %s", member->name, member->type->name);
        if (member->init) {
            fputs(" = ", out);
            dump_const(member->init, out);
        }
        fputc(';', out);
    }
    fputs(" }\n", out);
}

/* ---- fields and nodes ---- */

static void dump_was(const char *was, FILE *out) {
    if (was)
        fprintf(out, " was %s", was);
}

static void dump_field(const Field *field, FILE *out) {
    static const char *const reducers[] = {
        [RD_SUM] = "sum",     [RD_MIN] = "min",   [RD_MAX] = "max",
        [RD_AND] = "and",     [RD_OR] = "or",     [RD_APPEND] = "append",
        [RD_UNION] = "union", [RD_LAST] = "last", [RD_CUSTOM] = "with",
    };
    fprintf(out, "  field %s%s%s: %s", field->is_in ? "in " : "", field->is_out ? "out " : "",
            field->name, field->type->name);
    if (field->init) {
        fputs(" = ", out);
        dump_const(field->init, out);
    }
    if (field->reducer != RD_NONE)
        fprintf(out, " merge %s", reducers[field->reducer]);
    if (field->reducer_fn)
        fprintf(out, " %s", field->reducer_fn);
    fprintf(out, "%s%s", field->transient ? " transient" : "", field->local ? " local" : "");
    dump_was(field->was, out);
    fputc('\n', out);
}

static void dump_param(const Param *param, FILE *out) {
    static const char *const modes[] = {"in", "out", "inout"};
    fprintf(out, "%s %s", modes[param->mode], param->name);
    if (param->var)
        fprintf(out, ": %s of section %" PRIu32, param->type->name, param->var->section->index);
}

/* in query = topic, out report = answer */
static void dump_binding(const Binding *binding, FILE *out) {
    if (!binding->value) {
        fprintf(out, "out %s = %s", binding->parent->name, binding->child->name);
        return;
    }
    fprintf(out, "in %s = ", binding->child->name);
    dump_expr(binding->value, out);
    fputs(binding->value->can_fail ? " may fail" : "", out);
}

static void dump_attrs(const Node *node, FILE *out) {
    if (node->has_cost)
        fprintf(out, " cost %" PRId64 "ns", node->cost_ns);
    if (node->retries)
        fprintf(out, " retry %" PRIu64 " every %" PRId64 "ns", node->retries, node->retry_ns);
    if (node->retries && node->retry_cap_ns != INT64_MAX)
        fprintf(out, " up to %" PRId64 "ns", node->retry_cap_ns);
    if (node->timeout_ns)
        fprintf(out, " timeout %" PRId64 "ns", node->timeout_ns);
    fprintf(out, "%s%s%s%s", node->checkpoint ? " checkpoint" : "", node->effect ? " effect" : "",
            node->pause_before ? " pause before" : "", node->pause_after ? " pause after" : "");
    dump_was(node->was, out);
}

static void dump_node(const Node *node, FILE *out) {
    static const char *const kinds[] = {"node", "predicate", "router"};
    fprintf(out, "  %s %s ", kinds[node->kind], node->name);
    if (node->runs)
        fprintf(out, "runs %s (", node->runs->name);
    else
        fprintf(out, "as %s (", node->c_name);
    for (size_t i = 0; i < node->n_bindings; i++) {
        fputs(i > 0 ? ", " : "", out);
        dump_binding(&node->bindings[i], out);
    }
    for (size_t i = 0; i < node->n_params; i++) {
        fputs(i > 0 ? ", " : "", out);
        dump_param(&node->params[i], out);
    }
    fputc(')', out);
    for (size_t i = 0; i < node->n_targets; i++)
        fprintf(out, "%s %s", i > 0 ? "," : " ->", node->targets[i].c_name);
    dump_attrs(node, out);
    fprintf(out, "%s%s\n", node->calls ? " calls" : "", node->body ? " body" : "");
}

/* ---- flow ---- */

static void dump_place_name(const Place *place, FILE *out) {
    switch (place->kind) {
    case PL_START:
        fputs("start", out);
        break;
    case PL_END:
        fputs("end", out);
        break;
    case PL_JOIN:
        fputs("join", out);
        break;
    case PL_NODE:
    case PL_ROUTER:
        fputs(place->node->name, out);
        break;
    case PL_SECTION:
        fprintf(out, "section %" PRIu32, place->section->index);
        break;
    case PL_CHOICE:
        fprintf(out, "%s %" PRIu32, place->subject ? "match" : "choice", place->index);
        break;
    }
}

static void dump_edge(const Edge *edge, FILE *out) {
    fputs("      -> ", out);
    dump_place_name(edge->to, out);
    if (edge->guard) {
        fputs(" when ", out);
        dump_expr(edge->guard, out);
        fputs(edge->guard->can_fail ? " may fail" : "", out);
    }
    for (size_t i = 0; i < edge->n_values; i++) {
        fputs(i > 0 ? ", " : " of ", out);
        dump_const(edge->values[i], out);
    }
    if (edge->has_max)
        fprintf(out, " max %" PRIu64 " #%" PRIu32, edge->max, edge->max_index);
    if (edge == edge->from->on_error)
        fputs(" on error", out);
    if (edge == edge->from->on_timeout)
        fputs(" on timeout", out);
    fputc('\n', out);
}

static void dump_section(const Section *section, FILE *out) {
    static const char *const modes[] = {"", " inline", " threads"};
    fprintf(out, " %s%s", section->label, modes[section->mode]);
    if (section->over) {
        fputs(" over ", out);
        dump_expr(section->over, out);
        fprintf(out, " item %s: %s", section->item->name, section->item->type->name);
        if (section->key)
            fprintf(out, " key %s: %s", section->key->name, section->key->type->name);
    }
    if (section->settle)
        fprintf(out, " settle %s", section->settle->name);
    if (section->has_need)
        fprintf(out, " need %" PRIu64, section->need);
    fputs(", regions", out);
    for (size_t i = 0; i < section->n_branches; i++)
        fprintf(out, " %" PRIu32, section->branches[i]->index);
}

static void dump_place(const Place *place, FILE *out) {
    fputs("    ", out);
    dump_place_name(place, out);
    if (place->section)
        dump_section(place->section, out);
    if (place->subject) {
        fputs(" over ", out);
        dump_expr(place->subject, out);
        fputs(place->subject->can_fail ? " may fail" : "", out);
    }
    fputc('\n', out);
    for (size_t i = 0; i < place->n_edges; i++)
        dump_edge(place->edges[i], out);
    if (place->on_error)
        dump_edge(place->on_error, out);
    if (place->on_timeout)
        dump_edge(place->on_timeout, out);
}

static void dump_region(const Region *region, FILE *out) {
    fprintf(out, "  region %" PRIu32 " %s", region->index, region->label);
    if (region->section)
        fprintf(out, ", branch %" PRIu32 " of section %" PRIu32 " in region %" PRIu32,
                region->branch, region->section->index, region->parent->index);
    fprintf(out, "%s\n", region->has_cycle ? ", with a cycle" : "");
    for (size_t i = 0; i + 1 < region->n_places; i++)
        dump_place(region->places[i], out);
}

static void dump_graph(const Graph *graph, FILE *out) {
    static const char *const policies[] = {"marked", "every", "auto", "never"};
    fprintf(out, "%sgraph %s as %s, checkpoint %s", graph->imported ? "imported " : "", graph->name,
            graph->c_name, policies[graph->policy]);
    if (graph->policy == CP_EVERY)
        fprintf(out, " %" PRIu64, graph->checkpoint_every);
    if (graph->has_limit)
        fprintf(out, ", limit %" PRIu64, graph->limit);
    fputc('\n', out);
    for (size_t i = 0; i < graph->n_fields; i++)
        dump_field(graph->fields[i], out);
    for (size_t i = 0; i < graph->n_nodes; i++)
        dump_node(graph->nodes[i], out);
    for (size_t i = 0; i < graph->n_regions; i++)
        dump_region(graph->regions[i], out);
}

void graph_dump(const Program *program, FILE *out) {
    for (size_t i = 0; i < program->n_imports; i++)
        fprintf(out, "import %s\n", program->imports[i]->path);
    for (size_t i = 0; i < program->n_includes; i++)
        fprintf(out, "include %s\n", program->includes[i].text);
    for (size_t i = 0; i < program->n_enums; i++)
        dump_enum(program->enums[i], out);
    for (size_t i = 0; i < program->n_structs; i++)
        dump_struct(program->structs[i], out);
    for (size_t i = 0; i < program->n_types; i++)
        fprintf(out, "type %s as %s%s\n", program->types[i]->name, program->types[i]->c_name,
                program->types[i]->flat ? " flat" : "");
    for (size_t i = 0; i < program->n_graphs; i++)
        dump_graph(program->graphs[i], out);
}
