/* Where a run stands: a tree of positions, packed when it stops (dfl.h, "a tree of positions").
 *
 *     outermost   at: fan                        run->at, run->inner
 *                     |  packed frames of fan:
 *       branch 0      at: done
 *       branch 1      at: inner                  f->at, f->inner
 *                         |  packed frame of what `inner` runs:
 *                         at: ask
 *
 * A packed frame begins with the mark of its type, so that no frame is read as another's.
 *
 * note [what is not taken yet]
 * A run that goes on hands packed frames down in ctx->resume; the section or subgraph takes them.
 * When the run stops before that (cancelled, say), they are still where it stands: parking keeps
 * them as it keeps ctx->inner. The same goes for a pause that is over but has not been passed. */
#include <stdalign.h>

#include "internal.h"
#include "mem.h"

/* ---- memory of a run ---- */

/* A list through all blocks of a run, from any of its threads; run->lock guards it. */
typedef struct Block {
    struct Block *before, *after;
    const struct dfl__kept *of; /* the branch on threads that made it, where that saves by itself */
    dfl__heap *heap;            /* that it is from */
} Block;

enum {
    ALIGN = alignof(max_align_t),
    BLOCK_HEAD =
        (sizeof(Block) + ALIGN - 1) / ALIGN * ALIGN /* what a block holds is aligned for anything */
};

static Block *block_of(const void *p) {
    return (Block *)((uintptr_t)p - BLOCK_HEAD);
}

static void *bytes_of(Block *block) {
    return (char *)block + BLOCK_HEAD;
}

static void link_block(dfl__run *run, Block *block) {
    dfl__lock(&run->lock);
    block->before = NULL;
    block->after = run->blocks;
    if (block->after)
        block->after->before = block;
    run->blocks = block;
    dfl__unlock(&run->lock);
}

/* Lock held. */
static void unlink_block(dfl__run *run, Block *block) {
    if (block->before)
        block->before->after = block->after;
    else
        run->blocks = block->after;
    if (block->after)
        block->after->before = block->before;
}

void *dfl__block_new(dfl__heap *heap, size_t n) {
    Block *block = n > SIZE_MAX - BLOCK_HEAD ? NULL : dfl__heap_alloc(heap, n + BLOCK_HEAD);
    if (!block)
        return NULL;
    *block = (Block){.heap = heap};
    return bytes_of(block);
}

void *dfl__block_detach(dfl__run *run, const void *p) {
    Block *block;
    dfl__lock(&run->lock);
    for (block = run->blocks; block && bytes_of(block) != p; block = block->after)
        ;
    if (block)
        unlink_block(run, block);
    dfl__unlock(&run->lock);
    return block ? bytes_of(block) : NULL;
}

void dfl__block_attach(dfl__run *run, const void *p) {
    link_block(run, block_of(p));
}

static void free_block(Block *block) {
    dfl__heap_free(block->heap, block);
}

void dfl__block_free(void *p) {
    if (p)
        free_block(block_of(p));
}

void dfl__blocks_free(dfl__run *run) {
    Block *block = run->blocks, *after;
    for (; block; block = after) {
        after = block->after;
        free_block(block);
    }
    run->blocks = NULL;
}

void dfl__blocks_keep(dfl__run *run, const void *p) {
    void *kept = p ? dfl__block_detach(run, p) : NULL;
    dfl__blocks_free(run);
    if (kept)
        dfl__block_attach(run, kept);
}

void dfl__line_blocks_keep(dfl_ctx *ctx, const void *p) {
    Block *block, *after;
    dfl__lock(&ctx->run->lock);
    for (block = ctx->run->blocks; block; block = after) {
        after = block->after;
        if (block->of != ctx->kept || bytes_of(block) == p)
            continue;
        unlink_block(ctx->run, block);
        free_block(block);
    }
    dfl__unlock(&ctx->run->lock);
}

void *dfl__run_alloc(dfl_ctx *ctx, size_t n) {
    void *p = dfl__block_new(ctx->mem->heap, n);
    if (!p) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    block_of(p)->of = ctx->kept;
    dfl__block_attach(ctx->run, p);
    return memset(p, 0, n);
}

static const dfl_bytes nothing;

void dfl__drop_inner(dfl_ctx *ctx) {
    if (ctx->inner.n)
        dfl__block_free(dfl__block_detach(ctx->run, ctx->inner.p));
    ctx->inner = nothing;
}

/* ---- what was packed ---- */

/* A packed frame; the items of an each; of a section's branches those that have begun (kept.c); and in a branch's
 * frame, where its last error is its own, that before one of these or nothing:
 *
 *     'F'  u64 mark of the type  u32 first place that is not done, or DFL__NOWHERE  the frame
 *     'E'  { varint length  packed frame } ...
 *     'B'  { varint number of the branch  varint length  packed frame } ...
 *     'C'  the error as in a checkpoint  packed
 *
 * Or, of a node that was stopped between its attempts, and is to go on with this one:
 *
 *     'R'  u64 mark of the node's name  varint attempt
 */
enum { FRAME = 'F', FRAME_HEAD = 13, ATTEMPT_HEAD = 9 };

/* The next item; false when the bytes are none. */
static bool next_item(dfl__in *in, dfl__in *item) {
    dfl_bytes block;
    if (!dfl__get_block(in, &block))
        return false;
    *item = (dfl__in){block.p, block.p + block.n};
    return true;
}

static uint32_t first_in_packed(const dfl__in *in) {
    bool is_frame = dfl__left(in) >= FRAME_HEAD && *in->at == FRAME;
    return is_frame ? dfl__get_u32(in->at + 9) : DFL__NOWHERE;
}

/* The next branch that is told of, and its number. */
static bool next_branch(dfl__in *in, uint64_t *k, dfl__in *branch) {
    return dfl__get_varint(in, k) && next_item(in, branch);
}

/* Takes the error off, if there is one: true, and it is in *error. *inner is empty when the bytes are none. */
static bool take_caught(dfl_bytes *inner, dfl_error *error) {
    dfl__in in;
    if (inner->n == 0 || *inner->p != DFL__CAUGHT)
        return false;
    in = (dfl__in){inner->p + 1, inner->p + inner->n};
    if (!dfl__unpack_error(&in, error) || error->status == DFL_OK)
        return *inner = nothing, false;
    *inner = (dfl_bytes){in.at, dfl__left(&in)};
    return true;
}

uint32_t dfl__first_unfinished(dfl_bytes inner) {
    dfl__in in, item;
    dfl_error error;
    uint32_t place = DFL__NOWHERE;
    uint64_t k;
    (void)take_caught(&inner, &error);
    if (inner.n == 0 || *inner.p == 0)
        return DFL__NOWHERE;
    unsigned kind = *inner.p;
    in = (dfl__in){inner.p, inner.p + inner.n};
    if (kind != DFL__ITEMS && kind != DFL__BRANCHES)
        return first_in_packed(&in);
    in.at++;
    while (place == DFL__NOWHERE && dfl__left(&in) > 0 &&
           (kind == DFL__ITEMS ? next_item(&in, &item) : next_branch(&in, &k, &item)))
        place = first_in_packed(&item);
    return place;
}

static const dfl_member *member_of(const dfl_type *type, const char *name, const dfl_type *is) {
    for (uint32_t i = 0; i < type->n; i++)
        if (type->members[i].type == is && strcmp(type->members[i].name, name) == 0)
            return &type->members[i];
    return NULL;
}

/* Of a region's frame: its position, or that of what is packed there. */
static uint32_t first_in_region(const dfl_type *type, const char *frame, uint32_t at) {
    const dfl_member *member = member_of(type, "inner", &dfl_type_bytes);
    dfl_bytes inner = {NULL, 0};
    uint32_t place;
    if (member)
        memcpy(&inner, frame + member->offset, sizeof inner);
    place = dfl__first_unfinished(inner);
    return place == DFL__NOWHERE ? at & DFL__PLACE : place;
}

/* In written order: of a section's frame that of the first branch that has begun and not ended. */
static uint32_t first_in_frame(const dfl_type *type, const char *frame) {
    const dfl_member *position = member_of(type, "at", &dfl_type_u32);
    uint32_t at = DFL__FRESH, place = DFL__NOWHERE;
    if (position)
        memcpy(&at, frame + position->offset, sizeof at);
    if (at == DFL__DONE)
        return DFL__NOWHERE;
    if (at != DFL__FRESH)
        return first_in_region(type, frame, at);
    for (uint32_t i = 0; place == DFL__NOWHERE && i < type->n; i++)
        if (type->members[i].type->is_frame)
            place = first_in_frame(type->members[i].type, frame + type->members[i].offset);
    return place;
}

/* ---- frames that are in use ---- */

static uint32_t *at_of(const dfl_type *type, void *frame) {
    const dfl_member *member = member_of(type, "at", &dfl_type_u32);
    return member ? (uint32_t *)(void *)((char *)frame + member->offset) : NULL;
}

bool dfl__has_begun(const dfl_type *type, const void *frame) {
    return *at_of(type, (void *)(uintptr_t)frame) != DFL__FRESH;
}

bool dfl__has_ended(const dfl_type *type, const void *frame) {
    return *at_of(type, (void *)(uintptr_t)frame) == DFL__DONE;
}

static dfl_bytes *standing_in(const dfl_type *type, char *frame) {
    const dfl_member *inner = member_of(type, "inner", &dfl_type_bytes);
    dfl_bytes *found = NULL;
    if (inner) {
        uint32_t at = *at_of(type, frame);
        return at == DFL__FRESH || at == DFL__DONE ? NULL
                                                   : (dfl_bytes *)(void *)(frame + inner->offset);
    }
    for (uint32_t i = 0; !found && i < type->n; i++)
        if (type->members[i].type->is_frame)
            found = standing_in(type->members[i].type, frame + type->members[i].offset);
    return found;
}

dfl_bytes *dfl__standing(const dfl_type *type, void *frame) {
    dfl_bytes *found = NULL;
    if (type->kind != DFL_KIND_ARRAY)
        return standing_in(type, frame);
    for (uint32_t k = 0; !found && k < type->n; k++)
        found = standing_in(type->elem, (char *)frame + k * type->elem->size);
    return found;
}

/* ---- attempts ---- */

static uint64_t place_mark(const dfl_ctx *ctx, uint32_t position) {
    const char *name = ctx->run->graph->places[position & DFL__PLACE].name;
    return dfl__fnv(DFL__FNV, name, strlen(name));
}

static int pack_attempt(dfl_buf *out, uint64_t mark, uint64_t attempt) {
    int status = dfl__pack_kind(out, DFL__ATTEMPTS);
    uint8_t *at = status == DFL_OK ? dfl__buf_room(out, sizeof mark) : NULL;
    if (!at)
        return DFL_ENOMEM;
    dfl__put_u64(at, mark);
    return dfl__pack_varint(out, attempt);
}

bool dfl__is_attempt(dfl_bytes inner) {
    return inner.n > 0 && *inner.p == DFL__ATTEMPTS;
}

static bool is_attempt_of(const dfl_ctx *ctx, dfl_bytes kept, uint32_t position) {
    return kept.n > ATTEMPT_HEAD && dfl__get_u64(kept.p + 1) == place_mark(ctx, position);
}

void dfl__tried(dfl_ctx *ctx, uint32_t place) {
    dfl_bytes kept = ctx->resume;
    uint64_t attempt;
    dfl__in in;
    if (!dfl__is_attempt(kept))
        return;
    ctx->resume = nothing;
    if (!is_attempt_of(ctx, kept, place))
        return;
    in = (dfl__in){kept.p + ATTEMPT_HEAD, kept.p + kept.n};
    if (dfl__get_varint(&in, &attempt) && attempt > 0 && attempt <= UINT32_MAX)
        ctx->attempt = (uint32_t)attempt;
}

/* A node that was tried again may be no such node in a later version of the graph, and leave them. */
void dfl__drop_attempt(dfl_ctx *ctx, uint32_t place) {
    if (dfl__is_attempt(ctx->resume) && !is_attempt_of(ctx, ctx->resume, place))
        ctx->resume = nothing;
}

/* ---- keeping ---- */

/* In a section a branch before may have paused, on another thread too: then what failed goes on as well, see note
 * [a failure beside a pause]. */
static bool may_wait(const dfl_ctx *ctx, int rc) {
    const dfl_graph *graph = ctx->run->graph;
    uint32_t place = ctx->failure.place;
    return dfl__fails_again(rc) && place < graph->n_places && graph->places[place].section >= 0;
}

bool dfl__keeps(const dfl_ctx *ctx, int rc) {
    return rc > 0 || (rc != DFL_OK && ctx->run && (ctx->run->saves || may_wait(ctx, rc)));
}

/* Room for the block's links, before what is to become ctx->inner. */
static int begin_inner(dfl_ctx *ctx, dfl_buf *buf) {
    return dfl__buf_begin(buf, ctx->mem->heap) && dfl__buf_room(buf, BLOCK_HEAD) ? DFL_OK
                                                                                 : DFL_ENOMEM;
}

static void end_inner(dfl_ctx *ctx, dfl_buf *buf) {
    Block *block = (Block *)(void *)buf->p;
    block->of = ctx->kept;
    block->heap = ctx->mem->heap;
    link_block(ctx->run, block);
    ctx->inner = (dfl_bytes){bytes_of(block), buf->n - BLOCK_HEAD};
}

int dfl__pack_frame(const dfl_type *type, const void *frame, dfl_buf *buf) {
    uint8_t *head = dfl__buf_room(buf, FRAME_HEAD);
    if (!head)
        return DFL_ENOMEM;
    *head = FRAME;
    dfl__put_u64(head + 1, dfl__type_mark(type));
    dfl__put_u32(head + 9, first_in_frame(type, frame));
    return dfl__pack(type, frame, buf);
}

/* A pause that cannot be kept is a failure. After a failure the run stops in any case: what cannot
 * be kept of it is done again by a resume. */
int dfl__not_kept(dfl_ctx *ctx, int rc, int status) {
    ctx->inner = nothing;
    if (rc < 0)
        return rc;
    return dfl__failed(ctx, status, 0, DFL__NOWHERE, "%s",
                       status == DFL_ENOMEM ? "no memory to keep where the run paused"
                                            : "what the run paused in is too deep to be kept");
}

/* What hangs below a frame that is packed now was packed with it: a loop whose section fails at each turn would heap it
 * up. What a resume unpacked lies in a block of something else, which is not found. */
static void free_below(dfl_ctx *ctx, const dfl_type *type, const char *frame) {
    for (uint32_t i = 0; i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        dfl_bytes inner;
        if (member->type->is_frame)
            free_below(ctx, member->type, frame + member->offset);
        if (member->type != &dfl_type_bytes || strcmp(member->name, "inner") != 0)
            continue;
        memcpy(&inner, frame + member->offset, sizeof inner);
        if (inner.p)
            dfl__block_free(dfl__block_detach(ctx->run, inner.p));
    }
}

/* What has paused must not be entered again before the run has ended: nothing is saved inside any
 * more. */
static void close_for_good(dfl_ctx *ctx, int rc) {
    if (rc == DFL_PAUSED)
        ctx->closed |= 0x80000000u;
}

int dfl__keep(dfl_ctx *ctx, int rc, const dfl_type *type, const void *frame) {
    dfl_buf buf = {0};
    int status;
    if (!dfl__keeps(ctx, rc))
        return rc;
    close_for_good(ctx, rc);
    status = begin_inner(ctx, &buf);
    if (status == DFL_OK)
        status = dfl__pack_frame(type, frame, &buf);
    if (status != DFL_OK) {
        dfl_buf_free(&buf);
        return dfl__not_kept(ctx, rc, status);
    }
    free_below(ctx, type, frame);
    end_inner(ctx, &buf);
    return rc;
}

int dfl__pack_kind(dfl_buf *out, dfl__packed_kind kind) {
    uint8_t *at = dfl__buf_room(out, 1);
    if (!at)
        return DFL_ENOMEM;
    *at = (uint8_t)kind;
    return DFL_OK;
}

int dfl__keep_item(dfl_ctx *ctx, dfl_buf *items, const dfl_type *type, const void *chunk) {
    dfl__heap *heap = ctx ? ctx->mem->heap : NULL;
    dfl_buf one = {0};
    int status = dfl__buf_begin(items, heap) && dfl__buf_begin(&one, heap)
                     ? dfl__pack_frame(type, chunk, &one)
                     : DFL_ENOMEM;
    if (status == DFL_OK)
        status = dfl__pack_block(items, one.p, one.n);
    if (status == DFL_OK && ctx)
        free_below(ctx, type, chunk);
    dfl_buf_free(&one);
    return status;
}

int dfl__pack_items(const dfl_type *chunks, const void *first, dfl_buf *out) {
    int status = dfl__pack_kind(out, DFL__ITEMS);
    for (uint32_t k = 0; status == DFL_OK && k < chunks->n; k++)
        status =
            dfl__keep_item(NULL, out, chunks->elem, (const char *)first + k * chunks->elem->size);
    return status;
}

static int append(dfl_buf *to, const dfl_buf *from) {
    uint8_t *at;
    if (from->n == 0)
        return DFL_OK;
    at = dfl__buf_room(to, from->n);
    if (!at)
        return DFL_ENOMEM;
    memcpy(at, from->p, from->n);
    return DFL_OK;
}

int dfl__keep_chunk(dfl_ctx *ctx, int rc, dfl_buf *items, dfl_buf *kept, const dfl_type *type,
                    const void *chunk) {
    int status = DFL_OK;
    if (dfl__keeps(ctx, rc)) {
        status = dfl__buf_begin(items, ctx->mem->heap) ? append(items, kept) : DFL_ENOMEM;
        if (status == DFL_OK)
            status = dfl__keep_item(ctx, items, type, chunk);
    }
    dfl_buf_free(kept);
    if (status == DFL_OK)
        return rc;
    /* Part of the items is worse than none. */
    dfl_buf_free(items);
    return dfl__not_kept(ctx, rc, status);
}

int dfl__keep_items(dfl_ctx *ctx, int rc, dfl_buf *items) {
    dfl_buf buf = {0};
    int status = DFL_OK;
    if (dfl__keeps(ctx, rc) && items->n > 0) {
        status = begin_inner(ctx, &buf);
        if (status == DFL_OK)
            status = dfl__pack_kind(&buf, DFL__ITEMS);
        if (status == DFL_OK)
            status = append(&buf, items);
        if (status == DFL_OK)
            end_inner(ctx, &buf);
        else
            dfl_buf_free(&buf);
    }
    dfl_buf_free(items);
    return status == DFL_OK ? rc : dfl__not_kept(ctx, rc, status);
}

/* ---- parking ---- */

/* See note [attempts of a run that stops] in attempt.c. A subgraph's frame tells its attempt by itself. */
static int keep_attempt(dfl_ctx *ctx, uint32_t position, int rc) {
    uint64_t attempt = ctx->attempt;
    dfl_buf buf = {0};
    int status;
    ctx->attempt = 1;
    if (attempt == 1 || ctx->inner.n || ctx->resume.n || !dfl__keeps(ctx, rc))
        return rc;
    status = begin_inner(ctx, &buf);
    if (status == DFL_OK)
        status = pack_attempt(&buf, place_mark(ctx, position), attempt);
    if (status != DFL_OK) {
        dfl_buf_free(&buf);
        return dfl__not_kept(ctx, rc, status);
    }
    end_inner(ctx, &buf);
    return rc;
}

/* note [what is not taken yet] */
static dfl_bytes take_over(dfl_ctx *ctx) {
    dfl_bytes inner = ctx->inner.n ? ctx->inner : ctx->resume;
    ctx->inner = ctx->resume = nothing;
    return inner;
}

static uint32_t still_passed(dfl_ctx *ctx, uint32_t position) {
    bool passed = ctx->passed == (position & DFL__PLACE);
    ctx->passed = DFL__NOWHERE;
    return passed ? position | DFL__PASSED : position;
}

/* The pause after a node, which no call tells of, and what else ends here. */
static void tell(dfl_ctx *ctx, uint32_t position, int rc) {
    if (!(ctx->flags & DFL__WATCH) || rc == DFL__SAVING)
        return;
    if (rc == DFL_PAUSED && (position & DFL__AFTER))
        dfl__event_paused(ctx, position & DFL__PLACE);
    dfl__event_stop(ctx, position & DFL__PLACE, rc);
}

int dfl__park(dfl_ctx *ctx, uint32_t *at, dfl_bytes *inner, uint32_t position, int rc) {
    rc = keep_attempt(ctx, position, rc);
    *at = still_passed(ctx, position);
    *inner = take_over(ctx);
    close_for_good(ctx, rc);
    tell(ctx, position, rc);
    return rc;
}

int dfl__stop(dfl_ctx *ctx, uint32_t place, int rc) {
    dfl__run *run = ctx->run;
    run->at = place;
    if (rc == DFL_OK)
        return rc;
    rc = keep_attempt(ctx, place, rc);
    run->at = still_passed(ctx, place);
    run->inner = take_over(ctx);
    tell(ctx, place, rc);
    return rc;
}

/* ---- the last error of a branch ---- */

int dfl__pack_caught(dfl_buf *out, const dfl_error *error, dfl_bytes inner) {
    int status = dfl__pack_kind(out, DFL__CAUGHT);
    const dfl_buf rest = {(uint8_t *)(uintptr_t)inner.p, inner.n, inner.n};
    if (status == DFL_OK)
        status = dfl__pack_error(out, error);
    return status == DFL_OK ? append(out, &rest) : status;
}

/* In a block of the run that holds both, in place of that of *inner. */
static int keep_caught(dfl_ctx *ctx, dfl_bytes *inner, int rc) {
    dfl_buf buf = {0};
    int status = begin_inner(ctx, &buf);
    if (status == DFL_OK)
        status = dfl__pack_caught(&buf, ctx->last_error, *inner);
    if (status != DFL_OK) {
        dfl_buf_free(&buf);
        return dfl__not_kept(ctx, rc, status);
    }
    end_inner(ctx, &buf);
    dfl__block_free(dfl__block_detach(ctx->run, inner->p));
    *inner = ctx->inner;
    ctx->inner = nothing;
    return rc;
}

/* An error that was caught around the section is inherited by its lines again. */
int dfl__park_branch(dfl_ctx *ctx, uint32_t *at, dfl_bytes *inner, uint32_t position, int rc) {
    rc = dfl__park(ctx, at, inner, position, rc);
    if (ctx->last_error != &ctx->caught || !dfl__keeps(ctx, rc))
        return rc;
    return keep_caught(ctx, inner, rc);
}

uint32_t dfl__enter(dfl_ctx *ctx, uint32_t at, dfl_bytes *inner) {
    dfl_bytes all = *inner;
    dfl_error error;
    *inner = nothing;
    ctx->resume = all;
    if (take_caught(&ctx->resume, &error))
        dfl__set_last_error(ctx, &error);
    else if (all.n > 0 && ctx->resume.n == 0)
        return DFL__NOWHERE & ~DFL__PASSED;
    if (at & DFL__PASSED)
        ctx->passed = at & DFL__PLACE;
    return at & ~DFL__PASSED;
}

/* ---- taking ---- */

static int not_taken(dfl_ctx *ctx, int status) {
    return dfl__failed(ctx, status, 0, DFL__NOWHERE, "%s",
                       status == DFL_ENOMEM    ? "no memory for what was kept of a section"
                       : status == DFL_ESCHEMA ? "what was kept of a section is another one's"
                                               : "what was kept of a section is damaged");
}

int dfl__no_place(dfl_ctx *ctx) {
    return dfl__failed(ctx, DFL_ECORRUPT, 0, DFL__NOWHERE,
                       "the checkpoint goes on where the graph has no place");
}

/* ---- frames of another version ---- */

/* A node's name without the subgraphs that it is in. */
static const char *own_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_among(const dfl__renames *renames, const char *now, const char *before) {
    for (uint32_t i = 0; i < renames->n; i++)
        if (strcmp(renames->all[i].now, now) == 0 && strcmp(renames->all[i].before, before) == 0)
            return true;
    return false;
}

/* False: too many to try all. */
static bool collect_renames(const dfl_graph *graph, dfl__renames *renames) {
    const dfl__layout_of *layout = graph->layout;
    for (uint32_t i = 0; layout && i < layout->n_nodes_was; i++) {
        const char *now = own_name(layout->nodes_was[i].now),
                   *before = own_name(layout->nodes_was[i].before);
        if (strcmp(now, before) == 0 || is_among(renames, now, before))
            continue;
        if (renames->n == DFL__RENAMES)
            return false;
        renames->all[renames->n++] = (dfl__was){now, before};
    }
    return true;
}

/* Whether it is the mark of this frame as its branches were called before. Which of the names belong together
 * nobody tells. */
static bool had_mark(const dfl_ctx *ctx, const dfl_type *type, uint64_t mark) {
    dfl__renames renames = {.n = 0};
    if (!collect_renames(ctx->run->graph, &renames))
        return false;
    for (renames.which = 1; renames.which < 1u << renames.n; renames.which++)
        if (dfl__type_mark_before(type, &renames) == mark)
            return true;
    return false;
}

static int unpack_frame(dfl_ctx *ctx, const dfl_type *type, void *frame, dfl__in *in) {
    uint64_t mark;
    int status;
    if (dfl__left(in) < FRAME_HEAD || *in->at != FRAME)
        return DFL_ECORRUPT;
    mark = dfl__get_u64(in->at + 1);
    if (mark != dfl__type_mark(type) && !had_mark(ctx, type, mark))
        return DFL_ESCHEMA;
    in->at += FRAME_HEAD;
    status = dfl__unpack(ctx, type, frame, in);
    return status == DFL_OK && dfl__left(in) > 0 ? DFL_ECORRUPT : status;
}

/* Branches that are not told of stay as the fork began them. */
static int unpack_branches(dfl_ctx *ctx, const dfl_type *type, char *frame, dfl__in *in) {
    int status = DFL_OK;
    uint64_t k;
    for (in->at++; status == DFL_OK && dfl__left(in) > 0;) {
        dfl__in branch;
        if (!next_branch(in, &k, &branch) || k >= type->n || !type->members[k].type->is_frame)
            return DFL_ECORRUPT;
        status = unpack_frame(ctx, type->members[k].type, frame + type->members[k].offset, &branch);
    }
    return status;
}

int dfl__take(dfl_ctx *ctx, const dfl_type *type, void *frame) {
    dfl__in in = {ctx->resume.p, ctx->resume.p + ctx->resume.n};
    int status = *in.at == DFL__BRANCHES ? unpack_branches(ctx, type, frame, &in)
                                         : unpack_frame(ctx, type, frame, &in);
    if (status != DFL_OK)
        return not_taken(ctx, status);
    ctx->resume = nothing;
    return DFL_OK;
}

int dfl__take_packed(dfl_ctx *ctx, const dfl_type *type, dfl_bytes packed, void *frame) {
    dfl__in in = {packed.p, packed.p + packed.n};
    int status = dfl__unpack(ctx, type, frame, &in);
    return status == DFL_OK && dfl__left(&in) > 0 ? DFL_ECORRUPT : status;
}

int dfl__take_items(dfl_ctx *ctx, dfl__in *in, uint32_t *n) {
    dfl__in rest = {ctx->resume.p, ctx->resume.p + ctx->resume.n}, item;
    if (dfl__left(&rest) == 0 || *rest.at++ != DFL__ITEMS)
        return not_taken(ctx, DFL_ECORRUPT);
    *in = rest;
    for (*n = 0; dfl__left(&rest) > 0; ++*n)
        if (*n == UINT32_MAX || !next_item(&rest, &item))
            return not_taken(ctx, DFL_ECORRUPT);
    if (*n == 0)
        return not_taken(ctx, DFL_ECORRUPT);
    ctx->resume = nothing;
    return DFL_OK;
}

int dfl__take_item(dfl_ctx *ctx, dfl__in *in, const dfl_type *type, void *chunk) {
    dfl__in item;
    int status = next_item(in, &item) ? unpack_frame(ctx, type, chunk, &item) : DFL_ECORRUPT;
    return status == DFL_OK ? DFL_OK : not_taken(ctx, status);
}

int dfl__taken_range(dfl_ctx *ctx, uint64_t before, uint64_t from, uint64_t next, uint64_t to,
                     bool more, uint64_t n) {
    bool fits = from == before && next >= from && to >= next && to <= n && (more || to == n);
    return fits ? DFL_OK : not_taken(ctx, DFL_ECORRUPT);
}
