/* The builders of places, chains and edges. */
#include "ast_build.h"

#define NEW(T)                     ARENA_NEW(p->comp->arena, T)
#define PUSH(items, n, cap, value) ARENA_PUSH(p->comp->arena, items, n, cap, value)

/* ---- places ---- */

AstPlace *ast_place(Parse *p, AstPlaceKind kind, Span span, AstName name) {
    AstPlace *place = NEW(AstPlace);
    place->kind = kind;
    place->span = span;
    place->name = name;
    return place;
}

AstPlace *ast_section(Parse *p) {
    AstPlace *section = NEW(AstPlace);
    section->kind = AP_SECTION;
    return section;
}

static const char *suffix_word(const AstHop *hop) {
    return hop->guard              ? "when"
           : hop->max              ? "max"
           : hop->on == AO_ERROR   ? "on error"
           : hop->on == AO_TIMEOUT ? "on timeout"
                                   : NULL;
}

/* A branch that leads on only sometimes is written outside, where the else can stand beside it. */
static void check_branch(Parse *p, const AstChain *branch) {
    for (size_t i = 1; i < branch->n; i++) {
        const AstHop *hop = &branch->hops[i];
        const char *word = suffix_word(hop);
        if (!word)
            continue;
        parse_error(p, hop->place->span,
                    "no '%s' inside '[ ]'; write this edge as a statement of its own, or '-> when "
                    "{ ... }'",
                    word);
        return;
    }
}

void ast_add_branch(Parse *p, AstPlace *section, AstChain *branch) {
    check_branch(p, branch);
    PUSH(section->branches, section->n_branches, section->cap_branches, branch);
}

AstPlace *ast_section_end(AstPlace *section, Span brackets) {
    section->span = brackets;
    return section;
}

void ast_section_each(Parse *p, AstPlace *section, AstName item, AstName index, AstExpr *over) {
    section->is_each = true;
    section->item = item;
    section->index = index;
    section->over = over;
    if (section->n_branches > 1)
        parse_error(p, section->branches[1]->span,
                    "'each' runs one chain for every element; nest a section for several: "
                    "'each %s in ... [[a, b]]'",
                    item.text);
}

static const char *mode_word(AstSectionMode mode) {
    return mode == AM_INLINE ? "inline" : mode == AM_THREADS ? "threads" : "ranks";
}

void ast_section_mode(Parse *p, AstPlace *section, AstSectionMode mode, Span span) {
    if (section->mode != AM_AUTO) {
        Diag *diag = parse_error(p, span, "a section is either '%s' or '%s'",
                                 mode_word(section->mode), mode_word(mode));
        diag_note(diag, section->mode_span, "the first one is here");
        return;
    }
    section->mode = mode;
    section->mode_span = span;
}

void ast_section_settle(Parse *p, AstPlace *section, AstName field, AstExpr *need) {
    if (section->settle.text) {
        Diag *diag = parse_error(p, field.span, "'settle' given twice");
        diag_note(diag, section->settle.span, "the first one is here");
        return;
    }
    section->settle = field;
    section->need = need;
}

/* ---- when and match ---- */

AstPlace *ast_block(Parse *p, AstPlaceKind kind, Span span, AstExpr *subject) {
    AstPlace *block = ast_place(p, kind, span, (AstName){0});
    block->subject = subject;
    return block;
}

AstArm *ast_arm(Parse *p, AstExpr *guard, AstChain *chain) {
    AstArm *arm = NEW(AstArm);
    arm->span = guard->span;
    arm->guard = guard;
    arm->chain = chain;
    return arm;
}

AstArm *ast_arm_else(Parse *p, Span span, AstChain *chain) {
    AstArm *arm = NEW(AstArm);
    arm->span = span;
    arm->is_else = true;
    arm->chain = chain;
    return arm;
}

AstArm *ast_arm_values(Parse *p, AstExpr *first) {
    AstArm *arm = NEW(AstArm);
    arm->span = first->span;
    ast_add_value(p, arm, first);
    return arm;
}

void ast_add_value(Parse *p, AstArm *arm, AstExpr *value) {
    arm->span = span_join(arm->span, value->span);
    PUSH(arm->values, arm->n_values, arm->cap_values, value);
}

void ast_add_arm(Parse *p, AstPlace *block, const AstArm *arm) {
    PUSH(block->arms, block->n_arms, block->cap_arms, *arm);
}

/* ---- chains ---- */

AstChain *ast_chain(Parse *p) {
    return NEW(AstChain);
}

static bool is_block(const AstPlace *place) {
    return place->kind == AP_WHEN || place->kind == AP_MATCH;
}

static const char *place_text(const AstPlace *place) {
    return place->name.text ? place->name.text : "...";
}

/* The arrow leads on from `last`: refuses what ends a chain. */
static void check_goes_on(Parse *p, const AstHop *last, Span arrow) {
    const char *word = suffix_word(last);
    if (word)
        parse_error(p, arrow, "'%s' ends the chain; start a new statement with '%s -> ...'", word,
                    place_text(last->place));
    else if (is_block(last->place))
        parse_error(p, arrow, "'%s {}' ends the chain; what follows belongs into its arms",
                    last->place->kind == AP_WHEN ? "when" : "match");
}

AstChain *ast_add_hop(Parse *p, AstChain *chain, Span arrow, AstPlace *place) {
    if (chain->n > 0)
        check_goes_on(p, &chain->hops[chain->n - 1], arrow);
    else
        chain->span = arrow;
    chain->span = span_join(chain->span, place->span);
    AstHop hop = {.arrow = arrow, .place = place};
    PUSH(chain->hops, chain->n, chain->cap, hop);
    return chain;
}

static AstHop *last_hop(AstChain *chain, Span end) {
    chain->span = span_join(chain->span, end);
    return &chain->hops[chain->n - 1];
}

AstChain *ast_hop_when(Parse *p, AstChain *chain, Span word, AstExpr *guard) {
    AstHop *hop = last_hop(chain, guard->span);
    if (hop->guard)
        parse_error(p, word, "an edge has one 'when'; join the guards with '&&'");
    hop->guard = guard;
    return chain;
}

AstChain *ast_hop_max(Parse *p, AstChain *chain, Span word, AstExpr *max) {
    AstHop *hop = last_hop(chain, max->span);
    if (hop->max)
        parse_error(p, word, "'max' given twice");
    hop->max = max;
    return chain;
}

AstChain *ast_hop_on(Parse *p, AstChain *chain, Span span, AstOnKind on) {
    AstHop *hop = last_hop(chain, span);
    if (hop->on != AO_NORMAL)
        parse_error(p, span, "an edge is taken either 'on error' or 'on timeout'");
    hop->on = on;
    hop->on_span = span;
    return chain;
}

AstChain *ast_branch(Parse *p, AstPlace *first, AstChain *rest) {
    AstChain *branch = NEW(AstChain);
    AstHop hop = {.place = first};
    branch->span = rest ? span_join(first->span, rest->span) : first->span;
    PUSH(branch->hops, branch->n, branch->cap, hop);
    for (size_t i = 0; rest && i < rest->n; i++)
        PUSH(branch->hops, branch->n, branch->cap, rest->hops[i]);
    return branch;
}

void ast_two_targets(Parse *p, Span comma, const AstChain *chain, AstName second) {
    const char *first = place_text(chain->hops[chain->n - 1].place);
    parse_error(p, comma, "an arrow leads to one place; to run both, write '-> [%s, %s]'", first,
                second.text);
    parse_recover(p);
}

/* ---- edges ---- */

AstEdges *ast_edges(Parse *p) {
    return NEW(AstEdges);
}

void ast_add_source(Parse *p, AstEdges *edges, AstPlace *place) {
    PUSH(edges->sources, edges->n_sources, edges->cap_sources, place);
}

void ast_add_edges(Parse *p, AstEdges *edges, AstChain *chain) {
    edges->span = span_join(edges->sources[0]->span, chain->span);
    edges->chain = chain;
    PUSH(p->graph->edges, p->graph->n_edges, p->graph->cap_edges, *edges);
}
