/* What something is: its declaration, the comment that tells of it, and what
 * the compiler knows. */
#include <inttypes.h>
#include <string.h>

#include "dflc/units.h"
#include "names.h"

/* ---- what the compiler knows ---- */

static const Graph *graph_of(const Document *document, const Symbol *graph) {
    const Program *program = document->analysis->program;
    for (size_t i = 0; program && graph && i < program->n_graphs; i++)
        if (strcmp(program->graphs[i]->name, graph->name) == 0)
            return program->graphs[i];
    return NULL;
}

static const char *node_facts(Request *r, const Document *document, const Symbol *symbol) {
    const Graph *graph = graph_of(document, symbol->owner);
    for (size_t i = 0; graph && i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        if (strcmp(node->name, symbol->name) != 0)
            continue;
        NodeCost cost = costs_of(document->analysis->costs, graph)->nodes[i];
        const char *text =
            node->runs ? "" : arena_printf(r->arena, "C function: `%s`  \n", node->c_name);
        if (node->kind != NODE_CALL)
            return text;
        if (cost.basis & BASIS_MISSING && cost.ns == 0)
            return arena_printf(r->arena, "%scost: not known\n", text);
        return arena_printf(r->arena, "%scost: %s (%s)\n", text, text_of_ns(r->arena, cost.ns),
                            cost_basis_text(r->arena, cost.basis));
    }
    return NULL;
}

static const char *names_of(Request *r, const char *what, const Graph *graph, const Field *field,
                            bool writes) {
    enum { MOST_NAMES = 8 };
    const char *text = "";
    size_t n = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->nodes[i]->n_params; k++) {
            const Param *param = &graph->nodes[i]->params[k];
            bool does = writes ? param->mode != MODE_IN : param->mode != MODE_OUT;
            if (param->field != field || !does || ++n > MOST_NAMES)
                continue;
            text =
                arena_printf(r->arena, "%s%s`%s`", text, n > 1 ? ", " : "", graph->nodes[i]->name);
        }
    if (n > MOST_NAMES)
        text = arena_printf(r->arena, "%s, %zu more", text, n - MOST_NAMES);
    return n ? arena_printf(r->arena, "%s by %s  \n", what, text) : "";
}

static const char *field_facts(Request *r, const Document *document, const Symbol *symbol) {
    const Graph *graph = graph_of(document, symbol->owner);
    for (size_t i = 0; graph && i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        if (strcmp(field->name, symbol->name) == 0)
            return arena_printf(r->arena, "in C: `%s`  \n%s%s", field->type->c_name,
                                names_of(r, "written", graph, field, true),
                                names_of(r, "read", graph, field, false));
    }
    return NULL;
}

static const char *section_facts(Request *r, const Document *document, const Graph *graph,
                                 const Section *section) {
    static const char *const runs[] = {[RUN_INLINE] = "inline",
                                       [RUN_THREADS] = "threads",
                                       [RUN_EITHER] = "threads, where they pay"};
    const SectionCost *cost = &costs_of(document->analysis->costs, graph)->sections[section->index];
    const char *text =
        arena_printf(r->arena, "section `%s`: **%s**  \nbecause: %s  \n",
                     section->name ? section->name : section->label,
                     section->ranks          ? "ranks, or threads where a run has none"
                     : cost->ranks.chosen  ? "ranks, else threads, where they pay"
                                           : runs[cost->run], cost->reason);
    return arena_printf(r->arena, "%swork: %s, the longest branch: %s (%s)%s%s%s\n", text,
                        text_of_ns(r->arena, cost->work_ns), text_of_ns(r->arena, cost->span_ns),
                        cost_basis_text(r->arena, cost->basis),
                        cost->copied_bytes ? "  \nthe fork copies " : "",
                        cost->copied_bytes ? text_of_bytes(r->arena, cost->copied_bytes) : "",
                        cost->copied_bytes && section->over ? " for each element" : "");
}

/* The innermost section that an offset lies in the brackets of, or in the words
 * before them. */
static const char *section_at(Request *r, const Document *document, const Symbol *symbol,
                              uint32_t offset) {
    const Program *program = document->analysis->program;
    const Section *best = NULL;
    const Graph *of = NULL;
    for (size_t g = 0; program && g < program->n_graphs; g++)
        for (size_t i = 0; i < program->graphs[g]->n_sections; i++) {
            const Section *section = program->graphs[g]->sections[i];
            bool named = symbol && section->name && strcmp(section->name, symbol->name) == 0 &&
                         symbol->owner &&
                         strcmp(symbol->owner->name, program->graphs[g]->name) == 0;
            bool within = !symbol && section->span.source == document->analysis->source &&
                          section->span.begin <= offset && offset <= section->span.end;
            if (!named && !(within && (!best || section->span.begin >= best->span.begin)))
                continue;
            best = section;
            of = program->graphs[g];
        }
    return best ? section_facts(r, document, of, best) : NULL;
}

/* ---- what is written ---- */

static const char *declaration_of(Request *r, const Index *index, const Symbol *symbol,
                                  const char **comment) {
    enum { MOST_BYTES = 4000 };
    const TokenList other = symbol->span.source == index->files[0]->source
                                ? index->tokens
                                : tokens_of(r->arena, symbol->file->source);
    Span whole = statement_around(&other, token_at(&other, symbol->span.begin));
    *comment = comment_of(r->arena, &other, whole);
    if (symbol->kind == SYM_GRAPH)
        return arena_printf(r->arena, "graph %s", symbol->name);
    if (symbol->kind == SYM_VAR)
        return arena_printf(r->arena, "each %s", symbol->name);
    if (symbol->kind == SYM_SECTION)
        return symbol->name;
    uint32_t n = whole.end - whole.begin, end = n < MOST_BYTES ? n : MOST_BYTES;
    const char *text = arena_strndup(r->arena, symbol->span.source->text + whole.begin, end);
    if (symbol->kind == SYM_VALUE)
        text = arena_printf(r->arena, "%s.%s", symbol->owner->name, text);
    return text;
}

static json_t *hover(const char *text, const Document *document, uint32_t begin, uint32_t end) {
    json_t *json = json_pack("{s:{s:s, s:o}}", "contents", "kind", "markdown", "value",
                             json_of_text(text, strlen(text)));
    if (end > begin)
        json_object_set_new(json, "range", json_of_range(&document->text, begin, end));
    return json;
}

json_t *answer_hover(Request *r) {
    uint32_t offset;
    Document *document = request_document(r);
    if (!document || !request_offset(r, document, &offset))
        return NULL;
    const Index *index = request_index(r, document);
    const Occurrence *one = index ? index_at(index, offset) : NULL;
    if (!one) {
        size_t i = index ? token_at(&index->tokens, offset) : 0;
        int kind = index ? index->tokens.all[i].kind : 0;
        const char *facts = kind == '[' || kind == ']' || kind == ',' || kind == T_EACH
                                ? section_at(r, document, NULL, offset)
                                : NULL;
        return facts ? hover(facts, document, 0, 0) : NULL;
    }
    const Symbol *symbol = one->symbol;
    if (symbol->kind == SYM_FILE || symbol->kind == SYM_C)
        return NULL;
    const char *comment, *facts = NULL;
    const char *text =
        arena_printf(r->arena, "```dfl\n%s\n```\n", declaration_of(r, index, symbol, &comment));
    if (symbol->kind == SYM_FIELD)
        facts = field_facts(r, document, symbol);
    else if (symbol->kind == SYM_SECTION)
        facts = section_at(r, document, symbol, offset);
    else if (symbol->kind == SYM_NODE || symbol->kind == SYM_PREDICATE ||
             symbol->kind == SYM_ROUTER)
        facts = node_facts(r, document, symbol);
    if (comment && *comment)
        text = arena_printf(r->arena, "%s\n%s\n", text, comment);
    if (facts && *facts)
        text = arena_printf(r->arena, "%s\n%s", text, facts);
    return hover(text, document, one->span.begin, one->span.end);
}
