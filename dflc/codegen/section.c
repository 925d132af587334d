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
#include "emit.h"

#include <inttypes.h>
#include <string.h>

/* More than this on the stack (estimated) is taken from the arena. */
enum { STACK_FRAME_BYTES = 16384, STACK_BRANCHES = 128 };

static const RegionPlan *branch_plan(Emit *e, const Section *section, size_t k) {
    return &e->graph->regions[section->branches[k]->index];
}

static const char *section_id(Emit *e, const Section *section) {
    return place_name(e, section->place);
}

static const char *branch_label(Emit *e, const Region *region) {
    return c_string(e->arena, region->label, strlen(region->label));
}

static uint64_t frame_estimate(Emit *e, const Section *section) {
    uint64_t sum = 0;
    size_t i, k;
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        for (i = 0; i < branch->n_slots; i++)
            sum += size_estimate(branch->slots[i].field->type);
        sum += 64;
    }
    return sum;
}

static bool is_large(Emit *e, const Section *section) {
    return frame_estimate(e, section) > STACK_FRAME_BYTES;
}

/* ---- fork ---- */

/* What the branch replaces before anybody reads it. An array is left as it is, unless a store may get
 * to see it. */
static void fork_unread(Emit *e, const Type *type, const char *to) {
    if (type->kind != TY_ARRAY || !type->flat) {
        set_zero(e, type, to);
        return;
    }
    cw_line(e->w, "if (DFL__RARELY(ctx->flags & DFL__COUNT))");
    e->w->depth++;
    set_zero(e, type, to);
    e->w->depth--;
}

static void fork_slot(Emit *e, const Slot *slot, const char *frame) {
    const Field *field = slot->field;
    if (slot->own) {
        const char *to = say(e, "%sown.%s", frame, field->name);
        if (slot->merge != MERGE_LOCAL && !slot->needed)
            fork_unread(e, field->type, to);
        else if (slot->merge != MERGE_LOCAL)
            set_value(e, field->type, to, lvalue(e, field));
        else if (field->type->kind == TY_ARRAY)
            set_zero(e, field->type, to);
        else
            cw_line(e->w, "%s = %s;", to, c_initial(e, field));
    }
    if (slot->added) {
        const Type *type = added_type(e, slot);
        cw_line(e->w, "%sadded.%s = %s;", frame, field->name, c_zero(e, type));
    }
    if (slot->wrote)
        cw_line(e->w, "%swrote.%s = false;", frame, field->name);
}

/* Links of a frame to what is around it: `state` and `up` as the writing function calls them. */
static void fork_links(Emit *e, const RegionPlan *around, const char *frame, const char *state,
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

static void fork_branch(Emit *e, const RegionPlan *branch, const char *frame, const char *steps) {
    size_t i;
    fork_counts(e, branch, frame, steps);
    for (i = 0; i < branch->n_slots; i++)
        fork_slot(e, &branch->slots[i], frame);
}

/* ---- join: which updates there are ---- */

/* One branch, or all chunks of an each, as a source of updates. */
typedef struct BranchSource {
    const char *frame;     /* "j.technical." or "c->" */
    const char *condition; /* NULL, or "j.good[1]" */
    bool chunk;
} BranchSource;

static const char *update_value(Emit *e, const BranchSource *from, const Slot *slot) {
    return say(e, slot->added ? "%sadded.%s" : "%sown.%s", from->frame, slot->field->name);
}

static const char *both(Emit *e, const char *a, const char *b) {
    return a && b ? say(e, "%s && %s", a, b) : a ? a : b;
}

static Update branch_update(Emit *e, const BranchSource *from, const Slot *slot) {
    Update update = {slot->field, slot->merge, update_value(e, from, slot), from->condition};
    if (slot->merge == MERGE_LAST)
        update.condition =
            both(e, from->condition, say(e, "%swrote.%s", from->frame, slot->field->name));
    return update;
}

/* Replay the list of updates of a branch: a custom reducer's, or one float for each element. */
static void replay(Emit *e, const BranchSource *from, const Slot *slot, bool fallible) {
    const char *list = say(e, "%sadded.%s", from->frame, slot->field->name);
    Update update = {slot->field, slot->merge, say(e, "%s.items[i]", list), NULL};
    if (from->condition)
        cw_line(e->w, "if (%s)", from->condition);
    e->w->depth += from->condition != NULL;
    cw_open(e->w, "for (uint32_t i = 0; %si < %s.len; i++) {", fallible ? "rc == DFL_OK && " : "",
            list);
    if (fallible)
        merge_fallible(e, &update);
    else
        merge_plain(e, &update);
    cw_close(e->w, "}");
    e->w->depth -= from->condition != NULL;
}

static void join_fallible(Emit *e, const BranchSource *from, const Slot *slot) {
    Update update = branch_update(e, from, slot);
    const char *sum = say(e, "%s_sum", slot->field->name);
    const char *sign = type_is_unsigned(slot->field->type) ? "unsigned" : "signed";
    switch (slot->merge) {
    case MERGE_APPEND:
    case MERGE_UNION:
        merge_fallible(e, &update);
        break;
    case MERGE_CUSTOM:
    case MERGE_SUM_FLOAT:
        replay(e, from, slot, true);
        break;
    case MERGE_SUM_INT:
        if (from->condition)
            cw_line(e->w, "if (%s)", from->condition);
        if (from->chunk)
            cw_line(e->w, "dfl__wide_add(&%s, %ssum.%s);", sum, from->frame, slot->field->name);
        else
            cw_line(e->w, "%sdfl__wide_add_%s(&%s, %s, %s);", from->condition ? "    " : "", sign,
                    sum, update.value, lvalue(e, slot->field));
        break;
    default:
        break;
    }
}

static void join_plain(Emit *e, const BranchSource *from, const Slot *slot) {
    Update update = branch_update(e, from, slot);
    if (slot->merge == MERGE_SUM_FLOAT)
        replay(e, from, slot, false);
    else if (!merge_can_fail(e, slot->merge) && slot->merge != MERGE_LOCAL)
        merge_plain(e, &update);
}

/* ---- join: all of a section ---- */

/* The slots of all branches, a field once, in order of the fields. */
static size_t joined_slots(Emit *e, const Section *section, const Slot ***out) {
    size_t i, k, n = 0, cap = 0;
    const Slot **slots = NULL;
    StrMap seen = {0};
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        for (i = 0; i < branch->n_slots; i++) {
            const Slot *slot = &branch->slots[i];
            if (slot->merge == MERGE_LOCAL || strmap_get(&seen, slot->field->name))
                continue;
            strmap_put(&seen, e->arena, slot->field->name, (void *)(uintptr_t)slot);
            ARENA_PUSH(e->arena, slots, n, cap, slot);
        }
    }
    *out = slots;
    return n;
}

typedef void JoinSlot(Emit *e, const BranchSource *from, const Slot *slot);

static void for_branches(Emit *e, const Section *section, const Slot *slot, JoinSlot *join) {
    size_t k;
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        const Slot *own = region_slot(branch, slot->field);
        BranchSource from = {say(e, "j.%s.", branch->member),
                             section->settle ? say(e, "j.good[%zu]", k) : NULL, false};
        if (own && own->merge != MERGE_LOCAL)
            join(e, &from, own);
    }
}

static void for_chunks(Emit *e, const Section *section, const Slot *slot, JoinSlot *join) {
    BranchSource from = {"c->", NULL, true};
    cw_open(e->w, "for (uint32_t k = 0; rc == DFL_OK && k < n_chunks; k++) {");
    cw_line(e->w, "const struct %s *c = &chunks[k];", e->graph->sections[section->index].frame);
    join(e, &from, slot);
    cw_close(e->w, "}");
}

static void for_all(Emit *e, const Section *section, const Slot *slot, JoinSlot *join) {
    if (section->over)
        for_chunks(e, section, slot, join);
    else
        for_branches(e, section, slot, join);
}

static void finish_sum(Emit *e, const Slot *slot) {
    const Field *field = slot->field;
    then_call(e, NULL,
              say(e, "dfl__join_%s(ctx, &%s, %s_sum, \"%s\")", number_stem(field->type),
                  lvalue(e, field), field->name, field->name));
}

/* Where faults are appended to a field that merges, they are one more update; branches may have
 * others. */
static bool merges_faults(const Section *section, const Slot **slots, size_t n, bool *alone) {
    size_t i;
    if (!section->settle || !field_merges(section->settle))
        return false;
    *alone = true;
    for (i = 0; i < n; i++)
        *alone &= slots[i]->field != section->settle;
    return true;
}

static void emit_merges(Emit *e, const Section *section) {
    const Slot **slots;
    size_t i, n = joined_slots(e, section, &slots);
    bool alone = false, faults = merges_faults(section, slots, n, &alone), fallible = faults;
    if (faults && alone)
        save_target(e, section->settle);
    for (i = 0; i < n; i++)
        if (merge_can_fail(e, slots[i]->merge)) {
            fallible = true;
            save_target(e, slots[i]->field);
            if (slots[i]->merge == MERGE_SUM_INT)
                cw_line(e->w, "dfl__wide %s_sum = {0, 0};", slots[i]->field->name);
        }
    for (i = 0; i < n; i++)
        if (merge_can_fail(e, slots[i]->merge)) {
            for_all(e, section, slots[i], join_fallible);
            if (slots[i]->merge == MERGE_SUM_INT)
                finish_sum(e, slots[i]);
        }
    if (faults) {
        Update update = {section->settle, merge_of(section->settle, false), "faults", NULL};
        merge_fallible(e, &update);
    }
    if (fallible) {
        cw_line(e->w, "rc = dfl__merged(ctx, %s, rc);", section_id(e, section));
        cw_open(e->w, "if (rc != DFL_OK) {");
        if (faults && alone)
            restore_target(e, section->settle);
        for (i = 0; i < n; i++)
            if (merge_can_fail(e, slots[i]->merge))
                restore_target(e, slots[i]->field);
        cw_line(e->w, "return rc;");
        cw_close(e->w, "}");
    }
    for (i = 0; i < n; i++)
        if (!merge_can_fail(e, slots[i]->merge))
            for_all(e, section, slots[i], join_plain);
}

static void emit_limit_check(Emit *e, const Section *section) {
    const Graph *graph = e->graph->graph;
    const char *steps = count_lvalue(e, 0);
    cw_open(e->w, "if (%s > %" PRIu64 ") {", steps, graph->limit);
    cw_line(e->w, "%s = steps;", steps);
    cw_line(e->w, "return dfl__limit(ctx, %s, %" PRIu64 ");", section_id(e, section), graph->limit);
    cw_close(e->w, "}");
}

static void emit_need(Emit *e, const Section *section) {
    cw_line(e->w, "if (n_good < %" PRIu64 ")", section->need);
    cw_line(e->w, "    return dfl__too_few(ctx, %s, n_good, %" PRIu64 ");", section_id(e, section),
            section->need);
}

/* The faults of this section in written order, after the ones that the field held. */
static void emit_faults(Emit *e, const Section *section) {
    const Field *field = section->settle;
    size_t k;
    cw_line(e->w, "dfl_fault_list faults = %s;", field_merges(field) ? "{0}" : lvalue(e, field));
    if (section->over) {
        cw_open(e->w, "for (uint32_t k = 0; rc == DFL_OK && k < n_chunks; k++)");
        cw_line(e->w, "rc = dfl_fault_list_append(ctx, &faults, &chunks[k].faults);");
        e->w->depth--;
    }
    for (k = 0; !section->over && k < section->n_branches; k++)
        then_call(e, NULL, say(e, "dfl_fault_list_append(ctx, &faults, &j.faults[%zu])", k));
    cw_line(e->w, "rc = dfl__merged(ctx, %s, rc);", section_id(e, section));
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return rc;");
}

static void emit_settled(Emit *e, const Section *section) {
    const Field *field = section->settle;
    if (field_merges(field))
        return;
    cw_line(e->w, "%s = faults;", lvalue(e, field));
    if (notes_writes(e, field))
        cw_line(e->w, "%s = true;", wrote_lvalue(e, field));
}

/* ---- the head of a section's function ---- */

static void emit_head(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    cw_line(e->w, "/* %s: %s. %c%s. */", where(e, section->span), section->label,
            plan->cost->reason[0] >= 'a' ? plan->cost->reason[0] - 'a' + 'A'
                                         : plan->cost->reason[0],
            plan->cost->reason + 1);
    if (!in_run(e))
        cw_open(e->w, "static int %s(dfl_ctx *ctx, struct %s *f) {", plan->fn, e->region->frame);
    else
        cw_open(e->w, "static int %s(dfl_ctx *ctx, %s_state *s%s) {", plan->fn,
                e->graph->graph->c_name, e->region->n_counts ? ", uint64_t *count" : "");
}

static void emit_unused(Emit *e) {
    if (in_run(e) ? !e->used_state : !e->used_frame)
        cw_line(e->w, in_run(e) ? "(void)s;" : "(void)f;");
    if (in_run(e) && e->region->n_counts && !e->used_count)
        cw_line(e->w, "(void)count;");
}

static const char *state_pointer(Emit *e) {
    if (in_run(e)) {
        e->used_state = true;
        return "s";
    }
    e->used_frame = true;
    return "f->s";
}

/* ---- [a, b, c] ---- */

static void emit_forks(Emit *e, const Section *section) {
    bool limited = e->graph->graph->has_limit;
    size_t k;
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        const char *frame = say(e, "j.%s.", branch->member);
        fork_links(e, e->region, frame, state_pointer(e), "f");
        cw_line(e->w, "%sat = DFL__FRESH;", frame);
        cw_line(e->w, "%sinner = (dfl_bytes){0};", frame);
        fork_branch(e, branch, frame, limited ? "steps" : NULL);
    }
    if (section->settle) {
        cw_line(e->w, "memset(j.good, 0, sizeof j.good);");
        cw_line(e->w, "memset(j.faults, 0, sizeof j.faults);");
    }
}

/* What became of branch k: its fault where the section settles; a pause does not end the section. */
static const char *outcome(Emit *e, const Section *section, size_t k, const char *status,
                           const char *failure) {
    const RegionPlan *branch = branch_plan(e, section, k);
    if (section->settle)
        status = say(e, "dfl__settle(ctx, %s, %s, %s, &j.faults[%zu], &j.%s.at, &j.good[%zu])",
                     status, failure, branch_label(e, branch->region), k, branch->member, k);
    return say(e, "dfl__parked(%s, &parked)", status);
}

/* Error edges in a branch must not show in its siblings, as they would not on threads. */
static bool catches_errors(Emit *e, const Section *section) {
    size_t i, k;
    for (k = 0; k < section->n_branches; k++) {
        const Region *region = branch_plan(e, section, k)->region;
        for (i = 0; i < region->n_places; i++) {
            const Place *place = region->places[i];
            if (place->on_error || place->on_timeout)
                return true;
            if (place->section && catches_errors(e, place->section))
                return true;
        }
    }
    return false;
}

static void run_inline(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool catches = catches_errors(e, section);
    size_t k;
    cw_line(e->w, "dfl__root root = {&j, &%s_type, ctx->roots};", plan->frame);
    if (catches)
        cw_line(e->w, "const dfl_error outer_error = *dfl_last_error(ctx);");
    cw_line(e->w, "ctx->roots = &root;");
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        const char *call = outcome(
            e, section, k, say(e, "%s(ctx, &j.%s)", branch->fn, branch->member), "&ctx->failure");
        if (k == 0)
            cw_line(e->w, "rc = %s;", call);
        else
            then_call(e, NULL, call);
        if (catches)
            cw_line(e->w, "dfl__set_last_error(ctx, &outer_error);");
    }
    cw_line(e->w, "ctx->roots = root.next;");
}

/* ---- on threads ---- */

static const char *numbers(Emit *e, const uint32_t *all, size_t n) {
    const char *text = "";
    for (size_t i = 0; i < n; i++)
        text = say(e, "%s%s%" PRIu32, text, i ? ", " : "", all[i]);
    return text;
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

static void emit_tasks(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const SectionCost *cost = plan->cost;
    cw_line(e->w, "static const dfl__task %s_tasks[] = {", plan->fn);
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        cw_line(e->w, "    {%s, &%s_type, offsetof(struct %s, %s)},", branch->fn, branch->frame,
                plan->frame, branch->member);
    }
    cw_line(e->w, "};");
    cw_line(e->w, "static const uint32_t %s_order[] = {%s};", plan->fn,
            numbers(e, cost->order, section->n_branches));
    cw_line(e->w, "static const uint32_t %s_chunk_end[] = {%s};", plan->fn,
            numbers(e, cost->chunk_end, cost->n_chunks));
    cw_line(e->w, "static const dfl__section %s_section = {", plan->fn);
    cw_line(e->w, "    .tasks = %s_tasks, .n = %zu,", plan->fn, section->n_branches);
    cw_line(e->w, "    .order = %s_order, .chunk_end = %s_chunk_end, .n_chunks = %" PRIu32 ",",
            plan->fn, plan->fn, cost->n_chunks);
    cw_line(e->w, "    .even = %s};", cost->even_chunks ? "true" : "false");
}

/* The tables of a section that may run on threads. */
static void emit_tables(Emit *e, const SectionPlan *plan) {
    const SectionCost *cost = plan->cost;
    if (cost->run == RUN_INLINE)
        return;
    if (!plan->section->over)
        emit_tasks(e, plan);
    if (plan->section->over)
        cw_line(e->w, "static const dfl__task %s_task = {%s, &%s_type, 0};", plan->fn,
                plan->chunk_fn, plan->frame);
    if (plan->section->over && cost->run == RUN_EITHER)
        emit_from_table(e, plan);
    if (plan->is_expected || (cost->run == RUN_EITHER && !plan->section->over))
        emit_gain(e, plan);
    cw_blank(e->w);
}

static void emit_ended(Emit *e, const Section *section) {
    if (section->n_branches <= STACK_BRANCHES) {
        cw_line(e->w, "dfl__ended *ended[%zu] = {NULL};", section->n_branches);
        return;
    }
    cw_line(e->w, "dfl__ended **const ended = (dfl__ended **)dfl_alloc(ctx, %zu * sizeof *ended);",
            section->n_branches);
    cw_line(e->w, "if (!ended)");
    cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, section));
    cw_line(e->w, "memset(ended, 0, %zu * sizeof *ended);", section->n_branches);
}

static void run_threads(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    emit_ended(e, section);
    if (!section->settle) {
        cw_line(e->w,
                "rc = dfl__parked(dfl__threads(ctx, &%s_section, &j, false, ended), &parked);",
                plan->fn);
        return;
    }
    cw_line(e->w, "const int whole = dfl__threads(ctx, &%s_section, &j, true, ended);", plan->fn);
    cw_line(e->w, "rc = DFL_OK;");
    for (size_t k = 0; k < section->n_branches; k++)
        then_call(e, NULL,
                  outcome(e, section, k, say(e, "dfl__ended_status(ended[%zu])", k),
                          say(e, "dfl__ended_failure(ctx, ended[%zu])", k)));
    cw_line(e->w, "if (rc == DFL_OK && whole < 0)");
    cw_line(e->w, "    rc = whole;");
}

static void run_either(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "if (dfl__pays(ctx, %s_gain)) {", plan->fn);
    run_threads(e, plan);
    e->w->depth--;
    cw_open(e->w, "} else {");
    run_inline(e, plan);
    cw_close(e->w, "}");
}

static void charge_steps(Emit *e, const Section *section) {
    const char *steps = count_lvalue(e, 0);
    size_t k;
    for (k = 0; k < section->n_branches; k++)
        cw_line(e->w, "%s += j.%s.count[0] - steps;", steps, branch_plan(e, section, k)->member);
    emit_limit_check(e, section);
}

static const char *good_count(Emit *e, const Section *section) {
    const char *text = "(uint64_t)j.good[0]";
    size_t k;
    for (k = 1; k < section->n_branches; k++)
        text = say(e, "%s + j.good[%zu]", text, k);
    return text;
}

static void emit_take(Emit *e, const SectionPlan *plan) {
    cw_line(e->w, "if (DFL__RARELY(ctx->resume.n)) {");
    cw_line(e->w, "    rc = dfl__take(ctx, &%s_type, &j);", plan->frame);
    cw_line(e->w, "    if (rc != DFL_OK)");
    cw_line(e->w, "        return rc;");
    cw_line(e->w, "}");
}

static void emit_branches_body(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool limited = e->graph->graph->has_limit;
    if (limited)
        cw_line(e->w, "const uint64_t steps = %s;", count_lvalue(e, 0));
    cw_line(e->w, "bool parked = false;");
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    emit_forks(e, section);
    emit_take(e, plan);
    cw_blank(e->w);
    if (plan->cost->run == RUN_EITHER)
        run_either(e, plan);
    else if (plan->cost->run == RUN_THREADS)
        run_threads(e, plan);
    else
        run_inline(e, plan);
    cw_line(e->w, "if (rc == DFL_OK && parked)");
    cw_line(e->w, "    rc = DFL_PAUSED;");
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return dfl__keep(ctx, rc, &%s_type, &j);", plan->frame);
    cw_blank(e->w);
    if (limited)
        charge_steps(e, section);
    if (section->settle && section->has_need) {
        cw_line(e->w, "const uint64_t n_good = %s;", good_count(e, section));
        emit_need(e, section);
    }
    if (section->settle)
        emit_faults(e, section);
    emit_merges(e, section);
    if (section->settle)
        emit_settled(e, section);
    cw_line(e->w, "return DFL_OK;");
}

/* `j` names what the section holds, wherever that is. */
static void emit_storage(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool large = is_large(e, section);
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

static void emit_branches_section(Emit *e, const SectionPlan *plan) {
    CWriter *out = e->w, *body;
    e->used_state = e->used_count = e->used_frame = false;
    e->w = cwriter_new(e->arena);
    e->w->depth = 1;
    emit_storage(e, plan);
    emit_branches_body(e, plan);
    body = e->w;
    e->w = out;
    emit_tables(e, plan);
    emit_head(e, plan);
    emit_unused(e);
    cw_verbatim(e->w, body->text, body->n);
    cw_close(e->w, "}");
    if (is_large(e, plan->section))
        cw_margin(e->w, "#undef j");
    cw_blank(e->w);
}

/* ---- each ---- */

/* What one element adds to its chunk. The parent's view is reached through the chunk's links. */
static void fold_element(Emit *e, const Slot *slot) {
    const Field *field = slot->field;
    const char *name = field->name;
    switch (slot->merge) {
    case MERGE_APPEND:
        if (field->type->kind == TY_STRING || field->type->kind == TY_BYTES)
            then_call(e, NULL,
                      say(e, "dfl__append_%s(ctx, &f->added.%s, f->body.added.%s)",
                          field->type->kind == TY_STRING ? "str" : "bytes", name, name));
        else
            then_call(e, NULL,
                      say(e, "%s_append(ctx, &f->added.%s, &f->body.added.%s)", field->type->c_name,
                          name, name));
        break;
    case MERGE_UNION:
        then_call(e, NULL,
                  say(e, "%s_union(ctx, &f->added.%s, &f->body.added.%s)", field->type->c_name,
                      name, name));
        break;
    case MERGE_CUSTOM:
    case MERGE_SUM_FLOAT:
        then_call(e, NULL,
                  say(e, "%s_append(ctx, &f->added.%s, &f->body.added.%s)",
                      added_type(e, slot)->c_name, name, name));
        break;
    case MERGE_SUM_INT:
        cw_line(e->w, "if (rc == DFL_OK)");
        cw_line(e->w, "    dfl__wide_add_%s(&f->sum.%s, f->body.own.%s, %s);",
                type_is_unsigned(field->type) ? "unsigned" : "signed", name, name,
                lvalue(e, field));
        break;
    case MERGE_FOLD:
        cw_line(e->w, "if (rc == DFL_OK)");
        cw_line(e->w, "    f->own.%s = %s;", name,
                field->reducer == RD_MIN
                    ? say(e, "f->body.own.%s < f->own.%s ? f->body.own.%s : f->own.%s", name, name,
                          name, name)
                : field->reducer == RD_MAX
                    ? say(e, "f->body.own.%s > f->own.%s ? f->body.own.%s : f->own.%s", name, name,
                          name, name)
                : field->reducer == RD_AND ? say(e, "f->own.%s && f->body.own.%s", name, name)
                                           : say(e, "f->own.%s || f->body.own.%s", name, name));
        break;
    case MERGE_LAST:
        cw_open(e->w, "if (rc == DFL_OK && f->body.wrote.%s) {", name);
        set_value(e, field->type, say(e, "f->own.%s", name), say(e, "f->body.own.%s", name));
        cw_line(e->w, "f->wrote.%s = true;", name);
        cw_close(e->w, "}");
        break;
    case MERGE_REPLACE:
    case MERGE_LOCAL:
        break;
    }
}

/* A chunk begins with no updates. */
static void fork_chunk_slot(Emit *e, const Slot *slot) {
    const char *name = slot->field->name;
    if (slot->merge == MERGE_FOLD || slot->merge == MERGE_LAST)
        set_value(e, slot->field->type, say(e, "f->own.%s", name), lvalue(e, slot->field));
    if (slot->merge == MERGE_LAST)
        cw_line(e->w, "f->wrote.%s = false;", name);
    if (slot->added)
        cw_line(e->w, "f->added.%s = %s;", name, c_zero(e, added_type(e, slot)));
    if (slot->merge == MERGE_SUM_INT)
        cw_line(e->w, "f->sum.%s = (dfl__wide){0, 0};", name);
}

/* A fresh element forks; one that had parked goes on in the frame that was kept. */
static void fork_element(Emit *e, const RegionPlan *body) {
    cw_line(e->w, "ctx->index = (int64_t)i;");
    fork_links(e, body->up, "f->body.", "f->s", "f->up");
    cw_line(e->w, "f->body.i = i;");
    cw_open(e->w, "if (f->body.at == DFL__FRESH) {");
    cw_line(e->w, "f->body.inner = (dfl_bytes){0};");
    fork_branch(e, body, "f->body.", e->graph->graph->has_limit ? "f->steps_before" : NULL);
    cw_close(e->w, "}");
}

static void emit_element(Emit *e, const SectionPlan *plan, const RegionPlan *body) {
    const Section *section = plan->section;
    size_t i;
    fork_element(e, body);
    if (section->settle) {
        cw_line(e->w, "dfl_fault_list fault = {0};");
        cw_line(e->w, "bool good = false;");
        cw_line(e->w,
                "rc = dfl__settle(ctx, %s(ctx, &f->body), &ctx->failure, %s, &fault, "
                "&f->body.at, &good);",
                body->fn, branch_label(e, body->region));
        then_call(e, NULL, "dfl_fault_list_append(ctx, &f->faults, &fault)");
    } else {
        cw_line(e->w, "rc = %s(ctx, &f->body);", body->fn);
    }
    if (section->settle) {
        cw_open(e->w, "if (good) {");
        cw_line(e->w, "f->n_good++;");
    }
    for (i = 0; i < body->n_slots; i++)
        fold_element(e, &body->slots[i]);
    if (section->settle)
        cw_close(e->w, "}");
    cw_open(e->w, "if (rc == DFL_OK) {");
    if (e->graph->graph->has_limit)
        cw_line(e->w, "f->steps += f->body.count[0] - f->steps_before;");
    cw_line(e->w, "f->body.at = DFL__FRESH;");
    e->w->depth--;
    cw_open(e->w, "} else {");
    cw_line(e->w, "rc = %s_split(ctx, f, i, rc);", plan->chunk_fn);
    cw_close(e->w, "}");
}

/* note [chunks that stop]
 * When an element parks, the chunk is kept as three: the elements before it, which are done; the
 * element, with its frame; and what follows, on which the function goes on. When an element fails
 * for good, what follows is still to do. */
static void emit_split(Emit *e, const SectionPlan *plan) {
    const char *frame = plan->frame;
    cw_open(e->w, "static int %s_split(dfl_ctx *ctx, struct %s *f, uint64_t i, int rc) {",
            plan->chunk_fn, frame);
    cw_line(e->w, "struct %s *whole;", frame);
    cw_line(e->w, "int kept = DFL_OK;");
    cw_blank(e->w);
    cw_line(e->w, "if (!dfl__keeps(ctx, rc))");
    cw_line(e->w, "    return rc;");
    cw_line(e->w, "whole = (struct %s *)dfl__run_alloc(ctx, sizeof *whole);", frame);
    cw_line(e->w, "if (!whole)");
    cw_line(e->w, "    return rc > 0 ? DFL_ENOMEM : rc;");
    cw_line(e->w, "*whole = *f;");
    cw_line(e->w, "/* done: all before element i */");
    cw_line(e->w, "f->at = DFL__DONE;");
    cw_line(e->w, "f->to = i;");
    cw_line(e->w, "memset(&f->body, 0, sizeof f->body);");
    cw_line(e->w, "if (i > f->from)");
    cw_line(e->w, "    kept = dfl__keep_item(ctx, &f->items, &%s_type, f);", frame);
    cw_line(e->w, "/* parked, or failed: element i, with nothing collected yet */");
    cw_line(e->w, "%s_begin(f, i, i + 1);", plan->chunk_fn);
    cw_line(e->w, "f->body = whole->body;");
    cw_line(e->w, "if (kept == DFL_OK)");
    cw_line(e->w, "    kept = dfl__keep_item(ctx, &f->items, &%s_type, f);", frame);
    cw_line(e->w, "/* still to do: all behind it */");
    cw_line(e->w, "%s_begin(f, i + 1, whole->to);", plan->chunk_fn);
    cw_line(e->w, "if (kept != DFL_OK)");
    cw_line(e->w, "    return rc > 0 ? kept : rc;");
    cw_line(e->w, "return rc == DFL_PAUSED ? DFL_OK : rc;");
    cw_close(e->w, "}");
    cw_blank(e->w);
}

/* A chunk with nothing done yet; its links and its items stay. */
static void emit_chunk_begin(Emit *e, const SectionPlan *plan) {
    const RegionPlan *body = branch_plan(e, plan->section, 0), *around = e->region;
    size_t i;
    cw_open(e->w, "static void %s_begin(struct %s *f, uint64_t from, uint64_t to) {",
            plan->chunk_fn, plan->frame);
    cw_line(e->w, "f->at = DFL__FRESH;");
    cw_line(e->w, "f->from = from;");
    cw_line(e->w, "f->to = to;");
    cw_line(e->w, "f->steps = 0;");
    cw_line(e->w, "memset(&f->body, 0, sizeof f->body);");
    e->region = body;
    e->view = around;
    e->view_path = "f->up->";
    for (i = 0; i < body->n_slots; i++)
        fork_chunk_slot(e, &body->slots[i]);
    e->region = around;
    e->view = NULL;
    if (plan->section->settle) {
        cw_line(e->w, "f->faults = (dfl_fault_list){0};");
        cw_line(e->w, "f->n_good = 0;");
    }
    cw_close(e->w, "}");
    cw_blank(e->w);
}

static void emit_chunk(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const RegionPlan *body = branch_plan(e, section, 0), *around = e->region;
    emit_chunk_begin(e, plan);
    emit_split(e, plan);
    cw_line(e->w, "/* %s: the elements from f->from to f->to */", where(e, section->span));
    cw_open(e->w, "static int %s(dfl_ctx *ctx, void *frame) {", plan->chunk_fn);
    cw_line(e->w, "struct %s *f = (struct %s *)frame;", plan->frame, plan->frame);
    cw_line(e->w, "const dfl__around around = {ctx->index, ctx->around};");
    if (catches_errors(e, section))
        cw_line(e->w, "const dfl_error outer_error = *dfl_last_error(ctx);");
    cw_line(e->w, "int rc = DFL_OK;");
    cw_blank(e->w);
    cw_line(e->w, "if (f->at == DFL__DONE)");
    cw_line(e->w, "    return DFL_OK;");
    cw_line(e->w, "ctx->around = &around;");
    cw_open(e->w, "for (uint64_t i = f->from; rc == DFL_OK && i < f->to; i++) {");
    e->region = body;
    e->view = around;
    e->view_path = "f->up->";
    emit_element(e, plan, body);
    e->region = around;
    e->view = NULL;
    if (catches_errors(e, section))
        cw_line(e->w, "dfl__set_last_error(ctx, &outer_error);");
    cw_close(e->w, "}");
    cw_line(e->w, "ctx->index = around.index;");
    cw_line(e->w, "ctx->around = around.out;");
    cw_line(e->w, "rc = dfl__folded(ctx, %s, rc);", section_id(e, section));
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return rc;");
    cw_line(e->w, "f->at = DFL__DONE;");
    cw_line(e->w, "return f->items.n ? DFL_PAUSED : DFL_OK;");
    cw_close(e->w, "}");
    cw_blank(e->w);
}

static const char *over_count(Emit *e, const Section *section) {
    const Type *type = section->over->type;
    if (type->kind == TY_ARRAY)
        return say(e, "%" PRIu32, type->count);
    return say(e, "%s.len", c_expr(e, section->over));
}

static void fork_chunks(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "for (uint32_t k = 0; k < n_chunks; k++) {");
    cw_line(e->w, "struct %s *c = &chunks[k];", plan->frame);
    cw_line(e->w, "memset(c, 0, sizeof *c);");
    fork_links(e, e->region, "c->", state_pointer(e), "f");
    if (e->graph->graph->has_limit)
        cw_line(e->w, "c->steps_before = steps;");
    cw_line(e->w, "%s_begin(c, n * k / n_chunks, n * (k + 1) / n_chunks);", plan->chunk_fn);
    cw_line(e->w, "if (DFL__RARELY(taken.at != NULL)) {");
    cw_line(e->w, "    rc = dfl__take_item(ctx, &taken, &%s_type, c);", plan->frame);
    cw_line(e->w, "    if (rc != DFL_OK)");
    cw_line(e->w, "        return rc;");
    cw_line(e->w, "}");
    cw_close(e->w, "}");
}

/* Chunks on this thread, one after the other; several only after a resume. */
static void run_chunk(Emit *e, const SectionPlan *plan) {
    cw_line(e->w, "dfl_type all = {.kind = DFL_KIND_ARRAY, .n = n_chunks, .elem = &%s_type};",
            plan->frame);
    cw_line(e->w, "dfl__root root = {chunks, &all, ctx->roots};");
    cw_line(e->w, "all.size = n_chunks * sizeof *chunks;");
    cw_line(e->w, "ctx->roots = &root;");
    cw_line(e->w, "for (uint32_t k = 0; rc == DFL_OK && k < n_chunks; k++)");
    cw_line(e->w, "    rc = dfl__parked(%s(ctx, &chunks[k]), &parked);", plan->chunk_fn);
    cw_line(e->w, "ctx->roots = root.next;");
}

static void run_chunks(Emit *e, const SectionPlan *plan) {
    cw_line(e->w,
            "rc = dfl__parked(dfl__thread_chunks(ctx, &%s_task, chunks, sizeof *chunks, n_chunks, "
            "ended),",
            plan->fn);
    cw_line(e->w, "                 &parked);");
}

/* Whole chunks join what their functions have kept in pieces. */
static void keep_chunks(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "if (rc != DFL_OK) {");
    cw_line(e->w, "dfl_buf items = {0};");
    cw_line(e->w, "for (uint32_t k = 0; k < n_chunks; k++)");
    cw_line(e->w,
            "    rc = dfl__keep_chunk(ctx, rc, &items, &chunks[k].items, &%s_type, &chunks[k]);",
            plan->frame);
    cw_line(e->w, "return dfl__keep_items(ctx, rc, &items);");
    cw_close(e->w, "}");
}

static void charge_chunks(Emit *e, const Section *section) {
    const char *steps = count_lvalue(e, 0);
    cw_line(e->w, "for (uint32_t k = 0; k < n_chunks; k++)");
    cw_line(e->w, "    %s += chunks[k].steps;", steps);
    emit_limit_check(e, section);
}

static void emit_chunk_count(Emit *e, const SectionPlan *plan) {
    const char *work = say(e, "INT64_C(%" PRId64 ")", plan->cost->work_ns);
    if (plan->cost->run == RUN_THREADS)
        cw_line(e->w, "uint32_t n_chunks = dfl__chunks(ctx, n, %s);", work);
    else
        cw_line(e->w,
                "uint32_t n_chunks = dfl__pays_each(ctx, %s_from, n, %s) ? dfl__chunks(ctx, n, %s) "
                ": 1;",
                plan->fn, work, work);
}

static void emit_each_storage(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    cw_line(e->w, "const uint64_t n = %s;", over_count(e, section));
    if (plan->cost->run == RUN_INLINE)
        cw_line(e->w, "uint32_t n_chunks = 1;");
    else
        emit_chunk_count(e, plan);
    if (is_large(e, section))
        cw_line(e->w, "struct %s *chunks;", plan->frame);
    else
        cw_line(e->w, "struct %s one, *chunks = &one;", plan->frame);
    if (plan->cost->threads)
        cw_line(e->w, "dfl__ended **ended = NULL;");
    cw_line(e->w, "dfl__in taken = {NULL, NULL};");
}

static void emit_each_allocation(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "if (DFL__RARELY(ctx->resume.n)) {");
    cw_line(e->w, "rc = dfl__take_items(ctx, &taken, &n_chunks);");
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return rc;");
    cw_close(e->w, "}");
    if (!is_large(e, plan->section))
        cw_open(e->w, "if (n_chunks > 1) {");
    cw_line(e->w, "chunks = (struct %s *)dfl_alloc(ctx, n_chunks * sizeof *chunks);", plan->frame);
    if (plan->cost->threads)
        cw_line(e->w, "ended = (dfl__ended **)dfl_alloc(ctx, n_chunks * sizeof *ended);");
    cw_line(e->w, plan->cost->threads ? "if (!chunks || !ended)" : "if (!chunks)");
    cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, plan->section));
    if (plan->cost->threads)
        cw_line(e->w, "memset(ended, 0, n_chunks * sizeof *ended);");
    if (!is_large(e, plan->section))
        cw_close(e->w, "}");
}

static void emit_each_run(Emit *e, const SectionPlan *plan) {
    if (!plan->cost->threads) {
        run_chunk(e, plan);
        return;
    }
    cw_open(e->w, "if (n_chunks == 1) {");
    run_chunk(e, plan);
    e->w->depth--;
    cw_open(e->w, "} else {");
    run_chunks(e, plan);
    cw_close(e->w, "}");
}

static void emit_each_good(Emit *e, const Section *section) {
    cw_line(e->w, "uint64_t n_good = 0;");
    cw_line(e->w, "for (uint32_t k = 0; k < n_chunks; k++)");
    cw_line(e->w, "    n_good += chunks[k].n_good;");
    emit_need(e, section);
}

static void emit_each_body(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool limited = e->graph->graph->has_limit;
    emit_each_storage(e, plan);
    if (limited)
        cw_line(e->w, "const uint64_t steps = %s;", count_lvalue(e, 0));
    cw_line(e->w, "bool parked = false;");
    cw_line(e->w, "int rc = DFL_OK;");
    cw_blank(e->w);
    emit_each_allocation(e, plan);
    fork_chunks(e, plan);
    emit_each_run(e, plan);
    cw_line(e->w, "if (rc == DFL_OK && parked)");
    cw_line(e->w, "    rc = DFL_PAUSED;");
    keep_chunks(e, plan);
    cw_blank(e->w);
    if (limited)
        charge_chunks(e, section);
    if (section->settle && section->has_need)
        emit_each_good(e, section);
    if (section->settle)
        emit_faults(e, section);
    emit_merges(e, section);
    if (section->settle)
        emit_settled(e, section);
    cw_line(e->w, "return DFL_OK;");
}

static void emit_each_section(Emit *e, const SectionPlan *plan) {
    CWriter *out = e->w, *body;
    emit_chunk(e, plan);
    e->used_state = e->used_count = e->used_frame = false;
    e->w = cwriter_new(e->arena);
    e->w->depth = 1;
    emit_each_body(e, plan);
    body = e->w;
    e->w = out;
    emit_tables(e, plan);
    emit_head(e, plan);
    emit_unused(e);
    cw_verbatim(e->w, body->text, body->n);
    cw_close(e->w, "}");
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
    emit_pending(e, id, id);
    cw_line(e->w, "rc = %s(%s);", plan->fn, region_arguments(e));
    cw_line(e->w, "due = dfl__due(ctx, rc);");
    cw_open(e->w, "if (DFL__RARELY(due)) {");
    cw_line(e->w, "rc = dfl__after_section(ctx, %s, rc);", id);
    cw_open(e->w, "if (rc != DFL_OK) {");
    emit_handlers(e, plan->section->place, id);
    cw_close(e->w, "}");
    cw_close(e->w, "}");
}
