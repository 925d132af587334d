/* each x in xs [...]: elements in chunks, one function a chunk. See section.c, note [three-way merge]. */
#include <inttypes.h>

#include "section.h"

/* What one element adds to its chunk. The parent's view is reached through the chunk's links. */
static void fold_element(Emit *e, const Slot *slot) {
    const Field *field = slot->field;
    const char *name = field->name;
    switch (slot->merge) {
    case MERGE_APPEND:
        then_call(e, NULL,
                  append_call(e, field->type, say(e, "f->added.%s", name),
                              say(e, "f->body.added.%s", name)));
        break;
    case MERGE_UNION:
    case MERGE_CUSTOM:
    case MERGE_SUM_FLOAT:
        then_call(e, NULL,
                  join_call(e, added_type(e, slot), say(e, "f->added.%s", name),
                            say(e, "f->body.added.%s", name)));
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

/* No updates yet, and where they will stand in the state if nobody else is there. */
static const char *none_added(Emit *e, const Slot *slot) {
    const Field *field = slot->field;
    if (!in_run(e) || !collects(field->type, slot->merge))
        return c_zero(e, added_type(e, slot));
    return say(e, "%s__behind(&%s)", field->type->c_name, lvalue(e, field));
}

/* A chunk begins with no updates. */
static void fork_chunk_slot(Emit *e, const Slot *slot) {
    const char *name = slot->field->name;
    if (slot->merge == MERGE_FOLD || slot->merge == MERGE_LAST)
        set_value(e, slot->field->type, say(e, "f->own.%s", name), lvalue(e, slot->field));
    if (slot->merge == MERGE_LAST)
        cw_line(e->w, "f->wrote.%s = false;", name);
    if (slot->added)
        cw_line(e->w, "f->added.%s = %s;", name, none_added(e, slot));
    if (slot->merge == MERGE_SUM_INT)
        cw_line(e->w, "f->sum.%s = (dfl__wide){0, 0};", name);
}

/* A fresh element forks; one that had parked goes on in the frame that was kept. */
static void fork_element(Emit *e, const RegionPlan *body) {
    cw_line(e->w, "ctx->index = (int64_t)i;");
    emit_fork_links(e, body->up, "f->body.", "f->s", "f->up");
    cw_line(e->w, "f->body.i = i;");
    cw_open(e->w, "if (f->body.at == DFL__FRESH) {");
    cw_line(e->w, "f->body.inner = (dfl_bytes){0};");
    emit_fork_branch(e, body, "f->body.", e->graph->graph->has_limit ? "f->steps_before" : NULL,
                     "f->added.");
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
                body->fn, section_branch_label(e, body->region));
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
        cw_line(e->w, "f->steps += f->body.count[0] - f->steps_before%s;",
                section->settle ? " + !good" : "");
    cw_line(e->w, "f->body.at = DFL__FRESH;");
    cw_line(e->w, "f->next = i + 1;");
    if (saves_every_node(e)) {
        cw_line(e->w, "if (DFL__RARELY(ctx->flags & DFL__COUNT))");
        cw_line(e->w, "    dfl__element_done(ctx, f->next - f->from);");
    }
    e->w->depth--;
    cw_open(e->w, "} else if (rc != DFL__SAVING) {");
    cw_line(e->w, "rc = %s_split(ctx, f, i, rc);", plan->chunk_fn);
    cw_close(e->w, "}");
}

/* note [chunks that stop]
 * When an element parks, the chunk is kept as three: the elements before it, which are done; the
 * element, with its frame; and what follows, on which the function goes on. When an element fails
 * for good, what follows is still to do; and where one before it has parked, the failure waits for that (note
 * [a failure beside a pause]). */
static void emit_split(Emit *e, const SectionPlan *plan) {
    const char *frame = plan->frame;
    cw_open(e->w, "static int %s_split(dfl_ctx *ctx, struct %s *f, uint64_t i, int rc) {",
            plan->chunk_fn, frame);
    cw_line(e->w, "struct %s *whole;", frame);
    cw_line(e->w, "int kept = DFL_OK;");
    cw_line(e->w, "const size_t items_n = f->items.n;");
    cw_line(e->w, "const bool waits = items_n > 0 && dfl__fails_again(rc);");
    cw_blank(e->w);
    cw_line(e->w, "if (waits)");
    cw_line(e->w, "    rc = dfl__join_parked(ctx, rc);");
    cw_line(e->w, "if (!dfl__keeps(ctx, rc))");
    cw_line(e->w, "    return rc;");
    cw_line(e->w, "whole = (struct %s *)dfl__run_alloc(ctx, sizeof *whole);", frame);
    cw_line(e->w, "if (!whole)");
    cw_line(e->w, "    return dfl__not_kept(ctx, rc, DFL_ENOMEM);");
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
    cw_open(e->w, "if (kept != DFL_OK) { /* some of the three are worse than the chunk as it was */");
    cw_line(e->w, "whole->items = f->items;");
    cw_line(e->w, "whole->items.n = items_n;");
    cw_line(e->w, "*f = *whole;");
    cw_line(e->w, "return dfl__not_kept(ctx, rc, kept);");
    cw_close(e->w, "}");
    cw_line(e->w, "/* still to do: all behind it */");
    cw_line(e->w, "%s_begin(f, i + 1, whole->to);", plan->chunk_fn);
    cw_line(e->w, "return rc == DFL_PAUSED && !waits ? DFL_OK : rc;");
    cw_close(e->w, "}");
    cw_blank(e->w);
}

/* A chunk with nothing done yet; its links and its items stay. */
static void emit_chunk_begin(Emit *e, const SectionPlan *plan) {
    const RegionPlan *body = section_branch(e, plan->section, 0), *around = e->region;
    size_t i;
    cw_open(e->w, "static void %s_begin(struct %s *f, uint64_t from, uint64_t to) {",
            plan->chunk_fn, plan->frame);
    cw_line(e->w, "f->at = DFL__FRESH;");
    cw_line(e->w, "f->from = f->next = from;");
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

static const char *over_count(Emit *e, const Section *section) {
    const Type *type = section->over->type;
    if (type->kind == TY_ARRAY)
        return say(e, "%" PRIu32, type->count);
    return say(e, "%s.len", c_expr(e, section->over));
}

/* On a rank the state came by one message, and the chunk by another. */
static void emit_chunk_check(Emit *e, const SectionPlan *plan) {
    if (!section_is_spread(e, plan->section))
        return;
    if (plan->section->over->type->kind != TY_ARRAY)
        cw_line(e->w, "const %s_state *const s = f->s;", e->graph->graph->c_name);
    cw_line(e->w, "if (f->to > %s)", over_count(e, plan->section));
    cw_line(e->w, "    return dfl__no_elements(ctx);");
}

static void emit_chunk(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const RegionPlan *body = section_branch(e, section, 0), *around = e->region;
    emit_chunk_begin(e, plan);
    emit_split(e, plan);
    cw_line(e->w, "/* %s: the elements from f->from to f->to */", where(e, section->span));
    cw_open(e->w, "static int %s(dfl_ctx *ctx, void *frame) {", plan->chunk_fn);
    cw_line(e->w, "struct %s *f = (struct %s *)frame;", plan->frame, plan->frame);
    cw_line(e->w, "const dfl__around around = {ctx->index, ctx->around};");
    if (section_catches_errors(e, section))
        cw_line(e->w, "const dfl_error outer_error = *dfl_last_error(ctx);");
    cw_line(e->w, "int rc = DFL_OK;");
    cw_blank(e->w);
    cw_line(e->w, "if (f->at == DFL__DONE)");
    cw_line(e->w, "    return DFL_OK;");
    emit_chunk_check(e, plan);
    cw_line(e->w, "ctx->around = &around;");
    cw_open(e->w, "for (uint64_t i = f->next; rc == DFL_OK && i < f->to; i++) {");
    e->region = body;
    e->view = around;
    e->view_path = "f->up->";
    emit_element(e, plan, body);
    e->region = around;
    e->view = NULL;
    if (section_catches_errors(e, section))
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

static void fork_chunks(Emit *e, const SectionPlan *plan) {
    cw_open(e->w, "for (uint32_t k = 0; k < n_chunks; k++) {");
    cw_line(e->w, "struct %s *c = &chunks[k];", plan->frame);
    cw_line(e->w, "memset(c, 0, sizeof *c);");
    emit_fork_links(e, e->region, "c->", section_state(e), "f");
    if (e->graph->graph->has_limit)
        cw_line(e->w, "c->steps_before = steps;");
    cw_line(e->w, "%s_begin(c, n * k / n_chunks, n * (k + 1) / n_chunks);", plan->chunk_fn);
    cw_line(e->w, "if (DFL__RARELY(taken.at != NULL)) {");
    cw_line(e->w, "    rc = dfl__take_item(ctx, &taken, &%s_type, c);", plan->frame);
    cw_line(e->w, "    if (rc == DFL_OK)");
    cw_line(e->w, "        rc = dfl__taken_range(ctx, k > 0 ? chunks[k - 1].to : 0, c->from, c->next, c->to,");
    cw_line(e->w, "                              k + 1 < n_chunks, n);");
    cw_line(e->w, "    if (rc != DFL_OK)");
    cw_line(e->w, "        return rc;");
    cw_line(e->w, "}");
    cw_close(e->w, "}");
}

/* Chunks on this thread, one after the other; several only after a resume. */
static void run_chunk(Emit *e, const SectionPlan *plan) {
    bool catches = section_catches_errors(e, plan->section);
    cw_line(e->w, "dfl_type all = {.kind = DFL_KIND_ARRAY, .n = n_chunks, .elem = &%s_type};",
            plan->frame);
    cw_line(e->w, "dfl__root root = {chunks, &all, ctx->roots};");
    if (catches)
        section_note_error(e);
    cw_line(e->w, "all.size = n_chunks * sizeof *chunks;");
    cw_line(e->w, "ctx->roots = &root;");
    cw_line(e->w, "for (uint32_t k = 0; rc == DFL_OK && k < n_chunks; k++)");
    cw_line(e->w, "    rc = dfl__parked(%s(ctx, &chunks[k]), &parked);", plan->chunk_fn);
    cw_line(e->w, "ctx->roots = root.next;");
    if (catches)
        cw_line(e->w, "ctx->outer = outer.out;");
}

static void run_chunks(Emit *e, const SectionPlan *plan) {
    cw_line(e->w, "rc = dfl__parked(%s(ctx, &%s_each, chunks, n_chunks, ended), &parked);",
            section_runner(e, plan->section), plan->fn);
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

/* Without an element it is a step itself: a loop around it comes to its limit, too. */
static void charge_chunks(Emit *e, const Section *section) {
    bool may_be_none = section->over->type->kind != TY_ARRAY;
    cw_line(e->w, "uint64_t used = %s;", may_be_none ? "n ? steps : steps + 1" : "steps");
    cw_line(e->w, "for (uint32_t k = 0; k < n_chunks; k++)");
    cw_line(e->w, "    used += chunks[k].steps;");
    emit_limit_check(e, section);
}

static void emit_chunk_count(Emit *e, const SectionPlan *plan) {
    const char *work = say(e, "INT64_C(%" PRId64 ")", plan->cost->work_ns);
    const char *on_ranks = "";
    if (section_asks_ranks(e, plan->section)) {
        cw_line(e->w, "const bool spread = %s;", section_pays_on_ranks(e, plan, "n"));
        on_ranks = say(e, "spread ? dfl__rank_chunks(ctx, n, %s) : ", work);
    }
    if (plan->cost->run == RUN_THREADS)
        cw_line(e->w, "uint32_t n_chunks = dfl__%s(ctx, n, %s);",
                section_is_spread(e, plan->section) ? "rank_chunks" : "chunks", work);
    else
        cw_line(e->w,
                "uint32_t n_chunks = %sdfl__pays_each(ctx, %s_from, n, %s) ? dfl__chunks(ctx, n, %s) "
                ": 1;",
                on_ranks, plan->fn, work, work);
}

static void emit_each_storage(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    cw_line(e->w, "const uint64_t n = %s;", over_count(e, section));
    if (plan->cost->threads)
        emit_chunk_count(e, plan);
    else
        cw_line(e->w, "uint32_t n_chunks = 1;");
    if (section_is_large(e, section))
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
    if (!section_is_large(e, plan->section))
        cw_open(e->w, "if (n_chunks > 1) {");
    cw_line(e->w, "chunks = (struct %s *)dfl_alloc(ctx, n_chunks * sizeof *chunks);", plan->frame);
    if (plan->cost->threads)
        cw_line(e->w, "ended = (dfl__ended **)dfl_alloc(ctx, n_chunks * sizeof *ended);");
    cw_line(e->w, plan->cost->threads ? "if (!chunks || !ended)" : "if (!chunks)");
    cw_line(e->w, "    return dfl__merged(ctx, %s, DFL_OK);", section_id(e, plan->section));
    if (plan->cost->threads)
        cw_line(e->w, "memset(ended, 0, n_chunks * sizeof *ended);");
    if (!section_is_large(e, plan->section))
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
    cw_line(e->w, "rc = dfl__joined(ctx, rc, parked);");
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
    emit_charged(e);
}

void emit_each_section(Emit *e, const SectionPlan *plan) {
    emit_chunk(e, plan);
    emit_section_function(e, plan, emit_each_body);
    cw_blank(e->w);
}
