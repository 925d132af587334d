/* Updates into the current region: the state, or a branch's own view of it and its collection of
 * updates for the join.
 *
 * note [all or nothing]
 * The updates of a node, and those of a section, are committed together or not at all. What can
 * fail comes first: each target is saved, and put back when a later one fails. What cannot fail
 * comes after everything else has succeeded. */
#include "emit.h"

#include <inttypes.h>

bool merge_can_fail(Emit *e, Merge merge) {
    if (merge == MERGE_SUM_FLOAT)
        return !in_run(e); /* a branch collects them in a list */
    return merge == MERGE_SUM_INT || merge == MERGE_APPEND || merge == MERGE_UNION ||
           merge == MERGE_CUSTOM;
}

/* In the current region: whether there is a value to merge into, and updates to collect. */
static bool has_own(Emit *e, const Field *field) {
    const Slot *slot = region_slot(e->region, field);
    return in_run(e) || (slot && slot->own);
}

static bool has_added(Emit *e, const Field *field) {
    const Slot *slot = region_slot(e->region, field);
    return slot && slot->added;
}

bool notes_writes(Emit *e, const Field *field) {
    const Slot *slot = region_slot(e->region, field);
    return slot && slot->wrote;
}

void save_target(Emit *e, const Field *field) {
    if (has_own(e, field))
        cw_line(e->w, "const %s %s_was = %s;", field->type->c_name, field->name, lvalue(e, field));
    if (has_added(e, field)) {
        const Slot *slot = region_slot(e->region, field);
        cw_line(e->w, "const %s %s_was_added = %s;", added_type(e, slot)->c_name, field->name,
                added_lvalue(e, field));
    }
}

void restore_target(Emit *e, const Field *field) {
    if (has_own(e, field))
        cw_line(e->w, "%s = %s_was;", lvalue(e, field), field->name);
    if (has_added(e, field))
        cw_line(e->w, "%s = %s_was_added;", added_lvalue(e, field), field->name);
}

void then_call(Emit *e, const char *condition, const char *call) {
    cw_line(e->w, "if (rc == DFL_OK%s%s)", condition ? " && " : "", condition ? condition : "");
    cw_line(e->w, "    rc = %s;", call);
}

bool collects(const Type *type, Merge merge) {
    bool text = type->kind == TY_STRING || type->kind == TY_BYTES;
    return merge == MERGE_UNION || (merge == MERGE_APPEND && !text);
}

const char *join_call(Emit *e, const Type *type, const char *to, const char *value) {
    return say(e, "dfl__handed_over(ctx, %s__join(ctx, &%s, &%s))", type->c_name, to, value);
}

const char *append_call(Emit *e, const Type *type, const char *to, const char *value) {
    if (type->kind == TY_STRING)
        return say(e, "dfl__append_str(ctx, &%s, %s)", to, value);
    if (type->kind == TY_BYTES)
        return say(e, "dfl__append_bytes(ctx, &%s, %s)", to, value);
    return join_call(e, type, to, value);
}

/* What nodes wrote through lists of their own is another's now, which nobody may change in place: a new epoch. Of
 * joins in a row one at the end is enough, as nothing else happens between them. */
static const char *join_in_row(Emit *e, const Update *update, const char *to) {
    return say(e, "%s__join(ctx, &%s, &%s)", update->field->type->c_name, to, update->value);
}

const char *merge_target(Emit *e, const Field *field) {
    return has_added(e, field) ? added_lvalue(e, field) : lvalue(e, field);
}

void emit_expect(Emit *e, const Field *field, Merge merge, size_t n) {
    if (collects(field->type, merge) && !has_added(e, field))
        cw_line(e->w, "%s__expect(ctx, &%s, %zu);", field->type->c_name, lvalue(e, field), n);
}

static const char *merge_call(Emit *e, const Update *update, const char *to) {
    const Field *field = update->field;
    if (update->in_row && collects(field->type, update->merge))
        return join_in_row(e, update, to);
    switch (update->merge) {
    case MERGE_SUM_INT:
        return say(e, "dfl__sum_%s(ctx, &%s, %s, \"%s\")", number_stem(field->type), to,
                   update->value, field->name);
    case MERGE_APPEND:
        return append_call(e, field->type, to, update->value);
    case MERGE_UNION:
        return join_call(e, field->type, to, update->value);
    default:
        return say(e, "%s(ctx, &%s, &%s)", field->reducer_fn, to, update->value);
    }
}

static void add_float(Emit *e, const Update *update, const char *to) {
    cw_line(e->w, "if (rc == DFL_OK%s%s)", update->condition ? " && " : "",
            update->condition ? update->condition : "");
    cw_line(e->w, "    %s += %s;", to, update->value);
}

void merge_fallible(Emit *e, const Update *update) {
    const Field *field = update->field;
    if (update->merge == MERGE_SUM_FLOAT && has_own(e, field))
        add_float(e, update, lvalue(e, field));
    else if (has_own(e, field))
        then_call(e, update->condition, merge_call(e, update, lvalue(e, field)));
    if (!has_added(e, field))
        return;
    if (update->merge == MERGE_CUSTOM || update->merge == MERGE_SUM_FLOAT)
        then_call(e, update->condition,
                  say(e, "%s_push(ctx, &%s, %s)", plan_list_type(e->plan, field->type)->c_name,
                      added_lvalue(e, field), update->value));
    else
        then_call(e, update->condition, merge_call(e, update, added_lvalue(e, field)));
}

void merge_fold(Emit *e, const Update *update, const char *to) {
    const char *guard = update->condition ? say(e, "%s && ", update->condition) : "";
    switch (update->field->reducer) {
    case RD_MIN:
        cw_line(e->w, "if (%s%s < %s)", guard, update->value, to);
        cw_line(e->w, "    %s = %s;", to, update->value);
        break;
    case RD_MAX:
        cw_line(e->w, "if (%s%s > %s)", guard, update->value, to);
        cw_line(e->w, "    %s = %s;", to, update->value);
        break;
    case RD_AND:
        cw_line(e->w, "if (%s!%s)", guard, update->value);
        cw_line(e->w, "    %s = false;", to);
        break;
    default:
        cw_line(e->w, "if (%s%s)", guard, update->value);
        cw_line(e->w, "    %s = true;", to);
        break;
    }
}

static void replace(Emit *e, const Update *update) {
    const Field *field = update->field;
    if (update->condition)
        cw_open(e->w, "if (%s) {", update->condition);
    set_value(e, field->type, lvalue(e, field), update->value);
    if (notes_writes(e, field))
        cw_line(e->w, "%s = true;", wrote_lvalue(e, field));
    if (update->condition)
        cw_close(e->w, "}");
}

void merge_plain(Emit *e, const Update *update) {
    const Field *field = update->field;
    if (merge_can_fail(e, update->merge))
        return;
    switch (update->merge) {
    case MERGE_FOLD:
        merge_fold(e, update, lvalue(e, field));
        break;
    case MERGE_SUM_FLOAT:
        if (update->condition)
            cw_line(e->w, "if (%s)", update->condition);
        cw_line(e->w, "%s%s += %s;", update->condition ? "    " : "", lvalue(e, field),
                update->value);
        break;
    case MERGE_REPLACE:
    case MERGE_LAST:
        replace(e, update);
        break;
    default:
        break;
    }
}
