/* What the user wrote: one AstFile a source file, in source order.
 *
 * The grammar calls the ast_* builders and nothing else; no name is looked up here. Lists are
 * arrays in the arena (items, n, cap). Every element carries the span of what the user should look
 * at: for a declaration its name. Names are interned. */
#ifndef DFLC_AST_H
#define DFLC_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "compilation.h"

typedef struct AstExpr AstExpr;
typedef struct AstType AstType;
typedef struct AstPlace AstPlace;
typedef struct AstChain AstChain;

/* The deepest tree of an expression or type, and the deepest nesting of brackets of all kinds: what
 * the parser lets through can be walked by recursion. */
enum { AST_MAX_DEPTH = 1000 };

typedef struct AstName {
    const char *text;   /* interned; NULL when absent */
    Span span;
} AstName;

/* ---- literals and expressions ---- */

typedef enum AstExprKind {
    AE_INT,        /* 10  0xff  1_000     u.integer (up to UINT64_MAX; '-' is an operator) */
    AE_FLOAT,      /* 0.8                 u.real */
    AE_STRING,     /* "text"              u.string (escapes resolved; may hold NUL) */
    AE_DURATION,   /* 20ms                u.integer nanoseconds */
    AE_BOOL,       /* true false          u.boolean */
    AE_NONE,       /* none */
    AE_NAME,       /* score  urgent       u.name: field, enum value, const, predicate */
    AE_MEMBER,     /* quote.price         left, u.name */
    AE_LEN,        /* len(x)              left */
    AE_IS_NONE,    /* x is none           left */
    AE_IS_SOME,    /* x is some           left */
    AE_IN,         /* "text" in list      left, right */
    AE_NEG, AE_NOT,                                     /* - !            left */
    AE_MUL, AE_DIV, AE_MOD, AE_ADD, AE_SUB,             /* * / % + -      left, right */
    AE_LT, AE_LE, AE_GT, AE_GE, AE_EQ, AE_NE,           /* < <= > >= == != */
    AE_AND, AE_OR,                                      /* && || */
} AstExprKind;

struct AstExpr {
    AstExprKind kind;
    Span span;      /* the whole expression */
    Span op;        /* the operator or member name alone */
    AstExpr *left, *right;
    uint16_t depth; /* of the tree; at most AST_MAX_DEPTH, so that stages may recurse */
    bool parens;    /* it was written in parentheses */
    union {
        uint64_t integer;
        double real;
        bool boolean;
        const char *name;
        struct {
            const char *p;
            size_t n;
        } string;
    } u;
};

/* ---- types ---- */

typedef enum AstTypeKind {
    AT_NAME,     /* f64  string  quote  fault */
    AT_LIST,     /* T[] */
    AT_ARRAY,    /* T[N]                 count: integer literal or const name */
    AT_MAP,      /* map<string, T>       key, elem */
    AT_OPT,      /* T? */
    AT_HANDLE,   /* handle "C type"      c_type */
} AstTypeKind;

struct AstType {
    AstTypeKind kind;
    Span span;
    const char *name;      /* AT_NAME */
    const char *c_type;    /* AT_HANDLE */
    AstType *key, *elem;
    AstExpr *count;
    uint16_t depth;        /* as in AstExpr */
};

/* ---- declarations ---- */

typedef struct AstMember {     /* of a struct: symbol: string = "x"; */
    AstName name;
    AstType *type;
    AstExpr *init;             /* NULL: none */
} AstMember;

typedef struct AstEnumerator {
    AstName name;
    AstExpr *value;            /* NULL: one more than the one before */
} AstEnumerator;

typedef enum AstDirection { AD_NONE, AD_IN, AD_OUT, AD_INOUT } AstDirection;

typedef struct AstField {      /* [in|out] NAME : TYPE [= CONSTANT] [merge REDUCER] ... */
    AstDirection direction;    /* AD_NONE, AD_IN or AD_OUT */
    AstName name;
    AstType *type;
    AstExpr *init;
    AstName merge;             /* sum min max and or append union last; "with": see merge_with */
    AstName merge_with;        /* FUNCTION */
    bool transient, local;
    Span transient_span, local_span;
    AstName was;
} AstField;

typedef struct AstParam {
    AstDirection mode;         /* AD_IN, AD_OUT or AD_INOUT; AD_NONE when none was ever given */
    AstName name;
    bool whole_state;          /* `in state` */
    AstType *type;             /* `in doc: string`; NULL otherwise */
    AstExpr *binding;          /* `in query = topic`, `out report = answer`; NULL otherwise */
} AstParam;

typedef enum AstAttrKind {
    AA_COST,           /* cost D                        value */
    AA_RETRY,          /* retry N [every D [up to D]]   value, every, up_to */
    AA_TIMEOUT,        /* timeout D                     value */
    AA_CHECKPOINT,     /* checkpoint */
    AA_EFFECT,         /* effect */
    AA_PAUSE_BEFORE,   /* pause before */
    AA_PAUSE_AFTER,    /* pause after */
    AA_WAS,            /* was OLD                       name */
    AA_CALLS,          /* calls F                       name */
} AstAttrKind;

typedef struct AstAttr {
    AstAttrKind kind;
    Span span;
    AstExpr *value, *every, *up_to;
    AstName name;
} AstAttr;

typedef enum AstNodeKind { AN_NODE, AN_PREDICATE, AN_ROUTER } AstNodeKind;

typedef struct AstNode {
    AstNodeKind kind;
    AstName name;
    AstName runs;              /* node NAME runs GRAPH (...) */
    AstParam *params;
    size_t n_params, cap_params;
    AstAttr *attrs;
    size_t n_attrs, cap_attrs;
    const char *body;          /* text between {% and %}, verbatim; NULL: none */
    size_t body_n;
    Span body_span;            /* of that text */
    AstName *targets;          /* router ... -> billing | technical | end */
    size_t n_targets, cap_targets;
} AstNode;

/* ---- edges ---- */

typedef enum AstPlaceKind {
    AP_NAME,       /* a node, a router, a named section      name */
    AP_START, AP_END, AP_JOIN,
    AP_SECTION,    /* [a -> b, c]  each x in xs [a]          name: `fan: [...]` or NULL */
    AP_WHEN,       /* when { guard -> chain; else -> chain; } */
    AP_MATCH,      /* match expr { values -> chain; else -> chain; } */
} AstPlaceKind;

typedef struct AstArm {
    Span span;                 /* the guard or values */
    bool is_else;
    AstExpr *guard;            /* when */
    AstExpr **values;          /* match: literals and enum values */
    size_t n_values, cap_values;
    AstChain *chain;           /* what follows the arm's first arrow */
} AstArm;

typedef enum AstSectionMode { AM_AUTO, AM_INLINE, AM_THREADS, AM_RANKS } AstSectionMode;

struct AstPlace {
    AstPlaceKind kind;
    Span span;                 /* the name; the whole brackets; the word `when` or `match` */
    AstName name;
    /* AP_SECTION */
    AstChain **branches;       /* each begins with a place and no arrow */
    size_t n_branches, cap_branches;
    bool is_each;
    AstName item, index;       /* each ITEM[, INDEX] in FIELD; index.text NULL: none */
    AstExpr *over;             /* the field (a name, or a member) */
    AstSectionMode mode;
    Span mode_span;
    AstName settle;            /* settle FIELD; text NULL: none */
    AstExpr *need;             /* need K */
    /* AP_WHEN, AP_MATCH */
    AstExpr *subject;          /* match */
    AstArm *arms;
    size_t n_arms, cap_arms;
};

typedef enum AstOnKind { AO_NORMAL, AO_ERROR, AO_TIMEOUT } AstOnKind;

/* One hop: -> place [when guard] [max N] [on error]. The first hop of a chain that begins with a
 * place (a branch, a statement's source) has no arrow and an empty guard. */
typedef struct AstHop {
    Span arrow;
    AstPlace *place;
    AstExpr *guard;
    AstExpr *max;
    AstOnKind on;
    Span on_span;
} AstHop;

struct AstChain {
    Span span;
    AstHop *hops;
    size_t n, cap;
};

/* a, b -> c -> d;   sources: a, b (places); chain: the hops after them. */
typedef struct AstEdges {
    Span span;
    AstPlace **sources;
    size_t n_sources, cap_sources;
    AstChain *chain;
} AstEdges;

/* ---- graph and file ---- */

typedef enum AstSettingKind {
    AS_LIMIT,               /* limit steps N;          value */
    AS_LIMIT_NONE,          /* limit none; */
    AS_CHECKPOINT_MARKED,   /* checkpoint marked; */
    AS_CHECKPOINT_EVERY,    /* checkpoint every node;  value NULL: 1; else every N nodes */
    AS_CHECKPOINT_AUTO,     /* checkpoint auto; */
    AS_CHECKPOINT_NEVER,    /* checkpoint never; */
} AstSettingKind;

typedef struct AstSetting {
    AstSettingKind kind;
    Span span;
    AstExpr *value;
} AstSetting;

typedef struct AstGraph {
    AstName name;
    Span close;                /* the '}' */
    AstField *fields;          /* of all state blocks, in order */
    size_t n_fields, cap_fields;
    AstNode *nodes;            /* nodes, predicates and routers */
    size_t n_nodes, cap_nodes;
    AstEdges *edges;
    size_t n_edges, cap_edges;
    AstSetting *settings;
    size_t n_settings, cap_settings;
} AstGraph;

typedef enum AstItemKind {
    AI_INCLUDE,    /* include "nodes.h";  include <math.h>;   text with its quotes or brackets */
    AI_IMPORT,     /* import "common.dfl";                    text without quotes */
    AI_CONST,      /* const TRIES = 3;                        name, value */
    AI_PREFIX,     /* prefix acme;                            name */
    AI_ENUM,       /* enum intent { a, b = 10 }               name, enumerators */
    AI_STRUCT,     /* struct quote { symbol: string; }        name, members */
    AI_GRAPH,      /* graph NAME { ... }                      graph */
} AstItemKind;

typedef struct AstItem {
    AstItemKind kind;
    Span span;
    AstName name;
    const char *text;
    AstExpr *value;
    AstEnumerator *enumerators;
    size_t n_enumerators, cap_enumerators;
    AstMember *members;
    size_t n_members, cap_members;
    AstGraph *graph;
} AstItem;

typedef struct AstFile {
    Source *source;
    AstItem *items;
    size_t n_items, cap_items;
    Span *comments;            /* all, in order: from // to the end of line, or the whole block */
    size_t n_comments, cap_comments;
} AstFile;

/* Parses a source. Syntax errors are in comp->diags (the parser recovers at ';' and '}', so that
 * several independent ones are found); the AST returned is then only good for nothing more. */
AstFile *ast_parse(Compilation *comp, Source *source);

/* Writes the file back as an indented tree, one fact a line: for tests and --dump=ast. */
void ast_dump(const AstFile *file, FILE *out);

#endif
