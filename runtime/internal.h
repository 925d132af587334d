/* Shared by the files of the runtime that run graphs; see mem.h for memory and values. */
#ifndef DFL_INTERNAL_H
#define DFL_INTERNAL_H

#include <stdarg.h>

#include "crc32c.h"
#include "dfl.h"

/* ---- clock.c ---- */

int64_t dfl__now(void);        /* CLOCK_MONOTONIC, ns */
int64_t dfl__wall_clock(void); /* CLOCK_REALTIME, ns */
int64_t dfl__wall_tick(void);  /* the same as of the system's last tick, where it tells that: a third of the time */

/* ---- error.c ---- */

/* Fills ctx->failure; returns `status`. place: DFL__NOWHERE when no place is to blame. */
int dfl__failed(dfl_ctx *ctx, int status, int code, uint32_t place, const char *fmt, ...)
    DFL__PRINTF(5, 6);
/* The failure of a node that returned `code`; `seen` are the flags that its attempt left. */
int dfl__node_failed(dfl_ctx *ctx, uint32_t place, int code, uint32_t seen);
/* A message of at most 255 bytes, cut between characters. */
void dfl__message(char message[256], const char *fmt, va_list args);
void dfl__error_from(dfl_error *error, const dfl_graph *graph, const dfl__failure *failure);

/* ---- event.c ---- */

/* All of them do nothing unless the hooks ask for the event; call them where DFL__WATCH is set. */
void dfl__events_begin(dfl__run *run);
void dfl__events_end(dfl__run *run, int status);
void dfl__event_enter(dfl_ctx *ctx, uint32_t place);
void dfl__event_leave(dfl_ctx *ctx, uint32_t place, int status);
void dfl__event_pass(dfl_ctx *ctx, uint32_t place); /* a router */
void dfl__event_join(dfl_ctx *ctx, uint32_t place, int status);
void dfl__event_limit(dfl_ctx *ctx, uint32_t place);
/* Of the node that has just failed: it will be tried again; it is. */
void dfl__event_retry(dfl_ctx *ctx);
void dfl__event_again(dfl_ctx *ctx);
void dfl__event_timeout(dfl_ctx *ctx, uint32_t place);
/* The region stops at a place with anything but DFL_OK, for good. */
void dfl__event_stop(dfl_ctx *ctx, uint32_t place, int status);
void dfl__event_chunk_begin(dfl_ctx *ctx, uint32_t place, uint32_t chunk);
void dfl__event_chunk_end(dfl_ctx *ctx, uint32_t place, uint32_t chunk, int status);
void dfl__event_checkpoint(dfl_ctx *ctx, dfl_event_kind kind, uint64_t id, uint32_t place);

/* The calling thread is a pool's from now on. */
void dfl__event_worker(void);

/* ---- held.c ---- */

/* hooks->ordered: the events of a branch are held from its begin and handed to `parent` at the
 * join (delivered, or held on). Branches are joined in written order, by one thread. */
void dfl__held_begin(const dfl_ctx *parent, dfl_ctx *branch);
void dfl__held_join(dfl_ctx *parent, dfl_ctx *branch);
/* Where that cannot be: they come at once, out of order but not lost. */
void dfl__held_release(dfl_ctx *branch);

void dfl__event_paused(dfl_ctx *ctx, uint32_t place);   /* behind a node, or before it */
void dfl__event_resumed(dfl__run *run, uint32_t place);

/* A lock in one word, 0 when free; for short or rare sections (note [the event lock]). */
void dfl__lock(uint32_t *word);
void dfl__unlock(uint32_t *word);

/* ---- pack.c ---- */

/* Appends a value of `type`. DFL_OK, DFL_ENOMEM, or DFL_EINVAL when it nests too deep; what was
 * appended until then stays. */
int dfl__pack(const dfl_type *type, const void *value, dfl_buf *out);
/* Reads one over *value, into the ctx's arena; safe on any bytes. DFL_OK, DFL_ECORRUPT or
 * DFL_ENOMEM (then *value is not to be used, but for its handles). */
int dfl__unpack(dfl_ctx *ctx, const dfl_type *type, void *value, dfl__in *in);
/* The same from the form of NAME_encode, where members of fixed size come first. */
int dfl__unpack_encoded(dfl_ctx *ctx, const dfl_type *type, void *value, dfl__in *in);
int dfl__pack_varint(dfl_buf *out, uint64_t v);
/* A varint length and the bytes. */
int dfl__pack_block(dfl_buf *out, const void *p, size_t n);
/* The next one, where it lies; false: it is not all there. */
static inline bool dfl__get_block(dfl__in *in, dfl_bytes *block)
{
    uint64_t n;
    if (!dfl__get_varint(in, &n) || n > dfl__left(in))
        return false;
    *block = (dfl_bytes){in->at, (size_t)n};
    in->at += n;
    return true;
}
/* An error as a checkpoint holds it; false: the bytes are none. */
int dfl__pack_error(dfl_buf *out, const dfl_error *error);
bool dfl__unpack_error(dfl__in *in, dfl_error *error);
/* Of the names and kinds that a type is made of: equal where one reads what the other packed. */
uint64_t dfl__type_mark(const dfl_type *type);
/* The same of a frame whose branches had other names: those of `all` whose bit is set in `which`. */
enum { DFL__RENAMES = 10 };
typedef struct dfl__renames {
    dfl__was all[DFL__RENAMES];
    uint32_t n, which;
} dfl__renames;
uint64_t dfl__type_mark_before(const dfl_type *type, const dfl__renames *renames);
#define DFL__FNV UINT64_C(0xcbf29ce484222325) /* what a fingerprint begins with */
uint64_t dfl__fnv(uint64_t hash, const void *p, size_t n);

/* ---- position.c ---- */

/* Bytes that live as long as the run that they are given to, or until they are freed; NULL when out of
 * memory. */
void *dfl__block_new(dfl__heap *heap, size_t n);
void dfl__blocks_free(dfl__run *run);
/* Frees all but the one at p (NULL: all). */
void dfl__blocks_keep(dfl__run *run, const void *p);
/* Takes a block out of the run, to be freed with dfl__block_free. p may lie elsewhere: then NULL. */
void *dfl__block_detach(dfl__run *run, const void *p);
void dfl__block_free(void *p);
/* Gives a detached block to a run. */
void dfl__block_attach(dfl__run *run, const void *p);
/* Frees what the branch of ctx->kept has made, but for the block at p. */
void dfl__line_blocks_keep(dfl_ctx *ctx, const void *p);
/* What packed bytes begin with, but for a frame by itself. */
typedef enum dfl__packed_kind {
    DFL__ITEMS = 'E',
    DFL__BRANCHES = 'B',
    DFL__CAUGHT = 'C', /* the last error of a branch, then what it stands in */
    DFL__ATTEMPTS = 'R' /* which attempt a node is to go on with */
} dfl__packed_kind;
/* Append to `out`: DFL_OK, DFL_ENOMEM, or DFL_EINVAL when something nests too deep. */
int dfl__pack_kind(dfl_buf *out, dfl__packed_kind kind);
int dfl__pack_frame(const dfl_type *type, const void *frame, dfl_buf *out);
int dfl__pack_caught(dfl_buf *out, const dfl_error *error, dfl_bytes inner);
/* What dfl__pack has made of a frame, and nothing else, over one that a fork has begun. DFL_ECORRUPT when it is not that. */
int dfl__take_packed(dfl_ctx *ctx, const dfl_type *type, dfl_bytes packed, void *frame);
int dfl__pack_items(const dfl_type *chunks, const void *first, dfl_buf *out);
/* Of a branch's frame: whether it has left the fork. */
bool dfl__has_begun(const dfl_type *type, const void *frame);
bool dfl__has_ended(const dfl_type *type, const void *frame);
/* In a frame, or an array of chunks, of which one part has begun and not ended: where that keeps what
 * is packed of the section or subgraph that it stands at. NULL: none has. */
dfl_bytes *dfl__standing(const dfl_type *type, void *frame);
/* Whether that is only which attempt a node is to go on with. */
bool dfl__is_attempt(dfl_bytes inner);
/* Forgets in ctx->resume what is that of another node than the one at `place`. */
void dfl__drop_attempt(dfl_ctx *ctx, uint32_t place);
/* Forgets ctx->inner: the failure that it was kept for was caught. */
void dfl__drop_inner(dfl_ctx *ctx);
/* The first place that is not done in what was packed, or DFL__NOWHERE when it does not tell. */
uint32_t dfl__first_unfinished(dfl_bytes inner);

/* ---- ask.c ---- */

/* How far a failure of what is around an answer has come: see note [doubt]. */
typedef enum dfl__doubt { DFL__SURE, DFL__FAILED, DFL__FAILED_AROUND } dfl__doubt;

/* A question of a node, or the answer that took its place. Owned by the table that it is in. */
typedef struct dfl__ask {
    dfl__heap *heap;       /* that it is from */
    struct dfl__ask *next; /* dfl_ctx.pending */
    uint32_t place;        /* of the node; DFL__NOWHERE while it runs */
    uint32_t number;       /* among the calls of one attempt, from 0 */
    bool answered;
    dfl__doubt doubt;
    const dfl_ctx *line; /* with a doubt: where the failure is */
    dfl_str text;        /* question, or answer; behind the path */
    uint32_t depth;
    int64_t path[]; /* the elements around the node, outermost first */
} dfl__ask;

/* In order of place, path and number. */
typedef struct dfl__asks {
    dfl__heap *heap; /* that this and `all` are from */
    dfl__ask **all;
    size_t n, cap;
} dfl__asks;

/* NULL when out of memory. path: `depth` elements, or NULL: to be filled in. */
dfl__ask *dfl__ask_new(dfl__heap *heap, uint32_t place, uint32_t number, const int64_t *path, uint32_t depth,
                       dfl_str text);
/* With the path that ctx stands at. */
dfl__ask *dfl__ask_here(const dfl_ctx *ctx, uint32_t number, dfl_str text);
void dfl__ask_free(dfl__ask *ask);
/* Takes the place of one with the same key. False when out of memory: `ask` is the caller's still. */
bool dfl__asks_put(dfl__asks *asks, dfl__ask *ask);
/* The one with this key where ctx stands, or NULL. */
dfl__ask *dfl__asks_find(const dfl__asks *asks, const dfl_ctx *ctx, uint32_t place,
                         uint32_t number);
/* Empty; NULL when out of memory. */
dfl__asks *dfl__asks_new(dfl__heap *heap);
void dfl__asks_free(dfl__asks *asks); /* may be NULL */
/* "outer/ask[3]#2", on `heap`; NULL when out of memory. */
char *dfl__ask_id(dfl__heap *heap, const dfl_graph *graph, const dfl__ask *ask);

/* What becomes of a run's questions and answers. They lock. */

/* The first question of the node at `place` that waits; {NULL, 0} when none does. */
dfl_str dfl__asks_question(dfl_ctx *ctx, uint32_t place);
/* The node at `place` has succeeded: it needs its answers no more. */
void dfl__asks_served(dfl_ctx *ctx, uint32_t place);
/* It failed, or something inside the section or subgraph there did. */
void dfl__asks_failed(dfl_ctx *ctx, uint32_t place, dfl__doubt doubt);
/* It was tried again, and paused. */
void dfl__asks_sure(dfl_ctx *ctx, uint32_t place);
/* The failure was caught on this line: forget what it had put in doubt, at least that much. */
void dfl__asks_caught(dfl_ctx *ctx, dfl__doubt least);
/* A branch has ended: its failures are those of the line around. */
void dfl__asks_joined(dfl_ctx *ctx, const dfl_ctx *branch);

/* ---- pause.c ---- */

/* Where a run stands still: kept with the state of a run that paused, or read from a checkpoint. */
typedef struct dfl__stand {
    dfl__heap *heap; /* that it and what it lists are from */
    const dfl_graph *graph;
    uint32_t at; /* with its flags */
    uint64_t nodes;
    dfl_bytes inner;         /* a block (position.c), or empty */
    dfl_error error;         /* the last one; its status is DFL_OK when there is none */
    dfl__asks *asks;         /* NULL: none */
    dfl_question *questions; /* those of `asks` that wait */
    size_t n_questions;
    uint32_t n_counts;
    uint64_t counts[];
} dfl__stand;

/* NULL: out of memory. */
dfl__stand *dfl__stand_new(dfl__heap *heap, const dfl_graph *graph, uint32_t n_counts);
void dfl__stand_free(dfl__stand *stand); /* may be NULL */
/* Lists the questions. DFL_OK or DFL_ENOMEM. */
int dfl__stand_list(dfl__stand *stand);
/* Gives the answers of `options` to the questions of `stand` (NULL: there are none). DFL_OK, or a
 * status with the failure in ctx and nothing changed. */
int dfl__give_answers(dfl_ctx *ctx, dfl__stand *stand, const dfl_run *options);
/* What the node at `place` asked, after it returned DFL_PAUSED. DFL_PAUSED or DFL_ENOMEM. */
int dfl__asked(dfl_ctx *ctx, uint32_t place);
/* Forgets what the node asked in an attempt that did not pause. */
void dfl__withdraw_all(dfl_ctx *ctx);
static inline void dfl__withdraw(dfl_ctx *ctx) {
    if (DFL__RARELY(ctx->pending))
        dfl__withdraw_all(ctx);
}

/* ---- run.c ---- */

/* Tells packed frames from others; 0: there are none. */
static inline uint32_t dfl__mark_of(dfl_bytes inner) {
    return inner.n ? dfl__crc32c(0, inner.p, inner.n) : 0;
}

/* Whether checkpoints are made before the run stops. */
bool dfl__saves_on_the_way(const dfl__run *run);
/* Whether a branch that saves by itself (ctx->kept) has done what is to be saved. */
bool dfl__branch_save_is_due(const dfl_ctx *ctx, uint32_t place);

/* ---- checkpoint.c ---- */

/* Saves the run's state, to go on at `position`. DFL_OK, or a status with the failure in run->ctx. */
int dfl__save(dfl__run *run, uint32_t position);
/* The same from a branch on threads, which holds run->save_lock: what is packed of the section or
 * subgraph at `position`, and the nodes that were executed. The failure is in ctx. */
int dfl__save_from(dfl_ctx *ctx, uint32_t position, dfl_bytes inner, uint64_t nodes);

/* A checkpoint that was read, but not yet made the state. */
typedef struct dfl__loaded {
    uint64_t id;
    dfl__stand *stand; /* whoever takes it sets NULL here */
    const uint8_t *live; /* which of the graph's fields follow; see dfl__saved */
    struct dfl__layout *layout;    /* of another version of the graph, which saved it; or NULL */
    const uint8_t *saved_live;     /* which of that one's fields follow, in `hold` */
    uint8_t *own_live;             /* `live`, where it is not in `hold`; or NULL */
    dfl__in state;       /* encoded, in `hold` */
    dfl_buf hold;
} dfl__loaded;

/* Reads the one that `options` names. DFL_OK, or a status with the failure in ctx. Either way *out
 * is to be given to dfl__loaded_free. */
int dfl__read_checkpoint(dfl_ctx *ctx, const dfl_graph *graph, const dfl_run *options,
                         dfl__loaded *out);
/* migrate.c: the number of a field of today in an older layout, UINT32_MAX: it has none; and a state
 * of that layout as one of today. */
uint32_t dfl__old_field(const dfl_graph *graph, const struct dfl__layout *layout, const char *name);
int dfl__migrate(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded, void *state);
/* Replaces the state by what was read. On an error it is as before. */
int dfl__decode_checkpoint(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded,
                           void *state);
void dfl__loaded_free(dfl__loaded *loaded);
/* For an update: a state that follows `loaded` is to go on at `position`. DFL_OK; DFL_EINVAL with the
 * failure in ctx when a field that is live there was not saved and has its default still; or
 * DFL_ENOMEM. */
int dfl__check_live(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded,
                    const void *state, uint32_t position);

#endif
