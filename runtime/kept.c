/* Checkpoints from within a section that runs on threads.
 *
 * note [saves beside other branches]
 * A branch that has to save must not wait for the others: they may have long work to do. So it parks
 * by itself and saves the run as it stands: the state, which nobody changes until the join; the
 * section; and of each branch what it had when it saved last, which for those that never did is
 * what the fork gave them. That is a state that the run could have been in, as branches do not see
 * each other, and a resume runs what was not done in it.
 *
 *     branch 0    |---- a ----|save|---- b ----|
 *     branch 1    |------------- c ------------------|save|
 *
 *     first save   0: behind a        1: as at the fork
 *     second       0: behind a        1: behind c
 *
 * When a section runs within a branch of another one, the frames around it are packed where they lie:
 * their thread waits for the section. They tell in `at` that they stand at it, which the generated
 * code notes, and a line's roots say where they are. */
#include "kept.h"

#include "mem.h"

bool dfl__may_keep(const dfl_ctx *ctx) {
    const dfl__run *run = ctx->run;
    return run && dfl__saves_on_the_way(run) && !ctx->closed && (ctx == &run->ctx || ctx->kept);
}

/* ---- what is packed of a section ---- */

static int pack(dfl_buf *packed, const dfl_type *type, const void *frame) {
    packed->n = 0;
    return dfl__pack_frame(type, frame, packed);
}

static int pack_section(const dfl__keeping *all, dfl_buf *out) {
    int status = dfl__pack_kind(out, all->is_each ? DFL__ITEMS : DFL__BRANCHES);
    for (uint32_t k = 0; status == DFL_OK && k < all->n; k++) {
        const dfl_buf *packed = &all->branches[k].packed;
        if (packed->n == 0)
            continue;
        if (!all->is_each)
            status = dfl__pack_varint(out, k);
        if (status == DFL_OK)
            status = dfl__pack_block(out, packed->p, packed->n);
    }
    return status;
}

bool dfl__keeping_begin(dfl__keeping *all, dfl_ctx *ctx, uint32_t place, bool is_each, uint32_t n) {
    *all = (dfl__keeping){.ctx = ctx, .place = place, .n = n, .is_each = is_each, .running = n};
    all->branches = dfl__zalloc(n * sizeof *all->branches);
    return all->branches != NULL;
}

/* The items of an each must tell of all elements; of branches only what has begun counts. */
bool dfl__keeping_frame(dfl__keeping *all, uint32_t k, const dfl_type *type, const void *frame) {
    dfl__kept *kept = &all->branches[k];
    kept->all = all;
    if (!all->is_each && !dfl__has_begun(type, frame))
        return true;
    return pack(&kept->packed, type, frame) == DFL_OK;
}

void dfl__keeping_end(dfl__keeping *all) {
    if (all->at_risk_ns)
        all->ctx->at_risk_ns += all->at_risk_ns;
    for (uint32_t k = 0; k < all->n; k++)
        dfl_buf_free(&all->branches[k].packed);
    dfl__free(all->branches);
}

/* ---- what is around it ---- */

/* `inner` becomes what is packed with the frame at `root` around it. */
static int pack_around(const dfl__root *root, dfl_buf *inner, dfl_buf *out) {
    dfl_bytes *hole = dfl__standing(root->type, root->base);
    int status;
    if (!hole)
        return DFL_EINVAL;
    *hole = (dfl_bytes){inner->p, inner->n};
    out->n = 0;
    status = root->type->kind == DFL_KIND_ARRAY ? dfl__pack_items(root->type, root->base, out)
                                                : dfl__pack_frame(root->type, root->base, out);
    *hole = (dfl_bytes){NULL, 0};
    return status;
}

static void swap(dfl_buf *a, dfl_buf *b) {
    dfl_buf was = *a;
    *a = *b;
    *b = was;
}

static int pack_error(const dfl_error *error, dfl_buf *inner, dfl_buf *spare) {
    int status;
    spare->n = 0;
    status = dfl__pack_caught(spare, error, (dfl_bytes){inner->p, inner->n});
    swap(inner, spare);
    return status;
}

/* The frames of the line that a section is in, up to its last root: that of its branch, or the state
 * of the run. What the branch that an inline section is in caught last stands before what it holds; sections in
 * which nothing is caught share it with what is in them. That of the run is saved with the run. */
static int pack_line(const dfl_ctx *ctx, const dfl__root **root, dfl_buf *inner, dfl_buf *spare) {
    const dfl__outer *outer = ctx->outer;
    const dfl_error *error = ctx->last_error == &ctx->caught ? ctx->last_error : NULL;
    for (int status;; *root = (*root)->next) {
        bool is_last = !(*root)->next, is_in_branch = ctx->kept || !is_last;
        status = error && is_in_branch ? pack_error(error, inner, spare) : DFL_OK;
        if (status != DFL_OK || is_last)
            return status;
        status = pack_around(*root, inner, spare);
        swap(inner, spare);
        if (status != DFL_OK)
            return status;
        error = NULL;
        if (outer && outer->root == *root) {
            error = outer->error.status == DFL_OK ? NULL : &outer->error;
            outer = outer->out;
        }
    }
}

/* Counts what a branch has done since it was packed last. */
static void note_nodes(dfl__kept *kept, uint64_t nodes) {
    kept->all->nodes += nodes - kept->nodes;
    kept->nodes = nodes;
}

/* From a section outwards: *inner is what the outermost section or subgraph holds; *nodes, what its
 * branches have done. */
static int pack_all(const dfl__keeping *all, dfl_buf *inner, dfl_buf *spare, uint64_t *nodes) {
    int status;
    inner->n = 0;
    status = pack_section(all, inner);
    *nodes = all->nodes;
    while (status == DFL_OK) {
        dfl__kept *kept = all->ctx->kept;
        const dfl__root *root = all->ctx->roots;
        status = pack_line(all->ctx, &root, inner, spare);
        if (status != DFL_OK || !kept)
            break;
        status = pack_around(root, inner, spare);
        if (status != DFL_OK)
            break;
        swap(&kept->packed, spare);
        note_nodes(kept, all->ctx->nodes + *nodes);
        all = kept->all;
        *nodes = all->nodes;
        inner->n = 0;
        status = pack_section(all, inner);
    }
    return status;
}

static uint32_t outermost_place(const dfl_graph *graph, uint32_t place) {
    while (graph->places[place].section >= 0)
        place = (uint32_t)graph->places[place].section;
    return place;
}

/* ---- saving ---- */

static int not_packed(dfl_ctx *ctx, int status) {
    return dfl__failed(ctx, status, 0, DFL__NOWHERE, "%s",
                       status == DFL_ENOMEM ? "no memory to save what a branch has done"
                                            : "what a branch has done is too deep to be saved");
}

/* A save from this branch holds its own work, that of branches that have ended, here and around, and what
 * was done before they began. The lines around wait for their sections, so their counts may be written. */
static void nothing_is_at_risk(dfl_ctx *ctx) {
    ctx->at_risk_ns = 0;
    while (ctx->kept) {
        dfl__keeping *all = ctx->kept->all;
        all->at_risk_ns = 0;
        ctx = all->ctx;
        ctx->at_risk_ns = 0;
    }
}

static int save_all(dfl_ctx *ctx) {
    dfl__run *run = ctx->run;
    const dfl__keeping *all = ctx->kept->all;
    dfl_buf *inner = &run->packing[0];
    uint64_t nodes;
    int status = pack_all(all, inner, &run->packing[1], &nodes);
    if (status != DFL_OK)
        return not_packed(ctx, status);
    status = dfl__save_from(ctx, outermost_place(run->graph, all->place),
                            (dfl_bytes){inner->p, inner->n}, run->ctx.nodes + nodes);
    if (status == DFL_OK)
        nothing_is_at_risk(ctx);
    return status;
}

/* What was packed before stays where this fails: it is true of the branch as well. */
static int keep_branch(dfl_ctx *ctx, const dfl_type *type, const void *frame) {
    dfl_buf *fresh = &ctx->run->packing[0];
    int status = pack(fresh, type, frame);
    if (status != DFL_OK)
        return not_packed(ctx, status);
    swap(&ctx->kept->packed, fresh);
    note_nodes(ctx->kept, ctx->nodes);
    return DFL_OK;
}

int dfl__kept_save(dfl_ctx *ctx, const dfl_type *type, void *frame) {
    dfl__run *run = ctx->run;
    int status;
    dfl__lock(&run->save_lock);
    status = keep_branch(ctx, type, frame);
    if (status == DFL_OK)
        status = save_all(ctx);
    dfl__unlock(&run->save_lock);
    if (status != DFL_OK)
        return status;
    dfl__line_blocks_keep(ctx, dfl__standing(type, frame)->p);
    ctx->flags &= ~DFL__SAVE;
    ctx->reentered = true;
    return DFL_OK;
}

/* The last one to end leaves its save to what is around the section, which goes on at once. For the
 * others the section is ahead: what all that have ended have at risk counts as before it. Of a chunk
 * that paused the parts are not in its frame: it stays as it was saved last. */
int dfl__kept_ended(dfl_ctx *ctx, const dfl_type *type, void *frame, int status) {
    dfl__run *run = ctx->run;
    dfl__keeping *all = ctx->kept->all;
    bool due;
    int saved;
    dfl__lock(&run->save_lock);
    ctx->at_risk_ns += all->at_risk_ns;
    due = status == DFL_OK && dfl__branch_save_is_due(ctx, all->place);
    saved = all->is_each && status == DFL_PAUSED ? DFL_OK : keep_branch(ctx, type, frame);
    if (--all->running > 0 && due && saved == DFL_OK) {
        saved = save_all(ctx);
        ctx->flags &= ~DFL__SAVE;
    }
    all->at_risk_ns = ctx->at_risk_ns;
    ctx->at_risk_ns = 0;
    dfl__unlock(&run->save_lock);
    return saved == DFL_OK ? status : saved;
}
