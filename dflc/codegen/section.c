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
enum { STACK_FRAME_BYTES = 16384, STACK_BRANCHES = 32 };

static const RegionPlan *branch_plan(Emit *e, const Section *section, size_t k) {
    return &e->graph->regions[section->branches[k]->index];
}

static const char *section_id(Emit *e, const Section *section) {
    return place_name(e, section->place);
}

/* ---- fork ---- */

static void fork_slot(Emit *e, const Slot *slot, const char *frame) {
    const Field *field = slot->field;
    if (slot->own) {
        const char *to = say(e, "%sown.%s", frame, field->name);
        if (slot->merge != MERGE_LOCAL)
            set_value(e, field->type, to, lvalue(e, field));
        else if (field->type->kind == TY_ARRAY)
            set_zero(e, field->type, to);
        else
            cw_line(e->w, "%s = %s;", to, c_initial(e, field));
    }
    if (slot->added) {
        const Type *type = added_type(e, slot, false);
        /* -0.0 is the sum of no floats: -0.0 + x is x, the sign of zero included. */
        cw_line(e->w, "%sadded.%s = %s;", frame, field->name,
                slot->merge == MERGE_SUM_FLOAT ? "-0.0" : c_zero(e, type));
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
    if (slot->merge == MERGE_SUM_FLOAT && from->chunk)
        replay(e, from, slot, false);
    else if (!merge_can_fail(slot->merge) && slot->merge != MERGE_LOCAL)
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

static void emit_merges(Emit *e, const Section *section) {
    const Slot **slots;
    size_t i, n = joined_slots(e, section, &slots);
    bool fallible = false;
    for (i = 0; i < n; i++)
        if (merge_can_fail(slots[i]->merge)) {
            fallible = true;
            save_target(e, slots[i]->field);
            if (slots[i]->merge == MERGE_SUM_INT)
                cw_line(e->w, "dfl__wide %s_sum = {0, 0};", slots[i]->field->name);
        }
    for (i = 0; i < n; i++)
        if (merge_can_fail(slots[i]->merge)) {
            for_all(e, section, slots[i], join_fallible);
            if (slots[i]->merge == MERGE_SUM_INT)
                finish_sum(e, slots[i]);
        }
    if (fallible) {
        cw_line(e->w, "rc = dfl__merged(ctx, %s, rc);", section_id(e, section));
        cw_open(e->w, "if (rc != DFL_OK) {");
        for (i = 0; i < n; i++)
            if (merge_can_fail(slots[i]->merge))
                restore_target(e, slots[i]->field);
        cw_line(e->w, "return rc;");
        cw_close(e->w, "}");
    }
    for (i = 0; i < n; i++)
        if (!merge_can_fail(slots[i]->merge))
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

/* The faults of this section, after the ones that the field held. */
static void emit_faults(Emit *e, const Section *section) {
    const Field *field = section->settle;
    if (section->over) {
        cw_open(e->w, "for (uint32_t k = 0; rc == DFL_OK && k < n_chunks; k++)");
        cw_line(e->w, "rc = dfl_fault_list_append(ctx, &%s_all, &chunks[k].faults);", field->name);
        e->w->depth--;
        cw_line(e->w, "rc = dfl__merged(ctx, %s, rc);", section_id(e, section));
        cw_line(e->w, "if (rc != DFL_OK)");
        cw_line(e->w, "    return rc;");
        cw_line(e->w, "%s = %s_all;", lvalue(e, field), field->name);
    } else {
        cw_line(e->w, "%s = j.faults;", lvalue(e, field));
    }
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
        fork_branch(e, branch, frame, limited ? "steps" : NULL);
    }
    if (section->settle) {
        cw_line(e->w, "memset(j.good, 0, sizeof j.good);");
        cw_line(e->w, "j.faults = %s;", lvalue(e, section->settle));
    }
}

static const char *branch_label(Emit *e, const Region *region) {
    return c_string(e->arena, region->label, strlen(region->label));
}

static void run_inline(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    size_t k;
    if (plan->roots)
        cw_line(e->w, "ctx->roots = &root;");
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        const char *call = say(e, "%s(ctx, &j.%s)", branch->fn, branch->member);
        if (section->settle)
            call = say(e, "dfl__settle(ctx, %s, &ctx->failure, %s, &j.faults, &j.good[%zu])", call,
                       branch_label(e, branch->region), k);
        if (k == 0)
            cw_line(e->w, "rc = %s;", call);
        else
            then_call(e, NULL, call);
    }
    if (plan->roots)
        cw_line(e->w, "ctx->roots = root.next;");
}

static void run_threads(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    size_t k;
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = branch_plan(e, section, k);
        cw_line(e->w, "b[%zu].body = %s;", k, branch->fn);
        cw_line(e->w, "b[%zu].frame = &j.%s;", k, branch->member);
        cw_line(e->w, "b[%zu].type = %s;", k, frame_type(e, branch->frame, branch->roots));
    }
    if (!section->settle) {
        cw_line(e->w, "rc = dfl__threads(ctx, b, %zu, false);", section->n_branches);
        return;
    }
    cw_line(e->w, "(void)dfl__threads(ctx, b, %zu, true);", section->n_branches);
    cw_line(e->w, "rc = DFL_OK;");
    for (k = 0; k < section->n_branches; k++)
        then_call(e, NULL,
                  say(e,
                      "dfl__settle(ctx, b[%zu].status, &b[%zu].ctx.failure, %s, &j.faults, "
                      "&j.good[%zu])",
                      k, k, branch_label(e, section->branches[k]), k));
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

static void emit_branches_body(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool limited = e->graph->graph->has_limit;
    if (limited)
        cw_line(e->w, "const uint64_t steps = %s;", count_lvalue(e, 0));
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    emit_forks(e, section);
    cw_blank(e->w);
    if (plan->cost->threads)
        run_threads(e, plan);
    else
        run_inline(e, plan);
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return rc;");
    cw_blank(e->w);
    if (limited)
        charge_steps(e, section);
    if (section->settle && section->has_need) {
        cw_line(e->w, "const uint64_t n_good = %s;", good_count(e, section));
        emit_need(e, section);
    }
    emit_merges(e, section);
    if (section->settle)
        emit_faults(e, section);
    cw_line(e->w, "return DFL_OK;");
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

/* `j` names what the section holds, wherever that is. */
static void emit_storage(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    bool large = frame_estimate(e, section) > STACK_FRAME_BYTES;
    bool many = plan->cost->threads && section->n_branches > STACK_BRANCHES;
    if (large) {
        cw_line(e->w, "struct %s *const all = (struct %s *)dfl_alloc(ctx, sizeof *all);",
                plan->frame, plan->frame);
        cw_line(e->w, "if (!all)");
        cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, section));
        cw_margin(e->w, "#define j (*all)");
    } else {
        cw_line(e->w, "struct %s j;", plan->frame);
    }
    if (many) {
        cw_line(e->w, "dfl__branch *const b = (dfl__branch *)dfl_alloc(ctx, %zu * sizeof *b);",
                section->n_branches);
        cw_line(e->w, "if (!b)");
        cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, section));
    } else if (plan->cost->threads) {
        cw_line(e->w, "dfl__branch b[%zu];", section->n_branches);
    }
    if (plan->roots && !plan->cost->threads)
        cw_line(e->w, "dfl__root root = {&j, &%s_type, ctx->roots};", plan->frame);
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
    emit_head(e, plan);
    emit_unused(e);
    cw_verbatim(e->w, body->text, body->n);
    cw_close(e->w, "}");
    if (frame_estimate(e, plan->section) > STACK_FRAME_BYTES)
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
        then_call(e, NULL,
                  say(e, "%s_append(ctx, &f->added.%s, &f->body.added.%s)",
                      added_type(e, slot, true)->c_name, name, name));
        break;
    case MERGE_SUM_FLOAT:
        then_call(e, NULL,
                  say(e, "%s_push(ctx, &f->added.%s, f->body.added.%s)",
                      added_type(e, slot, true)->c_name, name, name));
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

static void emit_element(Emit *e, const SectionPlan *plan, const RegionPlan *body) {
    const Section *section = plan->section;
    size_t i;
    cw_line(e->w, "ctx->index = (int64_t)i;");
    fork_links(e, body->up, "f->body.", "f->s", "f->up");
    cw_line(e->w, "f->body.i = i;");
    fork_branch(e, body, "f->body.", e->graph->graph->has_limit ? "f->left_at" : NULL);
    if (section->settle) {
        cw_line(e->w, "bool good = false;");
        cw_line(e->w,
                "rc = dfl__settle(ctx, %s(ctx, &f->body), &ctx->failure, %s, &f->faults, "
                "&good);",
                body->fn, branch_label(e, body->region));
    } else {
        cw_line(e->w, "rc = %s(ctx, &f->body);", body->fn);
    }
    if (e->graph->graph->has_limit)
        cw_line(e->w, "f->steps += f->body.count[0] - f->left_at;");
    if (section->settle) {
        cw_open(e->w, "if (good) {");
        cw_line(e->w, "f->n_good++;");
    }
    for (i = 0; i < body->n_slots; i++)
        fold_element(e, &body->slots[i]);
    if (section->settle)
        cw_close(e->w, "}");
}

static void emit_chunk(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const RegionPlan *body = branch_plan(e, section, 0), *around = e->region;
    cw_line(e->w, "/* %s: the elements from f->from to f->to */", where(e, section->span));
    cw_open(e->w, "static int %s(dfl_ctx *ctx, void *frame) {", plan->chunk_fn);
    cw_line(e->w, "struct %s *f = (struct %s *)frame;", plan->frame, plan->frame);
    cw_line(e->w, "const int64_t outer = ctx->index;");
    cw_line(e->w, "int rc = DFL_OK;");
    cw_blank(e->w);
    cw_open(e->w, "for (uint64_t i = f->from; rc == DFL_OK && i < f->to; i++) {");
    e->region = body;
    e->view = around;
    e->view_path = "f->up->";
    emit_element(e, plan, body);
    e->region = around;
    e->view = NULL;
    cw_close(e->w, "}");
    cw_line(e->w, "ctx->index = outer;");
    cw_line(e->w, "return dfl__folded(ctx, %s, rc);", section_id(e, section));
    cw_close(e->w, "}");
    cw_blank(e->w);
}

static const char *over_count(Emit *e, const Section *section) {
    const Type *type = section->over->type;
    if (type->kind == TY_ARRAY)
        return say(e, "%" PRIu32, type->count);
    return say(e, "%s.len", c_expr(e, section->over));
}

/* A chunk begins with no updates. */
static void fork_chunk_slot(Emit *e, const Slot *slot) {
    const char *name = slot->field->name;
    switch (slot->merge) {
    case MERGE_FOLD:
        cw_line(e->w, "c->own.%s = %s;", name, lvalue(e, slot->field));
        break;
    case MERGE_LAST:
        set_value(e, slot->field->type, say(e, "c->own.%s", name), lvalue(e, slot->field));
        break;
    case MERGE_APPEND:
        cw_line(e->w, "c->added.%s = %s;", name, c_zero(e, slot->field->type));
        break;
    default:
        break;
    }
}

static void fork_chunks(Emit *e, const SectionPlan *plan) {
    const RegionPlan *body = branch_plan(e, plan->section, 0);
    size_t i;
    cw_open(e->w, "for (uint32_t k = 0; k < n_chunks; k++) {");
    cw_line(e->w, "struct %s *c = &chunks[k];", plan->frame);
    cw_line(e->w, "memset(c, 0, sizeof *c);");
    fork_links(e, e->region, "c->", state_pointer(e), "f");
    cw_line(e->w, "c->from = n * k / n_chunks;");
    cw_line(e->w, "c->to = n * (k + 1) / n_chunks;");
    if (e->graph->graph->has_limit)
        cw_line(e->w, "c->left_at = steps;");
    for (i = 0; i < body->n_slots; i++)
        fork_chunk_slot(e, &body->slots[i]);
    cw_close(e->w, "}");
}

static void run_chunk(Emit *e, const SectionPlan *plan) {
    if (plan->roots) {
        cw_line(e->w, "dfl__root root = {chunks, &%s_type, ctx->roots};", plan->frame);
        cw_line(e->w, "ctx->roots = &root;");
    }
    cw_line(e->w, "rc = %s(ctx, chunks);", plan->chunk_fn);
    if (plan->roots)
        cw_line(e->w, "ctx->roots = root.next;");
}

static void run_chunks(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "for (uint32_t k = 0; k < n_chunks; k++) {");
    cw_line(e->w, "b[k].body = %s;", plan->chunk_fn);
    cw_line(e->w, "b[k].frame = &chunks[k];");
    cw_line(e->w, "b[k].type = %s;", frame_type(e, plan->frame, plan->roots));
    cw_close(e->w, "}");
    cw_line(e->w, "rc = dfl__threads(ctx, b, n_chunks, false);");
}

static void charge_chunks(Emit *e, const Section *section) {
    const char *steps = count_lvalue(e, 0);
    cw_line(e->w, "for (uint32_t k = 0; k < n_chunks; k++)");
    cw_line(e->w, "    %s += chunks[k].steps;", steps);
    emit_limit_check(e, section);
}

static void emit_each_storage(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    cw_line(e->w, "const uint64_t n = %s;", over_count(e, section));
    if (!plan->cost->threads) {
        cw_line(e->w, "const uint32_t n_chunks = 1;");
        cw_line(e->w, "struct %s chunks[1];", plan->frame);
        return;
    }
    cw_line(e->w, "const uint32_t n_chunks = n >= %" PRIu64 " ? dfl__chunks(ctx, n) : 1;",
            plan->cost->threads_from);
    cw_line(e->w, "struct %s one, *chunks = &one;", plan->frame);
    cw_line(e->w, "dfl__branch *b = NULL;");
}

static void emit_each_allocation(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "if (n_chunks > 1) {");
    cw_line(e->w, "chunks = (struct %s *)dfl_alloc(ctx, n_chunks * sizeof *chunks);", plan->frame);
    cw_line(e->w, "b = (dfl__branch *)dfl_alloc(ctx, n_chunks * sizeof *b);");
    cw_line(e->w, "if (!chunks || !b)");
    cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, plan->section));
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
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    if (plan->cost->threads)
        emit_each_allocation(e, plan);
    fork_chunks(e, plan);
    emit_each_run(e, plan);
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return rc;");
    cw_blank(e->w);
    if (limited)
        charge_chunks(e, section);
    if (section->settle && section->has_need)
        emit_each_good(e, section);
    if (section->settle)
        cw_line(e->w, "dfl_fault_list %s_all = %s;", section->settle->name,
                lvalue(e, section->settle));
    emit_merges(e, section);
    if (section->settle)
        emit_faults(e, section);
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
    emit_pending(e, id);
    cw_line(e->w, "rc = %s(%s);", plan->fn, region_arguments(e));
    cw_line(e->w, "due = dfl__due(ctx, rc);");
    cw_open(e->w, "if (DFL__RARELY(due)) {");
    cw_line(e->w, "rc = dfl__after_section(ctx, %s, rc);", id);
    cw_open(e->w, "if (rc != DFL_OK) {");
    emit_handlers(e, plan->section->place, id);
    cw_close(e->w, "}");
    cw_close(e->w, "}");
}
