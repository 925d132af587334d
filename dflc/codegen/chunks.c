/* Sections of many small branches, of which a thread takes several at a time: each such chunk is a function.
 *
 * note [whole chunks]
 * As a task of its own a branch costs a ctx, and its frame goes to another CPU and back. So where a chunk is of
 * several neighbours, one function forks the frames of its branches, where they are used, runs them one after
 * another as a section that runs inline does, and adds up what they add to numbers:
 *
 *     static int g__s1_dfl_chunk2(dfl_ctx *ctx, void *frames)
 *         fork(b4 b5 b6)  ->  b4, b5, b6  ->  dfl_chunks[1] = b4 + b5 + b6
 *
 * The join reads one number of each chunk then, and what does not come to the same in whatever groups it is taken
 * (floats, texts, lists, reducers of the program) from the frames. Chunks are of neighbours, so the lowest chunk that
 * fails has the lowest branch that does.
 *
 * The frames are those that an inline run has, and so is all that is kept of the section. On the way back from that
 * the section has forked them; and a chunk that is not begun, as one before it has failed, forks its frames without
 * running them.
 *
 * A branch that may save before the join, or go to a rank, is a task of its own, and so are those of a section that
 * settles. */
#include <inttypes.h>
#include <string.h>

#include "section.h"

/* ---- which branches ---- */

/* In written order, as are its branches. */
typedef struct Chunk {
    const SectionPlan *plan;
    size_t from, to; /* branches */
    uint32_t index;
} Chunk;

/* Found once for a section, as all branches are looked at for it. */
struct Chunks {
    Chunk *all;
    uint32_t n;
    uint32_t *order;       /* of the chunks, as they are handed out */
    uint32_t *ends;        /* one chunk each: 1, 2, 3 */
    const Slot **folded;   /* what they add up, a slot a field: of the first branch that has one */
    size_t n_folded, cap_folded;
};

static bool has_chunks(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    return plan->cost->threads && plan->cost->whole_chunks && !section_is_spread(e, section) &&
           !section_saves(e, section);
}

static void find_branches(Emit *e, const SectionPlan *plan, struct Chunks *chunks) {
    const SectionCost *cost = plan->cost;
    uint32_t n = cost->n_chunks;
    chunks->n = n;
    chunks->all = ARENA_ARRAY(e->arena, Chunk, n);
    chunks->order = ARENA_ARRAY(e->arena, uint32_t, n);
    chunks->ends = ARENA_ARRAY(e->arena, uint32_t, n);
    for (uint32_t rank = 0; rank < n; rank++) {
        uint32_t first = rank ? cost->chunk_end[rank - 1] : 0, index = 0;
        size_t from = cost->order[first];
        for (uint32_t k = 0; k < n; k++)
            index += cost->order[k ? cost->chunk_end[k - 1] : 0] < from;
        chunks->all[index] = (Chunk){plan, from, from + cost->chunk_end[rank] - first, index};
        chunks->order[rank] = index;
        chunks->ends[rank] = rank + 1;
    }
}

bool chunks_fold(const Slot *slot) {
    return slot->merge == MERGE_SUM_INT || slot->merge == MERGE_FOLD;
}

static void find_folded(Emit *e, const SectionPlan *plan, struct Chunks *chunks) {
    StrMap seen = {0};
    for (size_t k = 0; k < plan->section->n_branches; k++) {
        const RegionPlan *branch = section_branch(e, plan->section, k);
        for (size_t i = 0; i < branch->n_slots; i++) {
            const Slot *slot = &branch->slots[i];
            if (!chunks_fold(slot) || strmap_get(&seen, slot->field->name))
                continue;
            strmap_put(&seen, e->arena, slot->field->name, (void *)(uintptr_t)slot);
            ARENA_PUSH(e->arena, chunks->folded, chunks->n_folded, chunks->cap_folded, slot);
        }
    }
}

void find_chunks(Emit *e) {
    for (size_t i = 0; i < e->graph->graph->n_sections; i++) {
        SectionPlan *plan = &e->graph->sections[i];
        struct Chunks *chunks;
        if (!has_chunks(e, plan))
            continue;
        chunks = ARENA_ARRAY(e->arena, struct Chunks, 1);
        *chunks = (struct Chunks){0};
        find_branches(e, plan, chunks);
        find_folded(e, plan, chunks);
        plan->chunks = chunks;
    }
}

static const RegionPlan *branch_of(Emit *e, const Chunk *chunk, size_t k) {
    return section_branch(e, chunk->plan->section, k);
}

static const char *branches_text(Emit *e, const Chunk *chunk) {
    const char *first = branch_of(e, chunk, chunk->from)->region->label;
    const char *last = branch_of(e, chunk, chunk->to - 1)->region->label;
    return say(e, "%s: %s to %s", where(e, chunk->plan->section->span), in_comment(e, first),
               in_comment(e, last));
}

/* ---- what chunks add up ---- */

static bool has_folds(Emit *e, const SectionPlan *plan) {
    return e->graph->graph->has_limit || plan->chunks->n_folded > 0;
}

static void emit_fold_members(Emit *e, const struct Chunks *chunks, Merge merge, const char *part) {
    bool any = false;
    for (size_t i = 0; i < chunks->n_folded; i++) {
        const Field *field = chunks->folded[i]->field;
        if (chunks->folded[i]->merge != merge)
            continue;
        if (!any)
            cw_open(e->w, "struct {");
        any = true;
        cw_line(e->w, "%s;",
                merge == MERGE_SUM_INT ? say(e, "dfl__wide %s", field->name)
                                       : c_declare(e, field->type, field->name));
    }
    if (any)
        cw_close(e->w, "} %s;", part);
}

/* Beside branches, which may have any name but such. */
void emit_chunk_members(Emit *e, const SectionPlan *plan) {
    const RegionPlan *around = &e->graph->regions[plan->section->place->region->index];
    cw_open(e->w, "struct {");
    if (around->frame)
        cw_line(e->w, "const struct %s *f;", around->frame);
    else
        cw_line(e->w, "const %s_state *s;", e->graph->graph->c_name);
    if (e->graph->graph->has_limit)
        cw_line(e->w, "uint64_t steps;");
    cw_line(e->w, "bool forked;   /* by the section: chunks find their frames as they are */");
    cw_close(e->w, "} dfl_around;");
    if (!has_folds(e, plan))
        return;
    cw_open(e->w, "struct {");
    emit_fold_members(e, plan->chunks, MERGE_SUM_INT, "sum");
    emit_fold_members(e, plan->chunks, MERGE_FOLD, "own");
    if (e->graph->graph->has_limit)
        cw_line(e->w, "uint64_t steps;");
    cw_line(e->w, "char apart[DFL__CACHE_LINES];   /* no two threads write to one line */");
    cw_close(e->w, "} dfl_chunks[%" PRIu32 "];   /* what their branches have added */",
             plan->chunks->n);
}

/* ---- the functions of a chunk ---- */

static const char *chunk_function(Emit *e, const Chunk *chunk, const char *what) {
    return say(e, "%s_dfl_%s%" PRIu32, chunk->plan->fn, what, chunk->index + 1);
}

typedef void ChunkBody(Emit *e, const Chunk *chunk);

/* The body reaches the section's frames as `j`, and what is around as the section's own function does. */
static void emit_with_frames(Emit *e, const Chunk *chunk, const char *head, ChunkBody *body) {
    CWriter *out = begin_apart(e), *text;
    body(e, chunk);
    text = end_apart(e, out);
    cw_open(e->w, "%s {", head);
    cw_line(e->w, "struct %s *const all = (struct %s *)frames;", chunk->plan->frame,
            chunk->plan->frame);
    if (e->used_state)
        cw_line(e->w, "const %s_state *const s = j.dfl_around.s;", e->graph->graph->c_name);
    if (e->used_frame)
        cw_line(e->w, "const struct %s *const f = j.dfl_around.f;", e->region->frame);
    cw_verbatim(e->w, text->text, text->n);
    cw_close(e->w, "}");
    cw_blank(e->w);
}

static void fork_body(Emit *e, const Chunk *chunk) {
    const char *steps = e->graph->graph->has_limit ? "j.dfl_around.steps" : NULL;
    cw_blank(e->w);
    for (size_t k = chunk->from; k < chunk->to; k++)
        emit_branch_fork(e, chunk->plan->section, k, steps);
}

static void add_up_sum(Emit *e, const Chunk *chunk, const Field *field) {
    const char *sign = type_is_unsigned(field->type) ? "unsigned" : "signed";
    cw_line(e->w, "dfl__wide %s_sum = {0, 0};", field->name);
    for (size_t k = chunk->from; k < chunk->to; k++) {
        const RegionPlan *branch = branch_of(e, chunk, k);
        if (region_slot(branch, field))
            cw_line(e->w, "dfl__wide_add_%s(&%s_sum, j.%s.own.%s, %s);", sign, field->name,
                    branch->member, field->name, lvalue(e, field));
    }
    cw_line(e->w, "j.dfl_chunks[%" PRIu32 "].sum.%s = %s_sum;", chunk->index, field->name,
            field->name);
}

static void add_up_fold(Emit *e, const Chunk *chunk, const Field *field) {
    const char *to = say(e, "%s_all", field->name);
    cw_line(e->w, "%s %s = %s;", field->type->c_name, to, lvalue(e, field));
    for (size_t k = chunk->from; k < chunk->to; k++) {
        const RegionPlan *branch = branch_of(e, chunk, k);
        Update update = {field, MERGE_FOLD, say(e, "j.%s.own.%s", branch->member, field->name),
                         NULL, false};
        if (region_slot(branch, field))
            merge_fold(e, &update, to);
    }
    cw_line(e->w, "j.dfl_chunks[%" PRIu32 "].own.%s = %s;", chunk->index, field->name, to);
}

static void add_up_body(Emit *e, const Chunk *chunk) {
    const struct Chunks *chunks = chunk->plan->chunks;
    if (e->graph->graph->has_limit)
        cw_line(e->w, "uint64_t used = 0;");
    cw_blank(e->w);
    for (size_t i = 0; i < chunks->n_folded; i++) {
        if (chunks->folded[i]->merge == MERGE_SUM_INT)
            add_up_sum(e, chunk, chunks->folded[i]->field);
        else
            add_up_fold(e, chunk, chunks->folded[i]->field);
    }
    if (!e->graph->graph->has_limit)
        return;
    for (size_t k = chunk->from; k < chunk->to; k++)
        cw_line(e->w, "used += j.%s.count[0] - j.dfl_around.steps;",
                branch_of(e, chunk, k)->member);
    cw_line(e->w, "j.dfl_chunks[%" PRIu32 "].steps = used;", chunk->index);
}

static void run_body(Emit *e, const Chunk *chunk) {
    bool catches = section_catches_errors(e, chunk->plan->section);
    if (catches)
        cw_line(e->w, "const dfl_error outer_error = *dfl_last_error(ctx);");
    cw_line(e->w, "bool parked = false;");
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    cw_line(e->w, "if (!j.dfl_around.forked)");
    cw_line(e->w, "    %s(frames);", chunk_function(e, chunk, "fork"));
    for (size_t k = chunk->from; k < chunk->to; k++) {
        emit_branch_call(e, chunk->plan->section, k, k == chunk->from);
        if (catches)
            cw_line(e->w, "dfl__set_last_error(ctx, &outer_error);");
    }
    cw_line(e->w, "rc = dfl__joined(ctx, rc, parked);");
    if (has_folds(e, chunk->plan)) {
        cw_line(e->w, "if (rc == DFL_OK)");
        cw_line(e->w, "    %s(frames);", chunk_function(e, chunk, "add"));
    }
    cw_line(e->w, "return rc;");
}

static void emit_chunk_functions(Emit *e, const Chunk *chunk) {
    cw_line(e->w, "/* %s, begun */", branches_text(e, chunk));
    emit_with_frames(e, chunk,
                     say(e, "static void %s(void *frames)", chunk_function(e, chunk, "fork")),
                     fork_body);
    if (has_folds(e, chunk->plan)) {
        cw_line(e->w, "/* %s: what they have added, in one */", branches_text(e, chunk));
        emit_with_frames(e, chunk,
                         say(e, "static void %s(void *frames)", chunk_function(e, chunk, "add")),
                         add_up_body);
    }
    cw_line(e->w, "/* %s, one after another */", branches_text(e, chunk));
    emit_with_frames(
        e, chunk,
        say(e, "static int %s(dfl_ctx *ctx, void *frames)", chunk_function(e, chunk, "chunk")),
        run_body);
}

/* ---- tables ---- */

/* For reclaiming: the frames of a chunk's branches, seen from where all frames of the section begin. */
static void emit_chunk_types(Emit *e, const SectionPlan *plan) {
    const char *frame = plan->frame;
    cw_open(e->w, "static const dfl_type %s_dfl_types[] = {", plan->fn);
    for (uint32_t k = 0; k < plan->chunks->n; k++) {
        const Chunk *chunk = &plan->chunks->all[k];
        cw_line(e->w,
                "{.kind = DFL_KIND_STRUCT, .is_frame = true, .name = \"%s\", .size = sizeof(struct "
                "%s),",
                frame, frame);
        cw_line(e->w, " .n = %zu, .members = &%s_members[%zu]},", chunk->to - chunk->from, frame,
                chunk->from);
    }
    cw_close(e->w, "};");
}

static void emit_list(Emit *e, const char *head, const struct Chunks *chunks,
                      const char *item(Emit *e, const Chunk *chunk)) {
    cw_open(e->w, "%s = {", head);
    for (uint32_t k = 0; k < chunks->n; k++)
        cw_line(e->w, "%s,", item(e, &chunks->all[k]));
    cw_close(e->w, "};");
}

static const char *task_item(Emit *e, const Chunk *chunk) {
    return say(e, "{%s, &%s_dfl_types[%" PRIu32 "], 0}", chunk_function(e, chunk, "chunk"),
               chunk->plan->fn, chunk->index);
}

static const char *fork_item(Emit *e, const Chunk *chunk) {
    return chunk_function(e, chunk, "fork");
}

void emit_chunks(Emit *e, const SectionPlan *plan) {
    const struct Chunks *chunks = plan->chunks;
    const char *fn = plan->fn;
    cw_margin(e->w, "#define j (*all)");
    for (uint32_t k = 0; k < chunks->n; k++)
        emit_chunk_functions(e, &chunks->all[k]);
    cw_margin(e->w, "#undef j");
    emit_chunk_types(e, plan);
    emit_list(e, say(e, "static const dfl__task %s_tasks[]", fn), chunks, task_item);
    emit_list(e, say(e, "static void (*const %s_dfl_forks[])(void *frames)", fn), chunks, fork_item);
    emit_handed_out(e, plan, &(HandedOut){chunks->order, chunks->n, chunks->ends, chunks->n,
                                          say(e, "false, .forks = %s_dfl_forks", fn)});
}

/* ---- in the section's function ---- */

static void call_each(Emit *e, const struct Chunks *chunks, const char *what) {
    for (uint32_t k = 0; k < chunks->n; k++)
        cw_line(e->w, "%s(&j);", chunk_function(e, &chunks->all[k], what));
}

void emit_chunks_forks(Emit *e, const SectionPlan *plan) {
    cw_line(e->w, "j.dfl_around.%s;", in_run(e) ? say(e, "s = %s", section_state(e)) : "f = f");
    e->used_frame |= !in_run(e);
    if (e->graph->graph->has_limit)
        cw_line(e->w, "j.dfl_around.steps = steps;");
    cw_line(e->w, "j.dfl_around.forked = %sctx->resume.n > 0;",
            plan->cost->run == RUN_EITHER ? "!threads || " : "");
    cw_open(e->w, "if (j.dfl_around.forked) {");
    call_each(e, plan->chunks, "fork");
    cw_close(e->w, "}");
}

void emit_chunks_added(Emit *e, const SectionPlan *plan) {
    if (plan->cost->run != RUN_EITHER || !has_folds(e, plan))
        return;
    cw_open(e->w, "if (!threads) {");
    call_each(e, plan->chunks, "add");
    cw_close(e->w, "}");
}
