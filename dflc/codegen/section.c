/* Sections: fork, branches inline or on threads, join.
 *
 * note [three-way merge]
 * The fork gives each branch values of its own for what it writes; the state around the section
 * does not change while branches run, so every branch sees the fork. The join brings the updates
 * of the branches to the region around, in written order. That is done after all branches have
 * ended, inline or not, and so the result is the same.
 *
 * Inline branches run on the ctx of the region around and allocate in its memory; what a section
 * holds is pushed as a root, so that a loop in a branch can reclaim. Branches on threads have a
 * ctx and memory of their own, which the runtime adopts at the end. */
#include "section.h"
#include "usdt.h"

#include <inttypes.h>
#include <string.h>

/* More than this on the stack (estimated) is taken from the arena. */
enum { STACK_FRAME_BYTES = 16384, STACK_BRANCHES = 128 };

const RegionPlan *section_branch(Emit *e, const Section *section, size_t k) {
    return &e->graph->regions[section->branches[k]->index];
}

const char *section_id(Emit *e, const Section *section) {
    return place_name(e, section->place);
}

const char *section_branch_label(Emit *e, const Region *region) {
    return c_string(e->arena, region->label, strlen(region->label));
}

static uint64_t frame_estimate(Emit *e, const Section *section) {
    uint64_t sum = 0;
    size_t i, k;
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, section, k);
        for (i = 0; i < branch->n_slots; i++)
            sum += size_estimate(branch->slots[i].field->type);
        sum += 64;
    }
    return sum;
}

bool section_is_large(Emit *e, const Section *section) {
    return frame_estimate(e, section) > STACK_FRAME_BYTES;
}

uint64_t arena_frame_bytes(Emit *e, const GraphPlan *plan) {
    const GraphPlan *before = e->graph;
    uint64_t sum = 0;
    e->graph = plan;
    for (size_t i = 0; i < plan->graph->n_sections; i++)
        if (section_is_large(e, plan->graph->sections[i]))
            sum += frame_estimate(e, plan->graph->sections[i]);
    for (size_t i = 0; i < plan->graph->n_nodes; i++)
        if (plan->inner[i])
            sum += arena_frame_bytes(e, plan->inner[i]);
    e->graph = before;
    return sum;
}

/* ---- saves inside ---- */

/* Of the outermost graph, whose policy rules. */
static const Graph *ruling(const GraphPlan *plan) {
    return plan->outermost->graph;
}

bool never_saves(const Emit *e) {
    return e->plan->no_checkpoints || ruling(e->graph)->policy == CP_NEVER;
}

bool saves_every_node(Emit *e) {
    const Graph *graph = ruling(e->graph);
    return !e->plan->no_checkpoints && graph->policy == CP_EVERY && graph->checkpoint_every == 1;
}

typedef bool AskPlace(const GraphPlan *plan, const Place *place);

static bool any_in_place(const GraphPlan *plan, const Place *place, AskPlace *ask);

static bool any_in_region(const GraphPlan *plan, const Region *region, AskPlace *ask) {
    for (size_t i = 0; i < region->n_places; i++)
        if (any_in_place(plan, region->places[i], ask))
            return true;
    return false;
}

/* Whether a place answers with yes, or any within its section or subgraph. */
static bool any_in_place(const GraphPlan *plan, const Place *place, AskPlace *ask) {
    const GraphPlan *inner = place->node ? plan->inner[place->node->index] : NULL;
    if (ask(plan, place) || (inner && any_in_region(inner, inner->graph->regions[0], ask)))
        return true;
    for (size_t k = 0; place->section && k < place->section->n_branches; k++)
        if (any_in_region(plan, place->section->branches[k], ask))
            return true;
    return false;
}

static bool is_marked(const GraphPlan *plan, const Place *place) {
    (void)plan;
    return place->node && (place->node->checkpoint || place->node->effect);
}

bool section_saves(Emit *e, const Section *section) {
    if (never_saves(e))
        return false;
    if (e->graph->auto_saves && section_may_save(e->graph->auto_saves, section))
        return true;
    return saves_every_node(e) || any_in_place(e->graph, section->place, is_marked);
}

/* On threads, so that it may be saved while the frames around it are in use. */
static bool is_threaded(const GraphPlan *plan, const Place *place) {
    return place->section && plan->sections[place->section->index].cost->threads;
}

/* note [standing]
 * A branch on threads that saves packs the frames around its section where they are, by the roots that they are,
 * so each tells that it stands there. */
bool may_stand(Emit *e, const Place *place) {
    return !never_saves(e) && any_in_place(e->graph, place, is_threaded);
}

void emit_standing(Emit *e, const Place *place) {
    if (in_run(e) || !may_stand(e, place))
        return;
    cw_line(e->w, "f->at = %s;", place_name(e, place));
    e->used_frame = true;
}

/* ---- fork ---- */

/* `collected`: what leads to the updates that this branch's are to be joined to; NULL: that is not known yet. */
static void fork_slot(Emit *e, const Slot *slot, const char *frame, const char *collected) {
    const Field *field = slot->field;
    if (slot->own) {
        const char *to = say(e, "%sown.%s", frame, field->name);
        /* A value also where the branch replaces it before anybody reads it: frames are kept as they are. */
        if (slot->merge != MERGE_LOCAL && !slot->needed)
            set_zero(e, field->type, to);
        else if (slot->merge != MERGE_LOCAL)
            set_value(e, field->type, to, lvalue(e, field));
        else if (field->type->kind == TY_ARRAY)
            set_zero(e, field->type, to);
        else
            cw_line(e->w, "%s = %s;", to, c_initial(e, field));
    }
    if (slot->added) {
        const Type *type = added_type(e, slot);
        cw_line(e->w, "%sadded.%s = %s;", frame, field->name,
                collected && (type->kind == TY_LIST || type->kind == TY_MAP)
                    ? say(e, "%s__behind(&%s%s)", type->c_name, collected, field->name)
                    : c_zero(e, type));
    }
    if (slot->wrote)
        cw_line(e->w, "%swrote.%s = false;", frame, field->name);
}

/* Links of a frame to what is around it: `state` and `up` as the writing function calls them. */
void emit_fork_links(Emit *e, const RegionPlan *around, const char *frame, const char *state,
                     const char *up) {
    if (around->in_state)
        cw_line(e->w, "%ss = %s;", frame, state);
    if (around->frame)
        cw_line(e->w, "%sup = %s;", frame, up);
}

static void fork_counts(Emit *e, const RegionPlan *branch, const char *frame, const char *steps) {
    if (!branch->n_counts)
        return;
    cw_line(e->w, "memset(%scount, 0, sizeof %scount);", frame, frame);
    if (steps)
        cw_line(e->w, "%scount[0] = %s;", frame, steps);
}

void emit_fork_branch(Emit *e, const RegionPlan *branch, const char *frame, const char *steps,
                      const char *collected) {
    size_t i;
    fork_counts(e, branch, frame, steps);
    for (i = 0; i < branch->n_slots; i++)
        fork_slot(e, &branch->slots[i], frame, collected);
}

/* ---- the head of a section's function ---- */

static void emit_section_head(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const char *reason = e->graph->outer ? plan->cost->reason_here : plan->cost->reason;
    cw_line(e->w, "/* %s: %s. %c%s. */", where(e, section->span), section->label,
            reason[0] >= 'a' ? reason[0] - 'a' + 'A' : reason[0], reason + 1);
    if (!in_run(e))
        cw_open(e->w, "static int %s(dfl_ctx *ctx, struct %s *f) {", plan->fn, e->region->frame);
    else
        cw_open(e->w, "static int %s(dfl_ctx *ctx, %s_state *s%s) {", plan->fn,
                e->graph->graph->c_name, e->region->n_counts ? ", uint64_t *count" : "");
}

static void emit_section_unused(Emit *e) {
    if (in_run(e) ? !e->used_state : !e->used_frame)
        cw_line(e->w, in_run(e) ? "(void)s;" : "(void)f;");
    if (in_run(e) && e->region->n_counts && !e->used_count)
        cw_line(e->w, "(void)count;");
}

const char *section_state(Emit *e) {
    if (in_run(e)) {
        e->used_state = true;
        return "s";
    }
    e->used_frame = true;
    return "f->s";
}

/* ---- [a, b, c] ---- */

void emit_branch_fork(Emit *e, const Section *section, size_t k, const char *steps) {
    const RegionPlan *branch = section_branch(e, section, k);
    const char *frame = say(e, "j.%s.", branch->member);
    emit_fork_links(e, e->region, frame, section_state(e), "f");
    cw_line(e->w, "%sat = DFL__FRESH;", frame);
    cw_line(e->w, "%sinner = (dfl_bytes){0};", frame);
    emit_fork_branch(e, branch, frame, steps, NULL);
}

static void emit_forks(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    if (plan->chunks) {
        emit_chunks_forks(e, plan);
        return;
    }
    for (size_t k = 0; k < section->n_branches; k++)
        emit_branch_fork(e, section, k, e->graph->graph->has_limit ? "steps" : NULL);
    if (section->settle) {
        cw_line(e->w, "memset(j.dfl_good, 0, sizeof j.dfl_good);");
        cw_line(e->w, "memset(j.dfl_faults, 0, sizeof j.dfl_faults);");
    }
}

/* What became of branch k: its fault where the section settles; a pause does not end the section. */
static const char *outcome(Emit *e, const Section *section, size_t k, const char *status,
                           const char *failure) {
    const RegionPlan *branch = section_branch(e, section, k);
    if (section->settle)
        status =
            say(e, "dfl__settle(ctx, %s, %s, %s, &j.dfl_faults[%zu], &j.%s.at, &j.dfl_good[%zu])", status,
                failure, section_branch_label(e, branch->region), k, branch->member, k);
    return say(e, "dfl__parked(%s, &parked)", status);
}

/* Error edges in a branch must not show in its siblings, as they would not on threads. */
bool section_catches_errors(Emit *e, const Section *section) {
    for (size_t k = 0; k < section->n_branches; k++)
        if (section_branch(e, section, k)->catches_errors)
            return true;
    return false;
}

/* Where saves from sections within, on threads, find it; behind `root`. */
void section_note_error(Emit *e) {
    cw_line(e->w, "const dfl__outer outer = {*dfl_last_error(ctx), &root, ctx->outer};");
    cw_line(e->w, "ctx->outer = &outer;");
}

/* note [collecting behind each other]
 * What inline branches append is made where the join wants it: behind what their region has, and behind each
 * other. No branch sees that, as no length tells of it before the join. Where a section settles, a branch that
 * failed is passed over: FIELD_last is what the next one adds behind, where there is a next one. */

static bool is_collected(const Slot *slot) {
    return slot->added && collects(slot->field->type, slot->merge);
}

/* By name of a collected field: the number of the last branch that collects it, from 1. */
static StrMap last_collectors(Emit *e, const Section *section) {
    StrMap last = {0};
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, section, k);
        for (size_t i = 0; i < branch->n_slots; i++)
            if (is_collected(&branch->slots[i]))
                strmap_put(&last, e->arena, branch->slots[i].field->name, (void *)(uintptr_t)(k + 1));
    }
    return last;
}

/* What the branch at hand collects behind, by name of a field: a branch before it, or what the region has. */
static const char *collected_before(Emit *e, const Section *section, const StrMap *before, const Field *field) {
    const RegionPlan *branch = strmap_get(before, field->name);
    if (section->settle)
        return say(e, "%s_last", field->name);
    return say(e, "&%s", branch ? say(e, "j.%s.added.%s", branch->member, field->name) : merge_target(e, field));
}

/* In a section that settles; `before`: the fields for which branches before have it. */
static void declare_last(Emit *e, const RegionPlan *branch, const StrMap *before) {
    for (size_t i = 0; i < branch->n_slots; i++) {
        const Field *field = branch->slots[i].field;
        if (is_collected(&branch->slots[i]) && !strmap_get(before, field->name))
            cw_line(e->w, "const %s *%s_last = &%s;", field->type->c_name, field->name,
                    merge_target(e, field));
    }
}

/* Before a branch begins; not where it goes on, with what it has. */
static void collect_behind(Emit *e, const Section *section, const RegionPlan *branch, const StrMap *before) {
    bool any = false;
    for (size_t i = 0; i < branch->n_slots; i++) {
        const Field *field = branch->slots[i].field;
        if (!is_collected(&branch->slots[i]))
            continue;
        if (!any)
            cw_open(e->w, "if (j.%s.at == DFL__FRESH) {", branch->member);
        any = true;
        cw_line(e->w, "j.%s.added.%s = %s__behind(%s);", branch->member, field->name, field->type->c_name,
                collected_before(e, section, before, field));
    }
    if (any)
        cw_close(e->w, "}");
}

/* By name of a collected field: how many branches collect it. */
static StrMap count_collectors(Emit *e, const Section *section) {
    StrMap counts = {0};
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, section, k);
        for (size_t i = 0; i < branch->n_slots; i++) {
            const char *name = branch->slots[i].field->name;
            if (is_collected(&branch->slots[i]))
                strmap_put(&counts, e->arena, name, (void *)((uintptr_t)strmap_get(&counts, name) + 1));
        }
    }
    return counts;
}

/* Room for what all branches will collect behind a field, before the first of them that does. */
static void expect_collected(Emit *e, const RegionPlan *branch, const StrMap *counts, const StrMap *before) {
    for (size_t i = 0; i < branch->n_slots; i++) {
        const Slot *slot = &branch->slots[i];
        const char *name = slot->field->name;
        if (is_collected(slot) && !strmap_get(before, name))
            emit_expect(e, slot->field, slot->merge, (uintptr_t)strmap_get(counts, name));
    }
}

static void note_collector(Emit *e, const RegionPlan *branch, StrMap *before) {
    for (size_t i = 0; i < branch->n_slots; i++)
        if (is_collected(&branch->slots[i]))
            strmap_put(before, e->arena, branch->slots[i].field->name, (void *)(uintptr_t)branch);
}

/* After branch k of a section that settles has ended, for those that come after it. */
static void move_last(Emit *e, const Section *section, size_t k, const StrMap *last) {
    const RegionPlan *branch = section_branch(e, section, k);
    for (size_t i = 0; i < branch->n_slots; i++) {
        const char *name = branch->slots[i].field->name;
        if (!is_collected(&branch->slots[i]) || (uintptr_t)strmap_get(last, name) == k + 1)
            continue;
        cw_line(e->w, "if (j.dfl_good[%zu] && j.%s.added.%s.len > 0)", k, branch->member, name);
        cw_line(e->w, "    %s_last = &j.%s.added.%s;", name, branch->member, name);
    }
}

void emit_branch_call(Emit *e, const Section *section, size_t k, bool first) {
    const RegionPlan *branch = section_branch(e, section, k);
    const char *call = outcome(e, section, k, say(e, "%s(ctx, &j.%s)", branch->fn, branch->member),
                               "&ctx->failure");
    if (first)
        cw_line(e->w, "rc = %s;", call);
    else
        then_call(e, NULL, call);
}

static void run_inline(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool catches = section_catches_errors(e, section);
    StrMap last = last_collectors(e, section), counts = count_collectors(e, section), before = {0};
    size_t k;
    cw_line(e->w, "dfl__root root = {&j, &%s_type, ctx->roots};", plan->frame);
    if (catches)
        section_note_error(e);
    cw_line(e->w, "ctx->roots = &root;");
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, section, k);
        expect_collected(e, branch, &counts, &before);
        if (section->settle)
            declare_last(e, branch, &before);
        collect_behind(e, section, branch, &before);
        note_collector(e, branch, &before);
        emit_branch_call(e, section, k, k == 0);
        if (section->settle)
            move_last(e, section, k, &last);
        if (catches)
            cw_line(e->w, "dfl__set_last_error(ctx, &outer.error);");
    }
    cw_line(e->w, "ctx->roots = root.next;");
    if (catches)
        cw_line(e->w, "ctx->outer = outer.out;");
}

/* ---- on threads ---- */

static const char *numbers(Emit *e, const uint32_t *all, size_t n) {
    CWriter *list = list_open(e, n ? say(e, "%" PRIu32, all[0]) : "");
    for (size_t i = 1; i < n; i++)
        list_add(list, say(e, "%" PRIu32, all[i]));
    return list->text;
}

/* What the model says of the gain, for the decision at run time: 0 where it is too little to be sure
 * of. Thresholds of an each likewise. */
static void emit_gain(Emit *e, const SectionPlan *plan) {
    const SectionCost *cost = plan->cost;
    cw_line(e->w, "static const dfl__gain %s_gain[DFL__CPU_COUNTS] = {", plan->fn);
    for (size_t i = 0; i < COST_CPUS; i++) {
        Gain gain = cost->gain[i];
        bool pays = cost_pays(gain.hot_ns, cost->total_ns);
        cw_line(e->w, "    {%" PRId64 ", %" PRId64 "},   /* %" PRIu32 " CPUs: awake, asleep; ns */",
                pays ? gain.hot_ns : 0, gain.cold_ns > 0 && pays ? gain.cold_ns : 0, cost_cpus[i]);
    }
    cw_line(e->w, "};");
}

static const char *count_text(Emit *e, uint64_t n) {
    return n == UINT64_MAX ? "UINT64_MAX" : say(e, "%" PRIu64, n);
}

static void emit_from_table(Emit *e, const SectionPlan *plan) {
    const SectionCost *cost = plan->cost;
    cw_line(e->w, "static const dfl__pays_from %s_from[DFL__CPU_COUNTS] = {", plan->fn);
    for (size_t i = 0; i < COST_CPUS; i++)
        cw_line(e->w, "    {%s, %s},   /* %" PRIu32 " CPUs: awake, asleep; elements */",
                count_text(e, cost->from[i].hot), count_text(e, cost->from[i].cold), cost_cpus[i]);
    cw_line(e->w, "};");
}

void emit_handed_out(Emit *e, const SectionPlan *plan, const HandedOut *tasks) {
    const char *fn = plan->fn;
    cw_line(e->w, "static const uint32_t %s_order[] = {%s};", fn, numbers(e, tasks->order, tasks->n));
    cw_line(e->w, "static const uint32_t %s_chunk_end[] = {%s};", fn,
            numbers(e, tasks->chunk_end, tasks->n_chunks));
    cw_line(e->w, "static const dfl__section %s_section = {", fn);
    cw_line(e->w, "    .tasks = %s_tasks, .n = %zu,", fn, tasks->n);
    cw_line(e->w, "    .order = %s_order, .chunk_end = %s_chunk_end, .n_chunks = %" PRIu32 ",", fn,
            fn, tasks->n_chunks);
    cw_line(e->w, "    .even = %s, .place = %s, .saves = %s};",
            plan->cost->even_chunks ? "true" : "false", section_id(e, plan->section), tasks->saves);
}

static void emit_tasks(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const SectionCost *cost = plan->cost;
    cw_line(e->w, "static const dfl__task %s_tasks[] = {", plan->fn);
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, section, k);
        cw_line(e->w, "    {%s, &%s_type, offsetof(struct %s, %s)},", branch->fn, branch->frame,
                plan->frame, branch->member);
    }
    cw_line(e->w, "};");
    emit_handed_out(e, plan,
                    &(HandedOut){cost->order, section->n_branches, cost->chunk_end, cost->n_chunks,
                                 section_saves(e, section) ? "true" : "false"});
}

/* The tables of a section that may run on threads. */
static void emit_section_tables(Emit *e, const SectionPlan *plan) {
    const SectionCost *cost = plan->cost;
    if (!cost->threads)
        return;
    if (plan->chunks)
        emit_chunks(e, plan);
    else if (!plan->section->over)
        emit_tasks(e, plan);
    if (plan->section->over)
        cw_line(e->w,
                "static const dfl__each %s_each = {{%s, &%s_type, 0}, sizeof(struct %s), %s, %s};",
                plan->fn, plan->chunk_fn, plan->frame, plan->frame, section_id(e, plan->section),
                section_saves(e, plan->section) ? "true" : "false");
    if (plan->section->over && cost->run == RUN_EITHER)
        emit_from_table(e, plan);
    if (plan->is_expected || (cost->run == RUN_EITHER && !plan->section->over))
        emit_gain(e, plan);
    emit_spread(e, plan);
    cw_blank(e->w);
}

static void emit_ended(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    size_t n = plan->chunks ? plan->cost->n_chunks : section->n_branches;
    if (n <= STACK_BRANCHES) {
        cw_line(e->w, "dfl__ended *ended[%zu] = {NULL};", n);
        return;
    }
    cw_line(e->w, "dfl__ended **const ended = (dfl__ended **)dfl_alloc(ctx, %zu * sizeof *ended);", n);
    cw_line(e->w, "if (!ended)");
    cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, section));
    cw_line(e->w, "memset(ended, 0, %zu * sizeof *ended);", n);
}

static void run_threads(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const char *runner = section_runner(e, section);
    emit_ended(e, plan);
    if (!section->settle) {
        cw_line(e->w, "rc = dfl__parked(%s(ctx, &%s_section, &j, false, ended), &parked);", runner,
                plan->fn);
        return;
    }
    cw_line(e->w, "const int whole = %s(ctx, &%s_section, &j, true, ended);", runner, plan->fn);
    cw_line(e->w, "rc = DFL_OK;");
    for (size_t k = 0; k < section->n_branches; k++)
        then_call(e, NULL,
                  outcome(e, section, k, say(e, "dfl__ended_status(ended[%zu])", k),
                          say(e, "dfl__ended_failure(ctx, ended[%zu])", k)));
    cw_line(e->w, "if (rc == DFL_OK && whole < 0)");
    cw_line(e->w, "    rc = whole;");
}

static const char *threads_pay(Emit *e, const SectionPlan *plan) {
    return say(e, "dfl__pays(ctx, %s_gain, %" PRId64 ")", plan->fn, plan->cost->total_ns);
}

static void run_either(Emit *e, const SectionPlan *plan) {
    bool chunks = plan->chunks != NULL;
    if (section_asks_ranks(e, plan->section))
        cw_line(e->w, "const bool spread = %s;", section_pays_on_ranks(e, plan, "0"));
    if (chunks)
        cw_open(e->w, "if (threads) {");
    else
        cw_open(e->w, "if (%s%s) {", section_asks_ranks(e, plan->section) ? "spread || " : "",
                threads_pay(e, plan));
    run_threads(e, plan);
    e->w->depth--;
    cw_open(e->w, "} else {");
    run_inline(e, plan);
    cw_close(e->w, "}");
}

static void charge_steps(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool chunks = plan->chunks != NULL;
    size_t k;
    cw_line(e->w, "uint64_t used = steps;");
    if (chunks) {
        cw_line(e->w, "for (uint32_t k = 0; k < %" PRIu32 "; k++)", plan->cost->n_chunks);
        cw_line(e->w, "    used += j.dfl_chunks[k].steps;");
    }
    for (k = 0; !chunks && k < section->n_branches; k++) {
        cw_line(e->w, "used += j.%s.count[0] - steps;", section_branch(e, section, k)->member);
        if (section->settle) /* what has failed is a step, too */
            cw_line(e->w, "used += !j.dfl_good[%zu];", k);
    }
    emit_limit_check(e, section);
}

static const char *good_count(Emit *e, const Section *section) {
    const char *first = "(uint64_t)j.dfl_good[0]";
    CWriter *sum = cwriter_new(e->arena);
    cw_verbatim(sum, first, strlen(first));
    for (size_t k = 1; k < section->n_branches; k++) {
        const char *next = say(e, " + j.dfl_good[%zu]", k);
        cw_verbatim(sum, next, strlen(next));
    }
    return sum->text;
}

static void emit_take(Emit *e, const SectionPlan *plan) {
    cw_line(e->w, "if (DFL__RARELY(ctx->resume.n)) {");
    cw_line(e->w, "    rc = dfl__take(ctx, &%s_type, &j);", plan->frame);
    cw_line(e->w, "    if (rc != DFL_OK)");
    cw_line(e->w, "        return rc;");
    cw_line(e->w, "}");
}

/* `j` names what the section holds, wherever that is. */
static void emit_storage(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool large = section_is_large(e, section);
    if (large) {
        cw_line(e->w, "struct %s *const all = (struct %s *)dfl_alloc(ctx, sizeof *all);",
                plan->frame, plan->frame);
        cw_line(e->w, "if (!all)");
        cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, section));
        cw_margin(e->w, "#define j (*all)");
    } else {
        cw_line(e->w, "struct %s j;", plan->frame);
    }
}

static void emit_branches_body(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool limited = e->graph->graph->has_limit;
    emit_storage(e, plan);
    if (limited)
        cw_line(e->w, "const uint64_t steps = %s;", count_lvalue(e, 0));
    cw_line(e->w, "bool parked = false;");
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    if (plan->chunks && plan->cost->run == RUN_EITHER)
        cw_line(e->w, "const bool threads = %s;", threads_pay(e, plan));
    emit_forks(e, plan);
    emit_take(e, plan);
    cw_blank(e->w);
    if (plan->cost->run == RUN_EITHER)
        run_either(e, plan);
    else if (plan->cost->run == RUN_THREADS)
        run_threads(e, plan);
    else
        run_inline(e, plan);
    cw_line(e->w, "rc = dfl__joined(ctx, rc, parked);");
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return dfl__keep(ctx, rc, &%s_type, &j);", plan->frame);
    if (plan->chunks)
        emit_chunks_added(e, plan);
    cw_blank(e->w);
    if (limited)
        charge_steps(e, plan);
    if (section->settle && section->has_need) {
        cw_line(e->w, "const uint64_t n_good = %s;", good_count(e, section));
        emit_need(e, section);
    }
    if (section->settle)
        emit_faults(e, section);
    emit_merges(e, section);
    if (section->settle)
        emit_settled(e, section);
    emit_charged(e);
}

void emit_section_function(Emit *e, const SectionPlan *plan, void (*emit_body)(Emit *, const SectionPlan *)) {
    CWriter *out, *body;
    emit_section_tables(e, plan);
    out = begin_apart(e);
    emit_body(e, plan);
    body = end_apart(e, out);
    emit_section_head(e, plan);
    emit_section_unused(e);
    cw_verbatim(e->w, body->text, body->n);
    cw_close(e->w, "}");
}

static void emit_branches_section(Emit *e, const SectionPlan *plan) {
    emit_section_function(e, plan, emit_branches_body);
    if (section_is_large(e, plan->section))
        cw_margin(e->w, "#undef j");
    cw_blank(e->w);
}

/* ---- the two entries ---- */

void emit_section(Emit *e, const SectionPlan *plan) {
    e->region = &e->graph->regions[plan->section->place->region->index];
    if (plan->section->over)
        emit_each_section(e, plan);
    else
        emit_branches_section(e, plan);
}

void emit_section_call(Emit *e, const SectionPlan *plan) {
    const char *id = section_id(e, plan->section);
    emit_pending(e, id);
    emit_standing(e, plan->section->place);
    usdt_start(e, plan->section->place);
    cw_line(e->w, "rc = %s(%s);", plan->fn, region_arguments(e));
    usdt_end(e, plan->section->place);
    open_if_due(e);
    cw_line(e->w, "rc = dfl__after_section(ctx, %s, rc);", id);
    cw_open(e->w, "if (rc != DFL_OK) {");
    emit_handlers(e, plan->section->place, id);
    cw_close(e->w, "}");
    cw_close(e->w, "}");
}
