/* Shared by sema's files only: what sema knows beyond the Program that it builds.
 *
 * The phases, in order (sema.c):
 *   files     imports.c                     what is imported, and who sees whose names
 *   program   consts.c, decls.c, types.c    constants, enums, structs and their order
 *   graph     fields.c, nodes.c             the state; the nodes and their parameters
 *             attrs.c                       what follows the parameters
 *             flow.c, places.c, sections.c, routers.c
 *                                           edges as written -> places, edges, sections
 *             regions.c                     which region each place belongs to
 *             each.c                        each variables and the parameters bound to them
 *             runs.c                        the graphs that nodes run, and their bindings
 *             guards.c, exprs.c, fold.c     guards and matches, typed
 *             reach.c                       unreached places, loops without a way out, step limit
 *             writes.c                      two branches that write one field, locals
 *   nesting   nesting.c                     graphs that run each other
 *   names     names.c, cnames.c             names that C cannot carry, or that would collide
 *
 * A name that cannot be resolved is reported once; what depends on it is poisoned (TY_ERROR, a
 * NULL field, an `excused` place) and kept out of later messages. */
#ifndef DFLC_SEMA_INTERNAL_H
#define DFLC_SEMA_INTERNAL_H

#include "sema.h"

/* One file of the program. */
typedef struct FileSema {
    const AstFile *ast;
    const char *prefix;          /* "" or "acme_" */
    bool imported;
    bool loaded;                 /* all that it imports is, too */
    struct FileSema **imports;
    size_t n_imports, cap_imports;
    size_t seen_at;              /* Sema.n_entered when a file that sees this one was entered */
} FileSema;

typedef struct ConstDecl ConstDecl;
typedef struct EnumValues EnumValues;

typedef struct Sema {
    Compilation *comp;
    Arena *arena;
    Diags *diags;
    Program *program;
    FileSema **files;       /* each after those that it imports; the main one is last */
    size_t n_files, cap_files;
    FileSema *file;         /* whose declarations are being resolved ... */
    size_t n_entered;       /* ... and the how manieth change of it that was */
    Type *error;            /* TY_ERROR */
    Type *builtin[TY_BYTES + 1];
    Type *fault;
    StrMap named_types;     /* enums and structs by name -> Type */
    size_t n_structs;    /* declared so far */
    StrMap type_files;      /* ... and the FileSema that declares them */
    StrMap types;           /* every type by Type.name -> Type */
    StrMap listed;          /* the types in use, by name, in order of first use */
    StrMap use_spans;       /* Type.name -> Span *, where it was first used */
    StrMap consts;          /* ConstDecl */
    StrMap graphs;          /* GraphSema */
    StrMap enum_values;     /* name of an enumerator -> EnumValues */
    StrMap members;         /* "quote.price" -> Member */
    StrMap c_names;         /* generated C name -> CName (cnames.c) */
    StrMap reserved;        /* name -> Reserved (names.c) */
} Sema;

/* An enumerator, in a list of all that have its name. */
struct EnumValues {
    Enum *enum_;
    Enumerator *value;
    const FileSema *file;
    EnumValues *next, *last;    /* last: in the first one */
};

/* ---- the graph under construction ---- */

typedef struct FlowPlace FlowPlace;
typedef struct FlowEdge FlowEdge;
typedef struct NodeInfo NodeInfo;
typedef struct FieldInfo FieldInfo;

/* A Place and what sema alone needs; Place is the first member, so the two convert by cast. */
struct FlowPlace {
    Place place;
    const AstPlace *ast;    /* PL_CHOICE: the when or match; PL_SECTION: the section */
    Region *home;           /* the branch that begins with this place; NULL: begins none */
    Span home_span;         /* where it is written as that branch's first place */
    FlowEdge *claim;        /* the edge through which its region reached it */
    bool excused;           /* an error was reported beside it: not reported as unreached */
    bool open;              /* an edge out of it was refused: not reported as leading nowhere */
    bool built;             /* PL_SECTION: its definition was walked */
    bool marked;            /* scratch of one pass of reach.c */
    uint32_t number, low;   /* reach.c: order of discovery in Tarjan's algorithm */
    uint32_t next;          /* reach.c: the next edge to look at */
    uint32_t component;     /* reach.c: number of its strongly connected component */
    uint32_t order;         /* order of first mention */
};

typedef enum EdgeTarget {
    TO_PLACE,
    TO_JOIN,       /* of the region of its source, not known before regions.c */
} EdgeTarget;

struct FlowEdge {
    Edge edge;
    EdgeTarget target;
    Span to_span;             /* where the target is written */
    const AstExpr *guard;     /* from the hop or the arm of a when; NULL: none */
    const AstArm *arm;        /* of a match; NULL: none */
    bool *reported;           /* of the guard; shared by the edges of several sources */
    bool bare;                /* no guard, no max, no values: the else */
    AstOnKind on;             /* taken after success, a failure, or a timeout */
};

struct FieldInfo {
    Field field;
    bool conflict_reported;   /* writes.c: that it lacks a reducer was said already */
    const NodeInfo *node;     /* nodes.c: the last node that named it ... */
    const AstParam *seen[3];  /* ... as in, out, inout */
};

struct NodeInfo {
    Node node;
    const AstNode *ast;
    const Graph *graph;
    AstName calls;            /* the function that it is bound to; text NULL: its own */
    bool used;                /* a place names it, a guard asks it, or an error excuses it */
    bool broken;              /* some parameter was refused */
};

typedef struct GraphSema {
    Sema *sema;
    FileSema *file;
    const AstGraph *ast;
    Graph *graph;
    StrMap fields;            /* FieldInfo */
    StrMap nodes;             /* NodeInfo: nodes, predicates and routers */
    StrMap sections;          /* name -> AstPlace, the definition */
    StrMap section_places;    /* name -> FlowPlace */
    StrMap typed_params;      /* name of a typed parameter -> TypedParam (nodes.c) */
    StrMap node_was, field_was; /* OLD -> AstName of the `was` that takes over from it */
    struct {
        const char *start, *end, *join;
    } words;                  /* interned: what a router leads to besides names */
    StrMap each_names;        /* name of an each variable anywhere in the graph -> EachVar */
    FlowPlace **places;       /* in order of first mention; [0] is start, [1] is end */
    size_t n_places, cap_places;
    FlowPlace *start, *end;
    Section **all_sections;   /* also those that no edge reaches */
    size_t n_all_sections, cap_all_sections;
    FlowEdge **crossings;     /* edges that cross the border of a branch */
    size_t n_crossings, cap_crossings;
    enum { NESTING_UNSEEN, NESTING_OPEN, NESTING_KNOWN } nesting;
    size_t next;              /* nesting.c: the next node to look at */
    uint32_t depth;           /* graphs below this one that run each other */
    uint64_t expanded;        /* places, with those of what its nodes run */
    bool limit_none;
    bool guards_skipped;      /* some guard was not checked: predicates may be used in it */
} GraphSema;

static inline FlowPlace *flow_place(Place *place) {
    return (FlowPlace *)place;
}
static inline FlowEdge *flow_edge(Edge *edge) {
    return (FlowEdge *)edge;
}
static inline FieldInfo *field_info(Field *field) {
    return (FieldInfo *)field;
}
static inline NodeInfo *node_info(Node *node) {
    return (NodeInfo *)node;
}

/* The i-th edge out of a place, those for errors behind the others; NULL after the last. */
static inline FlowEdge *way_out(const Place *place, size_t i) {
    if (i < place->n_edges)
        return flow_edge(place->edges[i]);
    i -= place->n_edges;
    if (place->on_error && i-- == 0)
        return flow_edge(place->on_error);
    return i == 0 ? flow_edge(place->on_timeout) : NULL;
}

/* A C name says every level of its type. */
enum { MAX_TYPE_NESTING = 16 };

/* ---- imports.c ---- */

/* Reads all files into s->files; false after an error: no name can be judged then. */
bool imports_load(Sema *s, const AstFile *main, const char **dirs, size_t n_dirs);
/* From here on names are looked up as that file sees them. */
void imports_enter(Sema *s, FileSema *file);
/* Whether s->file sees what another one declares; NULL: built in. */
bool imports_see(const Sema *s, const FileSema *file);
/* "; 'a.dfl' declares it, which 'b.dfl' does not import", to end a message with. */
const char *imports_hint(Sema *s, const FileSema *file);
/* A name that `file` has declared at `first` already. */
void imports_refuse_twice(Sema *s, const char *what, AstName name, Span first,
                          const FileSema *file);

/* ---- names.c ---- */

/* What a declared name becomes in C. */
typedef enum NameUse {
    NAME_TYPE = 1,       /* enum, struct: a type at file scope */
    NAME_MEMBER = 2,     /* of a struct */
    NAME_FIELD = 4,      /* a member of the state and a parameter; each variables too */
    NAME_GRAPH = 8,      /* begins longer names */
    NAME_PART = 16,      /* node, enumerator: within longer names */
    NAME_FUNCTION = 32,  /* `calls F`, `merge with F` */
    NAME_LABEL = 64,     /* node, router, section: a label within a function */
} NameUse;

void names_init(Sema *s);
/* Reports a name that C, C++ or the generated API cannot carry; true when it can be used. */
bool name_check(Sema *s, AstName name, NameUse use);
/* The name, or another one where C could not carry it as a label. */
const char *name_label(Sema *s, const char *name);
/* Whether a composed C name is one of C's own (INT_MAX from graph INT, node MAX). */
bool name_is_c(Sema *s, const char *c_name);

/* Only the first errors are shown: looking for hints ends with them, so that a file of a million
 * unknown names ends too. */
bool hints_are_shown(Sema *s);
/* ", did you mean 'x'?" from the names of `first`, and when none is near from `second` (both may
 * be NULL); "" when nothing is near. *found, if wanted, is the name. */
const char *hint_from(Sema *s, const char *name, const StrMap *first, const StrMap *second,
                      const char **found);
/* "x", "x and y", "x, y and 3 more": at most `shown` of them, each in quotes. */
const char *names_text(Sema *s, const char *const *names, size_t n, size_t shown);

/* ---- cnames.c ---- */

/* Every generated name of the program, checked for collisions. requires: fields and nodes done.
 * nested_known: it is sure what each node runs, and that this ends. */
void cnames_program(Sema *s, bool nested_known);
/* Whether graph functions have this suffix (run, load, state_init...). */
bool cnames_is_generated_suffix(const char *name);
/* `calls F`: every node that calls F has parameters of the same C types. */
void cnames_calls(Sema *s);

/* ---- types.c ---- */

void types_init(Sema *s);
/* What may stand where a type is written. */
typedef enum TypeUse { TYPE_FIELD, TYPE_MEMBER, TYPE_PARAM, TYPE_ELEMENT } TypeUse;
/* Never NULL: s->error after a message. */
Type *type_resolve(Sema *s, const AstType *ast, TypeUse use);
/* A type of the program's own: to be declared by the generated header. */
void type_list(Sema *s, Type *type, Span at);
Type *type_new_named(Sema *s, TypeKind kind, const char *name, const char *c_name);
/* Orders program->types and ->structs, sets `flat`; reports a struct that holds itself. */
void types_order(Sema *s);
/* "i32", "quote[]" or "an error": how a type is called in a message. */
const char *type_text(const Type *type);

/* ---- consts.c ---- */

/* A literal, with its sign and its constant's name resolved. */
typedef enum LiteralKind {
    LIT_ERROR, LIT_INT, LIT_REAL, LIT_STRING, LIT_DURATION, LIT_BOOL, LIT_NONE, LIT_NAME
} LiteralKind;

typedef struct Literal {
    LiteralKind kind;
    bool negative;            /* LIT_INT, LIT_DURATION */
    uint64_t magnitude;
    double real;
    bool boolean;
    const char *p;            /* LIT_STRING */
    size_t n;
    const char *name;         /* LIT_NAME: no constant; an enumerator, perhaps */
} Literal;

struct ConstDecl {
    AstName name;
    const FileSema *file;
    const AstExpr *value;
    enum { CONST_UNSEEN, CONST_OPEN, CONST_DONE } state;
    Literal literal;
};

/* A constant that s->file sees; NULL: none. */
const ConstDecl *const_find(const Sema *s, const char *name);
/* The message for a name that should be one. */
void const_refuse_unknown(Sema *s, Span at, const char *name);
void consts_collect(Sema *s, const AstFile *file);
/* The literal that an expression is; LIT_ERROR (reported) when it is none. A name that is no
 * constant is LIT_NAME, for the caller to resolve. */
Literal literal_of(Sema *s, const AstExpr *ast);
/* The constant of `type` that an expression is; NULL after a message. */
Const *const_of(Sema *s, const AstExpr *ast, const Type *type);
/* A whole number from 1 to max (`limit steps N`, `max N`, `need K`); false after a message. */
bool count_of(Sema *s, const AstExpr *ast, const char *what, uint64_t max, uint64_t *out);
/* Nanoseconds of a duration; false after a message. */
bool duration_of(Sema *s, const AstExpr *ast, const char *what, int64_t *out);
/* "300", "-2", "0.5", "\"text\"": a literal in a message. */
const char *literal_text(Sema *s, const AstExpr *ast);
/* The same with quotes around a name. */
const char *quoted_text(Sema *s, const AstExpr *ast);
Enumerator *enum_find(Sema *s, const Enum *enum_, const char *name);
/* The first enumerator of that name that s->file sees, and whether another enum has one (its enum
 * in *other, else NULL). */
const EnumValues *enum_values_find(const Sema *s, const char *name, const Enum **other);

/* ---- decls.c ---- */

/* Enums and structs: first all names, then what is in them. */
void decls_collect(Sema *s, const AstFile *file);
void decls_resolve(Sema *s, const AstFile *file);
void struct_note_members(Sema *s, Struct *struct_);
/* NULL when it has none of that name. */
Member *struct_member(Sema *s, const Struct *struct_, const char *name);

/* ---- fields.c ---- */

void fields_resolve(GraphSema *g);

/* ---- nodes.c ---- */

void nodes_collect(GraphSema *g);
void nodes_resolve(GraphSema *g);
/* "node", "predicate", "router" */
const char *node_kind_text(const AstNode *ast);

/* ---- attrs.c ---- */

void attrs_resolve(GraphSema *g, NodeInfo *info);
bool attrs_have(const NodeInfo *info, AstAttrKind kind);
/* requires: all fields known. */
void attrs_resolve_field_was(GraphSema *g);

/* ---- flow.c ---- */

void flow_build(GraphSema *g);

/* ---- routers.c ---- */

/* Makes the targets of each router that is a place the edges of that place. */
void routers_lead_on(GraphSema *g);
/* An edge that is written from a router to `name` (NULL: something without one). */
void routers_refuse_edge(GraphSema *g, const FlowPlace *router, Span to, const char *name);

/* ---- places.c ---- */

FlowPlace *place_new(GraphSema *g, PlaceKind kind, Span span);
/* The place of a name, an anonymous section, start or end; NULL after a message. */
FlowPlace *place_of(GraphSema *g, const AstPlace *ast);
/* "'a'", "section 'fan'", "section [a, b]", "this 'when'", "'start'". */
const char *place_text(GraphSema *g, const Place *place);
/* How a place is written in an example of an edge: "a", "[a, b]"; NULL: a choice, start, end. */
const char *place_spelling(const Place *place);
/* Notes every section that has a name, and that no two have the same. */
void places_collect_sections(GraphSema *g);

/* ---- sections.c ---- */

/* Fills in the section of a place, but for its branches' chains: label, mode, settle, each. */
void section_begin(GraphSema *g, FlowPlace *place, const AstPlace *ast);
void section_end(GraphSema *g, FlowPlace *place, const AstPlace *ast);
/* A new branch that begins with `head` (NULL: unknown); false when it cannot. */
bool section_add_branch(GraphSema *g, FlowPlace *place, FlowPlace *head, Span head_span);

/* ---- regions.c ---- */

void regions_assign(GraphSema *g);
/* "branch 'a'", "the body of 'each doc'", "the graph". */
const char *region_text(GraphSema *g, const Region *region);

/* ---- each.c ---- */

void each_resolve(GraphSema *g);
EachVar *each_find(const Region *region, const char *name);
/* Binds the typed parameters of a node that is called, or a predicate asked, in `region`. */
void each_bind_params(GraphSema *g, NodeInfo *node, const Region *region, Span use);

/* ---- exprs.c ---- */

/* Which optional things are known to be some, by path ("q", "q.at"). */
typedef struct Facts {
    StrMap known;             /* path -> count, as a pointer */
    const char **paths;       /* a stack, in order of learning */
    size_t n, cap;
} Facts;

typedef struct ExprScope {
    GraphSema *g;
    const Region *region;
    Facts *facts;
    const char *when_none;    /* what to do about a T? that may be none; NULL: as for a guard */
    bool is_binding;          /* of a node that runs a graph, and no guard */
} ExprScope;

/* Typed; its type is s->error after a message. `expected`: the enum that a bare name may be a
 * value of, or NULL. */
Expr *expr_check(ExprScope *scope, const AstExpr *ast, const Enum *expected);
/* A guard: bool. NULL after a message. */
Expr *expr_guard(ExprScope *scope, const AstExpr *ast);
/* The value of a T? that is known to be some; other types as they are. NULL after a message. */
Expr *expr_value(ExprScope *scope, Expr *expr);

/* ---- facts.c ---- */

bool facts_know(const Facts *facts, const char *path);
void facts_learn(Facts *facts, Arena *arena, const char *path);
/* What is known once `expr` turned out to be `truth`. */
void facts_learn_if(Facts *facts, Compilation *comp, const Expr *expr, bool truth);
/* Grants what a guard that was refused would have told, so that no error follows from it. */
void facts_learn_asked(Facts *facts, Compilation *comp, const AstExpr *ast);
/* Forgets all learned after the first n. */
void facts_forget(Facts *facts, Arena *arena, size_t n);
/* "q.at": NULL for what is no path. */
const char *facts_path(Compilation *comp, const Expr *expr);

/* ---- ranges.c ---- */

Expr *range_new_expr(Arena *arena, ExprKind kind, Span span, const Type *type);
/* Sets can_fail of arithmetic from what values its operands can have. */
void range_set(Expr *expr);
/* Whether a number type holds every value that an integer expression can have, exactly. */
bool range_fits(const Expr *expr, const Type *type);

/* The one value that an integer expression can have; false: there are several. */
bool range_integer(const Expr *expr, bool *negative, uint64_t *magnitude);

/* ---- fold.c ---- */

typedef enum Truth { TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE } Truth;

/* What a condition is that depends on constants alone. */
Truth fold_condition(const Expr *expr);

/* ---- runs.c ---- */

/* The graphs that this one's nodes run, and what is bound to them. */
void runs_resolve(GraphSema *g);

/* ---- nesting.c ---- */

void nesting_check(Sema *s);

/* ---- guards.c ---- */

void guards_resolve(GraphSema *g);

/* ---- reach.c ---- */

void reach_check(GraphSema *g);

/* ---- writes.c ---- */

void writes_check(GraphSema *g);

/* ---- ranks.c ---- */

void ranks_check(GraphSema *g);

#endif
