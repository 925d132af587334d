#include "ast.h"

/* The file as an indented tree:
 *
 *     graph finance
 *       field in ticker : string
 *       node gather
 *         in ticker
 *         cost 12us
 *       edges start
 *         -> gather
 */

typedef struct Dump {
    FILE *out;
    int indent;
} Dump;

static void begin_line(Dump *d) {
    fprintf(d->out, "%*s", d->indent * 2, "");
}

static void line(Dump *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void line(Dump *d, const char *fmt, ...) {
    va_list args;
    begin_line(d);
    va_start(args, fmt);
    vfprintf(d->out, fmt, args);
    va_end(args);
    fputc('\n', d->out);
}

/* ---- expressions, fully in parentheses ---- */

static const char *operator_text(AstExprKind kind) {
    static const char *const texts[] = {
        [AE_IN] = "in", [AE_NEG] = "-", [AE_NOT] = "!",  [AE_MUL] = "*",
        [AE_DIV] = "/", [AE_MOD] = "%", [AE_ADD] = "+",  [AE_SUB] = "-",
        [AE_LT] = "<",  [AE_LE] = "<=", [AE_GT] = ">",   [AE_GE] = ">=",
        [AE_EQ] = "==", [AE_NE] = "!=", [AE_AND] = "&&", [AE_OR] = "||",
    };
    return texts[kind];
}

static void dump_string(FILE *out, const char *s, size_t n) {
    fputc('"', out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void dump_expr(FILE *out, const AstExpr *expr) {
    switch (expr->kind) {
    case AE_INT:
        fprintf(out, "%llu", (unsigned long long)expr->u.integer);
        break;
    case AE_FLOAT:
        fprintf(out, "%.17g", expr->u.real);
        break;
    case AE_STRING:
        dump_string(out, expr->u.string.p, expr->u.string.n);
        break;
    case AE_DURATION:
        fprintf(out, "%lluns", (unsigned long long)expr->u.integer);
        break;
    case AE_BOOL:
        fputs(expr->u.boolean ? "true" : "false", out);
        break;
    case AE_NONE:
        fputs("none", out);
        break;
    case AE_NAME:
        fputs(expr->u.name, out);
        break;
    case AE_MEMBER:
        dump_expr(out, expr->left);
        fprintf(out, ".%s", expr->u.name);
        break;
    case AE_LEN:
        fputs("len(", out);
        dump_expr(out, expr->left);
        fputc(')', out);
        break;
    case AE_IS_NONE:
    case AE_IS_SOME:
        fputc('(', out);
        dump_expr(out, expr->left);
        fputs(expr->kind == AE_IS_NONE ? " is none)" : " is some)", out);
        break;
    case AE_NEG:
    case AE_NOT:
        fprintf(out, "(%s", operator_text(expr->kind));
        dump_expr(out, expr->left);
        fputc(')', out);
        break;
    default:
        fputc('(', out);
        dump_expr(out, expr->left);
        fprintf(out, " %s ", operator_text(expr->kind));
        dump_expr(out, expr->right);
        fputc(')', out);
        break;
    }
}

/* " word expr", or nothing for NULL. */
static void dump_clause(FILE *out, const char *word, const AstExpr *expr) {
    if (!expr)
        return;
    fprintf(out, " %s ", word);
    dump_expr(out, expr);
}

static void dump_type(FILE *out, const AstType *type) {
    switch (type->kind) {
    case AT_NAME:
        fputs(type->name, out);
        break;
    case AT_LIST:
        dump_type(out, type->elem);
        fputs("[]", out);
        break;
    case AT_ARRAY:
        dump_type(out, type->elem);
        fputc('[', out);
        dump_expr(out, type->count);
        fputc(']', out);
        break;
    case AT_MAP:
        fputs("map<", out);
        dump_type(out, type->key);
        fputs(", ", out);
        dump_type(out, type->elem);
        fputc('>', out);
        break;
    case AT_OPT:
        dump_type(out, type->elem);
        fputc('?', out);
        break;
    case AT_HANDLE:
        fprintf(out, "handle \"%s\"", type->c_type);
        break;
    }
}

/* ---- declarations ---- */

static const char *direction_word(AstDirection direction) {
    static const char *const words[] = {
        [AD_NONE] = "", [AD_IN] = "in ", [AD_OUT] = "out ", [AD_INOUT] = "inout "};
    return words[direction];
}

static void dump_field(Dump *d, const AstField *field) {
    begin_line(d);
    fprintf(d->out, "field %s%s : ", direction_word(field->direction), field->name.text);
    dump_type(d->out, field->type);
    dump_clause(d->out, "=", field->init);
    if (field->merge.text)
        fprintf(d->out, " merge %s", field->merge.text);
    if (field->merge_with.text)
        fprintf(d->out, " %s", field->merge_with.text);
    fprintf(d->out, "%s%s", field->transient ? " transient" : "", field->local ? " local" : "");
    if (field->was.text)
        fprintf(d->out, " was %s", field->was.text);
    fputc('\n', d->out);
}

static void dump_param(Dump *d, const AstParam *param) {
    begin_line(d);
    fprintf(d->out, "%s%s", param->mode == AD_NONE ? "? " : direction_word(param->mode),
            param->whole_state ? "whole state" : param->name.text);
    if (param->type) {
        fputs(" : ", d->out);
        dump_type(d->out, param->type);
    }
    dump_clause(d->out, "=", param->binding);
    fputc('\n', d->out);
}

static void dump_attr(Dump *d, const AstAttr *attr) {
    static const char *const words[] = {
        [AA_COST] = "cost",       [AA_RETRY] = "retry",
        [AA_TIMEOUT] = "timeout", [AA_CHECKPOINT] = "checkpoint",
        [AA_EFFECT] = "effect",   [AA_PAUSE_BEFORE] = "pause before",
        [AA_WAS] = "was",         [AA_PAUSE_AFTER] = "pause after",
        [AA_CALLS] = "calls",
    };
    begin_line(d);
    fputs(words[attr->kind], d->out);
    if (attr->name.text)
        fprintf(d->out, " %s", attr->name.text);
    if (attr->value) {
        fputc(' ', d->out);
        dump_expr(d->out, attr->value);
    }
    dump_clause(d->out, "every", attr->every);
    dump_clause(d->out, "up to", attr->up_to);
    fputc('\n', d->out);
}

static void dump_node(Dump *d, const AstNode *node) {
    static const char *const words[] = {
        [AN_NODE] = "node", [AN_PREDICATE] = "predicate", [AN_ROUTER] = "router"};
    line(d, "%s %s%s%s", words[node->kind], node->name.text, node->runs.text ? " runs " : "",
         node->runs.text ? node->runs.text : "");
    d->indent++;
    for (size_t i = 0; i < node->n_params; i++)
        dump_param(d, &node->params[i]);
    for (size_t i = 0; i < node->n_attrs; i++)
        dump_attr(d, &node->attrs[i]);
    for (size_t i = 0; i < node->n_targets; i++)
        line(d, "to %s", node->targets[i].text);
    if (node->body) {
        begin_line(d);
        fputs("body ", d->out);
        dump_string(d->out, node->body, node->body_n);
        fputc('\n', d->out);
    }
    d->indent--;
}

/* ---- edges ---- */

static void dump_chain(Dump *d, const AstChain *chain);

static void dump_arm(Dump *d, const AstArm *arm) {
    begin_line(d);
    fputs(arm->is_else ? "else" : "case", d->out);
    if (arm->guard)
        dump_clause(d->out, "when", arm->guard);
    for (size_t i = 0; i < arm->n_values; i++)
        dump_clause(d->out, i ? "or" : "is", arm->values[i]);
    fputc('\n', d->out);
    d->indent++;
    dump_chain(d, arm->chain);
    d->indent--;
}

static void dump_section_head(FILE *out, const AstPlace *section) {
    static const char *const modes[] = {
        [AM_AUTO] = "", [AM_INLINE] = " inline", [AM_THREADS] = " threads", [AM_RANKS] = " ranks"};
    fputs("section", out);
    if (section->name.text)
        fprintf(out, " %s", section->name.text);
    if (section->is_each) {
        fprintf(out, " each %s", section->item.text);
        if (section->index.text)
            fprintf(out, ", %s", section->index.text);
        dump_clause(out, "in", section->over);
    }
    fputs(modes[section->mode], out);
    if (section->settle.text)
        fprintf(out, " settle %s", section->settle.text);
    dump_clause(out, "need", section->need);
}

/* What stands on the place's own line. */
static void dump_place_head(FILE *out, const AstPlace *place) {
    if (place->kind == AP_SECTION)
        dump_section_head(out, place);
    else if (place->kind == AP_WHEN)
        fputs("when", out);
    else if (place->kind == AP_MATCH)
        fputs("match", out);
    else
        fputs(place->name.text, out);
    dump_clause(out, "on", place->subject);
}

static void dump_place_rest(Dump *d, const AstPlace *place) {
    d->indent++;
    for (size_t i = 0; i < place->n_branches; i++) {
        line(d, "branch");
        d->indent++;
        dump_chain(d, place->branches[i]);
        d->indent--;
    }
    for (size_t i = 0; i < place->n_arms; i++)
        dump_arm(d, &place->arms[i]);
    d->indent--;
}

static void dump_hop(Dump *d, const AstHop *hop) {
    static const char *const ons[] = {
        [AO_NORMAL] = "", [AO_ERROR] = " on error", [AO_TIMEOUT] = " on timeout"};
    begin_line(d);
    fputs(hop->arrow.source ? "-> " : "", d->out);
    dump_place_head(d->out, hop->place);
    dump_clause(d->out, "when", hop->guard);
    dump_clause(d->out, "max", hop->max);
    fprintf(d->out, "%s\n", ons[hop->on]);
    dump_place_rest(d, hop->place);
}

static void dump_chain(Dump *d, const AstChain *chain) {
    for (size_t i = 0; i < chain->n; i++)
        dump_hop(d, &chain->hops[i]);
}

static void dump_edges(Dump *d, const AstEdges *edges) {
    line(d, "edges");
    d->indent++;
    for (size_t i = 0; i < edges->n_sources; i++) {
        begin_line(d);
        fputs("from ", d->out);
        dump_place_head(d->out, edges->sources[i]);
        fputc('\n', d->out);
        dump_place_rest(d, edges->sources[i]);
    }
    dump_chain(d, edges->chain);
    d->indent--;
}

static void dump_setting(Dump *d, const AstSetting *setting) {
    static const char *const words[] = {
        [AS_LIMIT] = "limit steps",
        [AS_LIMIT_NONE] = "limit none",
        [AS_CHECKPOINT_MARKED] = "checkpoint marked",
        [AS_CHECKPOINT_EVERY] = "checkpoint every node",
        [AS_CHECKPOINT_AUTO] = "checkpoint auto",
        [AS_CHECKPOINT_NEVER] = "checkpoint never",
    };
    begin_line(d);
    fputs(words[setting->kind], d->out);
    if (setting->value) {
        fputc(' ', d->out);
        dump_expr(d->out, setting->value);
    }
    fputc('\n', d->out);
}

/* ---- files ---- */

static void dump_graph(Dump *d, const AstGraph *graph) {
    line(d, "graph %s", graph->name.text);
    d->indent++;
    for (size_t i = 0; i < graph->n_fields; i++)
        dump_field(d, &graph->fields[i]);
    for (size_t i = 0; i < graph->n_nodes; i++)
        dump_node(d, &graph->nodes[i]);
    for (size_t i = 0; i < graph->n_settings; i++)
        dump_setting(d, &graph->settings[i]);
    for (size_t i = 0; i < graph->n_edges; i++)
        dump_edges(d, &graph->edges[i]);
    d->indent--;
}

static void dump_enum(Dump *d, const AstItem *item) {
    line(d, "enum %s", item->name.text);
    d->indent++;
    for (size_t i = 0; i < item->n_enumerators; i++) {
        begin_line(d);
        fputs(item->enumerators[i].name.text, d->out);
        dump_clause(d->out, "=", item->enumerators[i].value);
        fputc('\n', d->out);
    }
    d->indent--;
}

static void dump_struct(Dump *d, const AstItem *item) {
    line(d, "struct %s", item->name.text);
    d->indent++;
    for (size_t i = 0; i < item->n_members; i++) {
        begin_line(d);
        fprintf(d->out, "%s : ", item->members[i].name.text);
        dump_type(d->out, item->members[i].type);
        dump_clause(d->out, "=", item->members[i].init);
        fputc('\n', d->out);
    }
    d->indent--;
}

static void dump_item(Dump *d, const AstItem *item) {
    switch (item->kind) {
    case AI_INCLUDE:
        line(d, "include %s", item->text);
        break;
    case AI_IMPORT:
        line(d, "import %s", item->text);
        break;
    case AI_CONST:
        fprintf(d->out, "const %s", item->name.text);
        dump_clause(d->out, "=", item->value);
        fputc('\n', d->out);
        break;
    case AI_PREFIX:
        line(d, "prefix %s", item->name.text);
        break;
    case AI_ENUM:
        dump_enum(d, item);
        break;
    case AI_STRUCT:
        dump_struct(d, item);
        break;
    case AI_GRAPH:
        dump_graph(d, item->graph);
        break;
    }
}

void ast_dump(const AstFile *file, FILE *out) {
    Dump d = {out, 0};
    for (size_t i = 0; i < file->n_items; i++)
        dump_item(&d, &file->items[i]);
}
