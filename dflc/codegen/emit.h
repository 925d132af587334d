/* Shared by the parts of code generation. */
#ifndef DFLC_EMIT_H
#define DFLC_EMIT_H

#include "../cwriter.h"
#include "../plan.h"
#include "codegen.h"

typedef struct Emit {
    Compilation *comp;
    Arena *arena;
    const Plan *plan;
    CWriter *w;
    const GraphPlan *graph;
    const RegionPlan *region;   /* whose function, or whose section's function, is written */
    const Place *leaving;       /* whose edges are being written */
    const RegionPlan *view;     /* fields are looked up from here; NULL: from `region` */
    const char *view_path;      /* C text that leads from the function's frame to that of `view` */
    bool used_state, used_count, used_frame, used_due;   /* by the function being written */
    StrMap type_names;          /* a set: the C names of types */
    uint64_t frames_print;      /* of the graph, where it has sections that can go to ranks (spread.c) */
} Emit;

/* In the arena; the text of one expression or declaration. */
const char *say(Emit *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "f(ctx", "a", "b" to "f(ctx, a, b)". */
CWriter *list_open(Emit *e, const char *begin);
void list_add(CWriter *list, const char *argument);
const char *list_close(CWriter *list);
/* What a file is called here. */
const char *file_name(Emit *e, const Source *source);
/* Without what begins or ends a comment. */
const char *in_comment(Emit *e, const char *text);
/* "finance.dfl:12" for a comment, and as a C string. */
const char *where(Emit *e, Span span);
const char *where_string(Emit *e, Span span);

/* Whether the current region is a run's own: it works on the state itself, and has no frame. */
static inline bool in_run(const Emit *e) {
    return e->region->frame == NULL;
}

/* ---- ctype.c: types as C text ---- */

/* "double x[3]", "dfl_str x" */
const char *c_declare(Emit *e, const Type *type, const char *name);
/* Parameter: "const quote *x", "double x", "int32_t *x". */
const char *c_parameter(Emit *e, const Graph *graph, const Param *param, bool tagged);
/* "enum mood", "struct quote": the type where another thing of its name hides it. */
const char *c_tagged(Emit *e, const Type *type);
/* An expression of the type's zero; not for arrays and handles. */
const char *c_zero(Emit *e, const Type *type);
const char *c_const(Emit *e, const Const *value);
/* What a field begins at: its default, the reducer's identity, or zero. */
const char *c_initial(Emit *e, const Field *field);
/* The identity of a merging field: what an update begins at. */
const char *c_identity(Emit *e, const Field *field);
/* Statements that set an lvalue: assignment, or loops and memset for arrays. */
void set_zero(Emit *e, const Type *type, const char *lvalue);
void set_value(Emit *e, const Type *type, const char *to, const char *from);
/* "i32": of a number's type, for the runtime's typed helpers. */
const char *number_stem(const Type *type);
/* Name of the list type of a type: "dfl_f64_list". */
const char *list_of(Emit *e, const Type *type);
/* The C name of the dfl_type descriptor: "&dfl_type_i64", "&quote_list__type". */
const char *type_descriptor(Emit *e, const Type *type);
/* Rough sizeof, to keep large things off the stack. */
uint64_t size_estimate(const Type *type);

/* ---- expr.c: fields and guards as C text ---- */

/* The field's value as the current region's function reaches it. */
const char *lvalue(Emit *e, const Field *field);
/* Where updates of a field are collected in the current region's frame: "f->added.x". */
const char *added_lvalue(Emit *e, const Field *field);
const char *wrote_lvalue(Emit *e, const Field *field);
const char *var_value(Emit *e, const EachVar *var);
const char *c_expr(Emit *e, const Expr *expr);
/* One argument of a call; `was` names the local that holds the value before the call, or NULL. */
const char *in_argument(Emit *e, const Type *type, const char *value);
const char *count_lvalue(Emit *e, uint32_t index);

/* ---- parts of the output ---- */

/* Whether a field of this name would hide a type. */
bool is_type_name(Emit *e, const char *name);
void find_type_names(Emit *e);
/* "int finance_assess(dfl_ctx *ctx, dfl_f64_list signals, ...)" */
const char *node_prototype(Emit *e, const Graph *graph, const Node *node);

void emit_header(Emit *e);
void emit_descriptors(Emit *e);
void emit_graph_info(Emit *e);
/* From how much work at risk on `checkpoint auto` saves (risks.c); nothing with another policy. */
void emit_risks(Emit *e);
/* NAME__outlooks, and its member of NAME_graph: nothing where some cost is not known. */
void emit_outlooks(Emit *e);
void emit_outlooks_member(Emit *e);
/* The table of sections that other ranks may run, and its members of NAME_graph: nothing where there are none. (spread.c) */
void emit_spread_list(Emit *e);
void emit_spread_members(Emit *e);
/* "a-name" to "A_NAME". (header.c) */
const char *upper(Emit *e, const char *text);
/* Frames of sections that are too large for the stack, of all that the graph runs; estimated. (section.c) */
uint64_t arena_frame_bytes(Emit *e, const GraphPlan *plan);
/* What a checkpoint holds besides typed fields, and old names (layout.c). */
void emit_layout(Emit *e);
void emit_api(Emit *e);
void emit_node_bodies(Emit *e);
/* The structs that branches and sections keep their values in, and what reclaiming needs to know
 * of them. mark: which type descriptors those need. */
void emit_frames(Emit *e);
/* Before those: which sections of the graph have chunks that are functions (chunks.c). */
void find_chunks(Emit *e);
void mark_type(Emit *e, StrMap *used, const Type *type);
void mark_frame_types(Emit *e, const GraphPlan *graph, StrMap *used);
/* The type of a slot's `added`. */
const Type *added_type(Emit *e, const Slot *slot);
void emit_region(Emit *e, const RegionPlan *region);
void emit_section(Emit *e, const SectionPlan *section);
void emit_node_call(Emit *e, const Place *place);
void emit_subgraph_call(Emit *e, const Place *place);
/* What stands before and after a node's call, whatever it calls: the step limit, pauses, marks. */
void emit_begin(Emit *e, const Node *node, const char *id);
void emit_end(Emit *e, const Place *place, const char *id);
/* Around the attempts of a node that retries, with what follows the last; the beginning of its timeout. */
void open_attempts(Emit *e, const Node *node, const char *id);
void emit_retry(Emit *e, const Place *place, const char *position);
/* After a failure: the edges that catch it, else the way out. position: what to resume at. */
void emit_handlers(Emit *e, const Place *place, const char *position);
/* Whether a run may be resumed between a node and its edges, and the label there. */
bool resumes_after(Emit *e, const Place *place);
const char *after_label(Emit *e, const Place *place);
/* "finance_gather(ctx, s->ticker, &s->prices)" */
const char *call_text(Emit *e, const Node *node);
void emit_edges(Emit *e, const Place *place, size_t position);
void emit_section_call(Emit *e, const SectionPlan *section);
/* In a frame, before a section or subgraph there (section.c, note [standing]). */
/* Whether a save within a place has to find what is around it: see note [standing]. */
bool may_stand(Emit *e, const Place *place);
void emit_standing(Emit *e, const Place *place);
/* Behind what has set rc: asks whether there is anything to do but go on, and opens the block that does it. */
void open_if_due(Emit *e);
/* The test before a place that anything else than going on takes; position: what to resume at. */
void emit_pending(Emit *e, const char *position);

/* ---- flow.c ---- */

/* A function's body is written apart from what stands before it, which depends on what the body uses (used_*).
 * begin: gives back what has been written to until now; end: that again, and gives the body. */
CWriter *begin_apart(Emit *e);
CWriter *end_apart(Emit *e, CWriter *out);

/* "return dfl__stop(ctx, ID, rc)" outside branches, "return rc" inside. */
const char *leave(Emit *e, const char *id, const char *rc);
/* "finance_at_gather", or the number of a section. */
const char *place_name(Emit *e, const Place *place);
/* "goto refine", or "goto end" where the region ends. */
const char *jump(Emit *e, const Place *to);
/* What a jump to the place is called. */
const char *place_label(Emit *e, const Place *place);
/* The arguments that reach the current region: "ctx, s, count" or "ctx, f". */
const char *region_arguments(Emit *e);

/* ---- merge.c: updates into the current region ---- */

/* One update, of a node or of a branch, on its way into the current region. */
typedef struct Update {
    const Field *field;
    Merge merge;
    const char *value;      /* the update: an lvalue of the field's type (FOLD: the branch's value) */
    const char *condition;  /* NULL, or what must hold for it to count */
    bool in_row;            /* one of several, behind which a new epoch begins: see merge.c */
} Update;

/* Whether the current region's frame tells that it wrote the field. */
bool notes_writes(Emit *e, const Field *field);
/* Whether merging may fail: then it happens first, and what it changed is put back. */
bool merge_can_fail(Emit *e, Merge merge);
/* Declares FIELD_was (and FIELD_was_added) to put back. */
void save_target(Emit *e, const Field *field);
void restore_target(Emit *e, const Field *field);
/* "if (rc == DFL_OK) rc = ..."; only for merges that can fail; not for MERGE_SUM_INT of branches. */
void merge_fallible(Emit *e, const Update *update);
/* A call that appends to a list, string or bytes; that joins a list or map to another (note [tails] in buffer.h). */
const char *append_call(Emit *e, const Type *type, const char *to, const char *value);
const char *join_call(Emit *e, const Type *type, const char *to, const char *value);
/* Before something is collected behind a field: room for about n items more. */
void emit_expect(Emit *e, const Field *field, Merge merge, size_t n);
/* Whether updates are a list or map that is joined, so that they can be made where they will stand: behind
 * the target. */
bool collects(const Type *type, Merge merge);
/* Where updates of a field go in the current region. */
const char *merge_target(Emit *e, const Field *field);
/* The others. */
void merge_plain(Emit *e, const Update *update);
/* MERGE_FOLD into any lvalue. */
void merge_fold(Emit *e, const Update *update, const char *to);
/* rc = CALL, only while rc is DFL_OK and the condition (may be NULL) holds. */
void then_call(Emit *e, const char *condition, const char *call);

/* What a node that succeeded has written, told where events are: nothing with -fno-events. */
typedef struct WrittenList {
    Emit *e;
    const Node *node;
    const char *id;         /* of the place */
    const char **items;
    size_t n, cap;
} WrittenList;

WrittenList written_open(Emit *e, const Node *node, const char *id);
void written_add(WrittenList *list, const Field *field, const Type *type, const char *value);
void written_close(const WrittenList *list);

#endif
