/* What the program means: types, graphs, fields, nodes and the flow between them, with every name
 * resolved and every expression typed. Written by sema, read by all later stages.
 *
 * A graph's flow is made of places (a node call, a section, a choice, start, end, join) joined by
 * edges. Places live in regions: the graph's own, and one for each branch of a section (or one
 * for the body of an `each`). An edge never leaves its region but by the region's exit: `end` in
 * the outermost, `join` in a branch. Arrays are in the order of the source. */
#ifndef DFLC_GRAPH_H
#define DFLC_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compilation.h"

typedef struct Type Type;
typedef struct Enum Enum;
typedef struct Struct Struct;
typedef struct Field Field;
typedef struct Node Node;
typedef struct Place Place;
typedef struct Edge Edge;
typedef struct Section Section;
typedef struct Region Region;
typedef struct Graph Graph;
typedef struct Expr Expr;
typedef struct Const Const;

/* ---- types ---- */

typedef enum TypeKind {
    TY_ERROR,    /* already reported; fits everything */
    TY_BOOL,
    TY_I8, TY_I16, TY_I32, TY_I64,
    TY_U8, TY_U16, TY_U32, TY_U64,
    TY_F32, TY_F64,
    TY_STRING,   /* dfl_str */
    TY_BYTES,    /* dfl_bytes */
    TY_ENUM,
    TY_STRUCT,   /* also the built-in `fault` (struct_->builtin) */
    TY_LIST,     /* elem */
    TY_ARRAY,    /* elem, count */
    TY_MAP,      /* elem; the key is a string */
    TY_OPT,      /* elem */
    TY_HANDLE,   /* c_name is the C type as written */
} TypeKind;

/* Interned: the same type is the same pointer. */
struct Type {
    TypeKind kind;
    const char *name;      /* as in the source: "quote[]", "map<string, f64>" */
    const char *c_name;    /* dfl_f64_list, quote_opt, int32_t; of an array: of its element */
    const char *stem;      /* what a suffix is added to: "dfl_f64", "dfl_str", "quote", "quote_list" */
    Type *elem;
    uint32_t count;        /* TY_ARRAY */
    Enum *enum_;
    Struct *struct_;
    bool flat;             /* holds no pointer: numbers, bool, enum; arrays, structs and ? of such */
};

bool type_is_integer(const Type *type);
bool type_is_number(const Type *type);
bool type_is_unsigned(const Type *type);

typedef struct Enumerator {
    const char *name;      /* billing */
    const char *c_name;    /* intent_billing */
    int32_t value;
    Span span;
} Enumerator;

struct Enum {
    const char *name, *c_name;    /* c_name carries the prefix */
    Span span;
    bool imported;
    Enumerator *values;
    size_t n_values, cap_values;
    Type *type;
};

typedef struct Member {
    const char *name;
    Span span;
    Type *type;
    Const *init;           /* NULL: the type's zero */
} Member;

struct Struct {
    const char *name, *c_name;
    Span span;
    bool builtin, imported;
    Member *members;
    size_t n_members, cap_members;
    Type *type;
};

/* A constant that fits its type. */
struct Const {
    const Type *type;      /* TY_OPT: `none` when is_none, else the element's value in u */
    bool is_none;
    union {
        bool boolean;
        int64_t i;         /* signed integers */
        uint64_t u;        /* unsigned integers */
        double real;
        const Enumerator *enumerator;
        struct {
            const char *p;
            size_t n;
        } string;          /* string and bytes */
    } u;
};

/* ---- state ---- */

typedef enum Reducer {
    RD_NONE,
    RD_SUM, RD_MIN, RD_MAX, RD_AND, RD_OR,
    RD_APPEND, RD_UNION,
    RD_LAST,     /* no merging: allows several branches to write */
    RD_CUSTOM,   /* with FUNCTION */
} Reducer;

struct Field {
    const char *name;
    Span span, type_span;
    uint32_t index;          /* in graph->fields */
    const Type *type;
    bool is_in, is_out, transient, local;
    Reducer reducer;
    const char *reducer_fn;  /* RD_CUSTOM: the C function */
    Const *init;             /* NULL: zero, or the reducer's identity */
    const char *was;         /* the name it was saved under before; NULL: none */
};

/* Whether `out` of this field is an update that is merged (sum .. union, custom; not last). */
bool field_merges(const Field *field);
/* Whether encodings and checkpoints hold the field: no handle, not local, not transient. */
bool field_is_saved(const Field *field);

/* ---- nodes, predicates, routers ---- */

typedef enum Mode { MODE_IN, MODE_OUT, MODE_INOUT } Mode;

typedef struct Param {
    Mode mode;
    Span span;
    const char *name;        /* of the C parameter: FIELD, or FIELD_out where it is both in and out */
    Field *field;            /* NULL: the whole state, or a typed parameter */
    bool whole_state;
    const Type *type;        /* of the field or of the typed parameter */
    struct EachVar *var;     /* a typed parameter: the each variable that it is bound to */
} Param;

/* `in query = topic` and `out report = answer` of a node that runs a graph. */
typedef struct Binding {
    Span span;
    Field *child;            /* of the graph that runs */
    struct Expr *value;      /* in: over the parent; NULL: an out */
    Field *parent;           /* out: gets the child's value as the node's update */
} Binding;

/* What a router may answer. */
typedef struct RouterTarget {
    const char *name;        /* billing, end */
    const char *c_name;      /* support_pick_billing */
    Span span;
} RouterTarget;

typedef enum NodeKind { NODE_CALL, NODE_PREDICATE, NODE_ROUTER } NodeKind;

struct Node {
    NodeKind kind;
    const char *name;
    const char *c_label;   /* the name as a label of C: dfl_at_default for a node `default` */
    Span span;
    uint32_t index;          /* in graph->nodes */
    /* The C function: support_classify; support_run_node for a node that is called like a function
     * of the generated API (run, load, state_init ...); of `calls F`, F. */
    const char *c_name;
    bool calls;              /* bound to another C function: not declared twice, not defined */
    Param *params;
    size_t n_params, cap_params;
    const char *body;        /* {% ... %}; NULL: extern */
    size_t body_n;
    Span body_span;
    bool has_cost, checkpoint, effect, pause_before, pause_after;
    int64_t cost_ns;
    uint64_t retries;        /* further attempts; 0: none */
    int64_t retry_ns, retry_cap_ns;   /* wait before the first; INT64_MAX: no cap said */
    int64_t timeout_ns;      /* 0: none */
    const char *was;         /* NULL: none */
    Graph *runs;             /* NODE_CALL: a subgraph instead of a C function; then bindings */
    Binding *bindings;
    size_t n_bindings, cap_bindings;
    RouterTarget *targets;   /* NODE_ROUTER; its place has one edge for each, in this order */
    size_t n_targets, cap_targets;
    Place *place;            /* the one place that calls it; NULL for predicates and the unreached */
};

/* ---- expressions of guards, match subjects ---- */

typedef enum ExprKind {
    EX_CONST,       /* constant */
    EX_FIELD,       /* field */
    EX_VAR,         /* var: an each variable (the element or the index) */
    EX_MEMBER,      /* left, member */
    EX_UNWRAP,      /* left is a T? known to be some here; the value in it */
    EX_PREDICATE,   /* node */
    EX_LEN,         /* left: string, bytes, list, map, array; type i64 */
    EX_IS_NONE, EX_IS_SOME,     /* left */
    EX_IN,                      /* left in right (a list or an array) */
    EX_NEG, EX_NOT,             /* left */
    EX_MUL, EX_DIV, EX_MOD, EX_ADD, EX_SUB,
    EX_LT, EX_LE, EX_GT, EX_GE, EX_EQ, EX_NE,
    EX_AND, EX_OR,
} ExprKind;

/* Arithmetic on integers is done in `type`: TY_I64, or TY_U64 when an operand of + - * / % is a u64
 * (operands are converted with a check); on a float in TY_F64, where there is no %. Comparisons
 * compare mathematically, whatever the two types are; a constant has the type of a float or u64
 * that it meets when it is exact in it. A negative number is a constant, not EX_NEG. */
struct Expr {
    ExprKind kind;
    Span span;
    const Type *type;
    Expr *left, *right;
    Const *constant;
    Field *field;
    struct EachVar *var;
    Member *member;
    Node *node;
    bool can_fail;        /* integer arithmetic below that may overflow or divide by zero */
};

/* ---- flow ---- */

typedef enum PlaceKind {
    PL_START, PL_END,
    PL_JOIN,        /* the end of a branch: one a region */
    PL_NODE,        /* node */
    PL_SECTION,     /* section */
    PL_CHOICE,      /* a match, or a `when` that is an arm's target: no work, only edges */
    PL_ROUTER,      /* node: its C function says which edge */
} PlaceKind;

struct Place {
    PlaceKind kind;
    Span span;
    uint32_t index;         /* in graph->places */
    Region *region;
    Node *node;
    Section *section;
    const Expr *subject;    /* PL_CHOICE of a match; its edges then hold values */
    Edge **edges;           /* outgoing, in the order in which they are tried; the else last */
    size_t n_edges, cap_edges;
    Edge *on_error;         /* nodes and sections; NULL: the failure goes outwards */
    Edge *on_timeout;       /* nodes with a timeout: the narrower one */
    Edge **in;              /* incoming, those of on_error and on_timeout included */
    size_t n_in, cap_in;
};

struct Edge {
    Span span;              /* the arrow, or the arm */
    Place *from, *to;
    Expr *guard;            /* NULL: unguarded (or a match arm) */
    Const **values;         /* arm of a match; n_values 0 in the else arm */
    size_t n_values, cap_values;
    bool has_max;
    uint64_t max;
    uint32_t max_index;     /* numbers the edges with `max` within their region */
};

typedef enum SectionMode { SECTION_AUTO, SECTION_INLINE, SECTION_THREADS } SectionMode;

typedef struct EachVar {
    const char *name;
    Span span;
    const Type *type;
    bool is_index;
    Section *section;
} EachVar;

enum { LABEL_BRANCHES = 8 };

struct Section {
    uint32_t index;         /* in graph->sections; from 0, in order of the source */
    Span span;
    const char *name;       /* NULL: has none */
    const char *c_label;    /* as of a node */
    /* The name, or "[a, b, c]" from the heads of its branches (LABEL_BRANCHES at most, then "..."), or
     * "each x in xs [a]". */
    const char *label;
    Place *place;
    Region **branches;      /* one in an each */
    size_t n_branches, cap_branches;
    SectionMode mode;
    bool ranks;             /* and on other ranks, where the run has some; mode is SECTION_THREADS */
    Span ranks_span;        /* then */
    Field *settle;          /* NULL: failures are failures */
    bool has_need;
    uint64_t need;
    Expr *over;             /* each: a list, an array or a map; NULL otherwise */
    EachVar *item, *key;    /* each; key NULL when not named */
};

struct Region {
    uint32_t index;         /* in graph->regions; 0 is the graph's own */
    Section *section;       /* NULL for the graph's own */
    uint32_t branch;        /* number within the section */
    Region *parent;         /* the region that the section lies in; NULL for the graph's own */
    uint32_t depth;         /* 0 for the graph's own */
    const char *label;      /* of a branch: the name of its first node or section */
    Place *entry, *exit;    /* start or the branch's first place; end or join */
    Place **places;         /* all of it, in order of the source, entry first, exit last */
    size_t n_places, cap_places;
    uint32_t n_max;         /* edges with `max` */
    bool has_cycle;         /* some cycle within this region (not within nested ones) */
};

typedef enum CheckpointPolicy {
    CP_MARKED, CP_EVERY, CP_AUTO, CP_NEVER
} CheckpointPolicy;

struct Graph {
    const char *name, *c_name;     /* c_name carries the prefix: acme_support */
    Span span;
    bool imported;
    Field **fields;
    size_t n_fields, cap_fields;
    bool marks_io;                 /* some field says in or out */
    bool marks_out;                /* some field says out */
    Node **nodes;                  /* nodes, predicates, routers */
    size_t n_nodes, cap_nodes;
    Place **places;
    size_t n_places, cap_places;
    Section **sections;
    size_t n_sections, cap_sections;
    Region **regions;              /* parents before children */
    size_t n_regions, cap_regions;
    bool has_limit;                /* a step limit holds (said, or the default for a cycle) */
    uint64_t limit;
    bool limit_is_default;         /* nobody said it */
    CheckpointPolicy policy;
    uint64_t checkpoint_every;     /* CP_EVERY: N */
};

typedef struct Include {
    const char *text;              /* with its quotes or brackets */
    Span span;
} Include;

typedef struct Program {
    Source *source;                /* the main file */
    const char *prefix;            /* "" or "acme_" */
    Include *includes;
    size_t n_includes, cap_includes;
    Enum **enums;                  /* in order of declaration */
    size_t n_enums, cap_enums;
    Struct **structs;              /* each after those that it holds by value */
    size_t n_structs, cap_structs;
    /* Every type in use, each after all that it holds by value. A list or map is after an element
     * that is a list or map; one of a struct (or of struct?) may come before it, as a struct can
     * hold a list of itself. */
    Type **types;
    size_t n_types, cap_types;
    Graph **graphs;                /* imported ones too: only those of the main file are emitted */
    size_t n_graphs, cap_graphs;
    Source **imports;              /* every file read besides the main one, in order */
    size_t n_imports, cap_imports;
} Program;

/* Whether a place of the region itself, not of a section in it, uses the field. */
bool region_uses_itself(const Region *region, const Field *field);
/* Re-checks the invariants above; a breach is an assertion with a message, never a user error. */
void graph_check(const Program *program);
/* A stable text form, for tests and --dump=graph. */
void graph_dump(const Program *program, FILE *out);

#endif
