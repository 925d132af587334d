/* The reference interpreter: what LANGUAGE.md says that a run of a graph does. Small, slow, and one
 * thing after the other. */
#ifndef ORACLE_INTERPRET_H
#define ORACLE_INTERPRET_H

#include <stdio.h>

#include "value.h"

/* Runs `graph` with the inputs of `input`, and writes what is to be seen of it (harness.h reads it). */
void interpret(FILE *out, const Graph *graph, unsigned input);

/* ---- shared by interpret.c, eval.c and locals.c ---- */

/* Whether the field, which is local, is the branch's or one of a branch's around it. */
bool has_local(const Region *region, const Field *field);

/* What an each binds, the innermost first. */
typedef struct Bound {
    const Var *var;
    const Value *value;
    const struct Bound *out;
} Bound;

/* What expressions see. */
typedef struct View {
    const Value **state;   /* by field */
    const Bound *bound;
} View;

const Value *bound_value(const Bound *bound, const Var *var);

/* The value of an expression; *failed when it has none (DFL_EGUARD). */
typedef struct Result {
    enum { IS_INT, IS_REAL, IS_BOOL, IS_TEXT, IS_OTHER } kind;
    bool is_u64;           /* arithmetic with it is done in u64 */
    Wide n;                /* of bools too */
    double real;
    const Value *value;    /* of texts and all that is only looked at */
} Result;

/* What a field, a variable or a member holds. */
const Value *looked_at(const Expr *e, const View *view);
Result eval(const Expr *e, const View *view, bool *failed);
bool are_equal(Result a, Result b);
/* With what the parameters of a node hold that it reads. */
uint64_t hash_reads(uint64_t hash, const Node *node, const View *view);

#endif
