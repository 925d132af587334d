/* missing-cost, small-parallel, unbalanced-parallel: what the costs of a section's branches say about
 * running them on threads. Only of sections whose decision is left to the compiler. */
#include "internal.h"

/* ---- missing-cost ---- */

typedef struct Missing {
    const char **names;
    size_t n, cap;
    const Node *first;
} Missing;

/* All regions of a section, inner ones too, with a list of work. */
static void collect_missing(Warn *w, const Section *section, Missing *missing) {
    const Section **work = NULL;
    size_t n = 0, cap = 0;
    ARENA_PUSH(w->arena, work, n, cap, section);
    while (n > 0) {
        const Section *next = work[--n];
        for (size_t i = 0; i < next->n_branches; i++) {
            const Region *region = next->branches[i];
            for (size_t k = 0; k < region->n_places; k++) {
                const Place *place = region->places[k];
                if (place->section)
                    ARENA_PUSH(w->arena, work, n, cap, place->section);
                if (!place->node || !(w->costs->nodes[place->node->index].basis & BASIS_MISSING))
                    continue;
                missing->first = missing->first ? missing->first : place->node;
                ARENA_PUSH(w->arena, missing->names, missing->n, missing->cap, place->node->name);
            }
        }
    }
}

static void warn_missing(Warn *w, const Section *section) {
    Missing missing = {0};
    collect_missing(w, section, &missing);
    Diag *diag = diag_warning(w->comp->diags, section->span, "missing-cost",
                              "%s %s by a guess: %s say%s no cost", warn_place(w, section->place),
                              w->costs->sections[section->index].threads ? "shares out its work"
                                                                         : "runs inline",
                              warn_names(w, missing.names, missing.n), missing.n == 1 ? "s" : "");
    diag_note(diag, missing.first->span,
              "say what one call of '%s' takes, for example 'cost 20us'; or write 'inline' or "
              "'threads' behind the section",
              missing.first->name);
}

/* ---- small-parallel, unbalanced-parallel ---- */

static void warn_small(Warn *w, const Section *section, const SectionCost *cost) {
    int64_t gain = cost_best_gain(w->machine, cost);
    diag_warning(w->comp->diags, section->span, "small-parallel",
                 "%s runs inline: of its %s of work threads would save %s, even awake; write "
                 "'inline' if that is meant",
                 warn_place(w, section->place), warn_duration(w, cost->work_ns),
                 gain > 0 ? warn_duration(w, gain) : "nothing");
}

static void warn_unbalanced(Warn *w, const Section *section, const SectionCost *cost) {
    const Region *longest = section->branches[0];
    for (size_t i = 1; i < section->n_branches; i++)
        if (w->costs->regions[section->branches[i]->index].work_ns >
            w->costs->regions[longest->index].work_ns)
            longest = section->branches[i];
    Diag *diag = diag_warning(w->comp->diags, section->span, "unbalanced-parallel",
                              "branch '%s' is %s of the %s of work in %s: more threads cannot "
                              "help",
                              longest->label, warn_duration(w, cost->span_ns),
                              warn_duration(w, cost->work_ns), warn_place(w, section->place));
    diag_note(diag, longest->entry->span, "make two branches of what '%s' does, if it can be cut",
              longest->label);
}

static bool is_unbalanced(const SectionCost *cost) {
    return cost->span_ns / MOST_OF_WORK > cost->work_ns / 100;
}

/* Whether the work would pay for threads, if it were shared out better. */
static bool pays_in_halves(const Warn *w, const SectionCost *cost) {
    int64_t halves[] = {cost->work_ns / 2, cost->work_ns - cost->work_ns / 2};
    return cost_pays(cost_gain(w->arena, w->machine, halves, 2, 2).hot_ns, cost->work_ns);
}

static void warn_section(Warn *w, const Section *section) {
    const SectionCost *cost = &w->costs->sections[section->index];
    bool is_free =
        section->mode == SECTION_AUTO && w->sections == SECTION_AUTO && w->machine->cpus != 1;
    bool is_fork = section->over || section->n_branches > 1;
    if (!is_fork || !warn_is_reached(w, section->place))
        return;
    if (!cost->known && is_free)
        warn_missing(w, section);
    if (!cost->known || section->over)
        return;
    if (is_unbalanced(cost) && (cost->threads || (is_free && pays_in_halves(w, cost))))
        warn_unbalanced(w, section, cost);
    else if (!cost->threads && is_free)
        warn_small(w, section, cost);
}

void warn_sections(Warn *w) {
    for (size_t i = 0; i < w->graph->n_sections; i++)
        warn_section(w, w->graph->sections[i]);
}
