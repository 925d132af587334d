/* The join of a section: the updates of its branches, in written order. See section.c, note [three-way
 * merge]. */
#include <inttypes.h>

#include "section.h"

/* ---- join: which updates there are ---- */

/* One branch, or all chunks of an each, as a source of updates. */
typedef struct BranchSource {
    const char *frame;     /* "j.technical." or "c->" */
    const char *condition; /* NULL, or "j.dfl_good[1]" */
    bool chunk;
} BranchSource;

static const char *update_value(Emit *e, const BranchSource *from, const Slot *slot) {
    return say(e, slot->added ? "%sadded.%s" : "%sown.%s", from->frame, slot->field->name);
}

static const char *both(Emit *e, const char *a, const char *b) {
    return a && b ? say(e, "%s && %s", a, b) : a ? a : b;
}

static Update branch_update(Emit *e, const BranchSource *from, const Slot *slot) {
    Update update = {slot->field, slot->merge, update_value(e, from, slot), from->condition, true};
    if (slot->merge == MERGE_LAST)
        update.condition =
            both(e, from->condition, say(e, "%swrote.%s", from->frame, slot->field->name));
    return update;
}

/* Replay the list of updates of a branch: a custom reducer's, or one float for each element. */
static void replay(Emit *e, const BranchSource *from, const Slot *slot, bool fallible) {
    const char *list = say(e, "%sadded.%s", from->frame, slot->field->name);
    Update update = {slot->field, slot->merge, say(e, "%s.items[i]", list), NULL, false};
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
        const RegionPlan *branch = section_branch(e, section, k);
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

/* What whole chunks have added up: chunks.c. */
static void for_whole_chunks(Emit *e, const SectionPlan *plan, const Slot *slot, JoinSlot *join) {
    BranchSource from = {"j.dfl_chunks[k].", NULL, true};
    cw_open(e->w, "for (uint32_t k = 0; k < %" PRIu32 "; k++) {", plan->cost->n_chunks);
    join(e, &from, slot);
    cw_close(e->w, "}");
}

static void for_branches(Emit *e, const Section *section, const Slot *slot, JoinSlot *join) {
    const SectionPlan *plan = &e->graph->sections[section->index];
    size_t k;
    if (plan->chunks && chunks_fold(slot)) {
        for_whole_chunks(e, plan, slot, join);
        return;
    }
    for (k = 0; k < section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, section, k);
        const Slot *own = region_slot(branch, slot->field);
        BranchSource from = {say(e, "j.%s.", branch->member),
                             section->settle ? say(e, "j.dfl_good[%zu]", k) : NULL, false};
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

void emit_merges(Emit *e, const Section *section) {
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
            bool in_row = collects(slots[i]->field->type, slots[i]->merge);
            for_all(e, section, slots[i], join_fallible);
            if (slots[i]->merge == MERGE_SUM_INT)
                finish_sum(e, slots[i]);
            /* Joins of the fields behind are in this row, too. */
            if (in_row && (i + 1 == n || !collects(slots[i + 1]->field->type, slots[i + 1]->merge)))
                cw_line(e->w, "dfl__new_epoch(ctx);");
        }
    if (faults) {
        Update update = {section->settle, merge_of(section->settle, false), "faults", NULL, false};
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

/* `used` is what the branches have brought the steps to. It counts when all is merged: a section that
 * fails begins anew after a resume. */
void emit_limit_check(Emit *e, const Section *section) {
    const Graph *graph = e->graph->graph;
    cw_line(e->w, "if (used > %" PRIu64 ")", graph->limit);
    cw_line(e->w, "    return dfl__limit(ctx, %s, %" PRIu64 ");", section_id(e, section), graph->limit);
}

void emit_charged(Emit *e) {
    if (e->graph->graph->has_limit)
        cw_line(e->w, "%s = used;", count_lvalue(e, 0));
    cw_line(e->w, "return DFL_OK;");
}

void emit_need(Emit *e, const Section *section) {
    cw_line(e->w, "if (n_good < %" PRIu64 ")", section->need);
    cw_line(e->w, "    return dfl__too_few(ctx, %s, n_good, %" PRIu64 ");", section_id(e, section),
            section->need);
}

/* The faults of this section in written order, after the ones that the field held. */
void emit_faults(Emit *e, const Section *section) {
    const Field *field = section->settle;
    size_t k;
    cw_line(e->w, "dfl_fault_list faults = %s;", field_merges(field) ? "{0}" : lvalue(e, field));
    if (section->over) {
        cw_open(e->w, "for (uint32_t k = 0; rc == DFL_OK && k < n_chunks; k++)");
        cw_line(e->w, "rc = dfl_fault_list_append(ctx, &faults, &chunks[k].faults);");
        e->w->depth--;
    }
    for (k = 0; !section->over && k < section->n_branches; k++)
        then_call(e, NULL, say(e, "dfl_fault_list_append(ctx, &faults, &j.dfl_faults[%zu])", k));
    cw_line(e->w, "rc = dfl__merged(ctx, %s, rc);", section_id(e, section));
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    return rc;");
}

void emit_settled(Emit *e, const Section *section) {
    const Field *field = section->settle;
    if (field_merges(field))
        return;
    cw_line(e->w, "%s = faults;", lvalue(e, field));
    if (notes_writes(e, field))
        cw_line(e->w, "%s = true;", wrote_lvalue(e, field));
}
