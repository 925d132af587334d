/* A generated graph as data: the one source of the .dfl, of its nodes in C, and of what the oracle says
 * that a run does. */
#ifndef ORACLE_MODEL_H
#define ORACLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory: all of a graph is freed together ---- */

/* Zeroed; never NULL. */
void *room(size_t n);
void room_clear(void);
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Appends to a growing array in the room. */
#define PUSH(ARRAY, N, VALUE)                                                                      \
    do {                                                                                           \
        if (((N) & ((N) - 1)) == 0)                                                                \
            (ARRAY) = room_grow(ARRAY, (N) * sizeof *(ARRAY), ((N) ? 2 * (N) : 1) * sizeof *(ARRAY)); \
        (ARRAY)[(N)++] = (VALUE);                                                                  \
    } while (0)
void *room_grow(const void *old, size_t n, size_t more);

/* ---- types ---- */

typedef enum Kind {
    K_BOOL, K_I8, K_I16, K_I32, K_I64, K_U8, K_U16, K_U32, K_U64, K_F32, K_F64, K_STRING,
    K_BYTES, K_ENUM, K_STRUCT, K_LIST, K_ARRAY, K_MAP, K_OPT
} Kind;

typedef struct Type Type;
typedef struct Value Value;
typedef struct Member {
    const char *name;
    const Type *type;
    const Value *initial; /* NULL: none is written */
} Member;

struct Type {
    Kind kind;
    const char *dfl;     /* "i32", "T3[]" */
    const char *stem;    /* of helpers and composites: "dfl_i32", "T3_list" */
    const char *c;       /* "int32_t"; of an array that of its element */
    const Type *elem;
    unsigned n;          /* values of an enum, items of an array, members of a struct */
    Member *members;
    int32_t *values;     /* of an enum: their numbers */
};

static inline bool is_signed(const Type *t) { return t->kind >= K_I8 && t->kind <= K_I64; }
static inline bool is_unsigned(const Type *t) { return t->kind >= K_U8 && t->kind <= K_U64; }
static inline bool is_int(const Type *t) { return t->kind >= K_I8 && t->kind <= K_U64; }
static inline bool is_float(const Type *t) { return t->kind == K_F32 || t->kind == K_F64; }
static inline bool is_number(const Type *t) { return is_int(t) || is_float(t); }
static inline unsigned int_bits(const Type *t) {
    return 8u << (unsigned)(t->kind - (is_signed(t) ? K_I8 : K_U8));
}

/* ---- the state ---- */

typedef enum Reducer {
    R_NONE, R_SUM, R_MIN, R_MAX, R_AND, R_OR, R_APPEND, R_UNION, R_LAST, R_WITH
} Reducer;

typedef struct Field {
    unsigned index;
    const char *name;
    const Type *type;
    Reducer reducer;
    const Value *initial;  /* NULL: none is written */
    bool in, out, local, transient, faults;
    const char *was;       /* in an earlier version; NULL: the same */
    bool added;            /* was not there; nothing uses it */
    bool many;             /* a list that has so many elements at the start that threads take several at a time */
} Field;

/* ---- expressions ---- */

typedef enum ExprKind { E_INT, E_FLOAT, E_TEXT, E_BOOL, E_ENUM, E_FIELD, E_VAR, E_LEN, E_MEMBER,
    E_NEG, E_NOT, E_MUL, E_DIV, E_MOD, E_ADD, E_SUB, E_IN, E_NONE, E_SOME, E_LT, E_LE, E_GT, E_GE,
    E_EQ, E_NE, E_AND, E_OR, E_PREDICATE } ExprKind;

typedef struct Node Node;
typedef struct Var Var;
typedef struct Expr Expr;
struct Expr {
    ExprKind kind;
    const Expr *a, *b;
    const Field *field;
    const Var *var;
    const Member *member;
    const Node *predicate;
    const Type *type;    /* of a field, a variable, a member, or E_ENUM */
    uint64_t number;     /* E_INT (not negative), E_BOOL, E_ENUM: which value */
    double real;
    const char *text;
};

/* ---- nodes ---- */

typedef enum Mode { M_IN, M_OUT, M_INOUT } Mode;

/* The variable of an each: its element, or its index or key. */
struct Var {
    const char *name;
    const Type *type;
    const struct Section *of;
    bool is_index;
};

typedef struct Param {
    Mode mode;
    const Field *field;  /* or */
    const Var *var;
    bool beside;         /* an out beside an in of the same field: FIELD_out in C */
    bool left;           /* an out that is never assigned */
} Param;

/* What a node does besides its values. */
typedef struct Script {
    uint32_t seed;
    unsigned fails_one_in;     /* 0: never, 1: always */
    int code;
    bool says;                 /* with a message */
    bool fatal;                /* by dfl_fatal */
    unsigned fails_first;      /* so many attempts fail, before they ask anything */
    unsigned asks;             /* so many questions; the answer to each is "yes " and the question */
    bool reads_error;          /* what failed before an error edge led to the node */
    bool reads_state;          /* `in state`, behind the other parameters */
    unsigned lost_one_in;      /* of a router: its answer is none of its targets */
} Script;

typedef struct Binding {
    const Field *child, *parent;
    const Expr *value;         /* of an in */
} Binding;

struct Node {
    const char *name;
    const char *was;           /* in an earlier version; NULL: the same */
    Param *params;
    unsigned n_params;
    Script script;
    unsigned retries;
    struct Graph *runs;        /* a subgraph */
    Binding *ins, *outs;
    unsigned n_ins, n_outs;
    bool checkpoint, effect, pause_before, pause_after;
    enum { NO_TIMEOUT, NEVER_LATE, ALWAYS_LATE, WAITS } late; /* WAITS: until one around it is over */
    unsigned cost_us;
    const Node *calls;         /* the node whose function it calls, too */
    bool has_body;             /* in the .dfl */
};

/* ---- flow ---- */

typedef struct Place Place;
typedef struct Region Region;

typedef struct Choice Choice;

typedef struct Edge {
    const Expr *guard;   /* NULL: none */
    const Expr **values; /* of an arm of a match */
    unsigned n_values;
    unsigned max;        /* 0: none */
    unsigned counter;    /* of its max, in the region */
    const Choice *choice; /* which leads on, or */
    Place *to;           /* NULL: the end of the region */
} Edge;

/* `when {}` and `match {}` behind another arm or edge. */
struct Choice {
    const Expr *subject; /* of a match */
    Edge *edges;         /* in file order; the one without guard, values and max is the else */
    unsigned n_edges;
};

typedef struct Section {
    const char *name;
    Region **branches;
    unsigned n_branches;
    const Expr *over;    /* of an each: a field, a variable, or a member of one */
    Var element, index;  /* names NULL: not there */
    const Field *settle;
    unsigned need;
    enum { AS_DECIDED, INLINE, THREADS } how;
} Section;

typedef enum PlaceKind { P_NODE, P_SECTION, P_ROUTER, P_START } PlaceKind;

struct Place {
    PlaceKind kind;
    unsigned index;      /* in its region */
    Node *node;          /* also of a router, whose targets are the edges */
    Section *section;
    Edge *edges;         /* in file order; the bare one is the else */
    unsigned n_edges;
    const Expr *asked;   /* the guard of the first one: what it tells of optionals, the others may rely on */
    bool in_one_block;   /* its edges are written as `-> when {}` */
    bool is_handler;     /* only error edges lead to it */
    Place *on_error, *on_timeout;
    bool has_error, has_timeout;  /* NULL is the end of the region */
};

struct Region {
    Place **places;
    unsigned n_places;
    const Region *parent;      /* NULL: the graph itself */
    const Section *section;
    unsigned branch;
    unsigned n_counters;
    unsigned n_ways;           /* places that edges without error lead to: the first ones */
    bool holds[64];            /* local fields that it may use: its own, and those of branches around */
};

typedef enum Policy { SAVE_MARKED, SAVE_EVERY, SAVE_EVERY_N, SAVE_AUTO, SAVE_NEVER } Policy;

typedef struct Graph {
    const char *name;
    Field **fields;
    Field **declared;          /* the same in the order of the text; NULL: that is the order of `fields` */
    unsigned n_fields;
    Place *start;
    Region *region;
    Node **predicates;
    unsigned n_predicates;
    uint64_t limit;            /* 0: none written, and no cycle */
    bool has_cycle;
    Policy policy;
    unsigned every;
    unsigned n_names;          /* numbers that names have used */
    bool is_child;             /* run by nodes only */
    bool is_cheap;             /* no node takes long or marks a save: a thread takes several branches at a time */
    bool others_within;        /* what is kept of a run in a section or subgraph is not what an earlier version kept */
    bool waits;                /* its first node, until the timeout of what runs it is over: none begins behind it */
    bool has_threads;          /* some section says so, or one of a graph that it runs */
} Graph;

static inline const Field *declared_field(const Graph *graph, unsigned i) {
    return graph->declared ? graph->declared[i] : graph->fields[i];
}

/* All graphs of a file, and the types that they use. */
typedef struct File {
    Type **types;              /* in an order in which each stands behind what it is made of */
    unsigned n_types;
    Graph **graphs;
    unsigned n_graphs;
    unsigned n_children;
} File;

#endif
