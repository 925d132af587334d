/* What the guards that were passed tell about the state.
 *
 * A fact is about an expression ("score", "quote.price", "len(notes)", "a + b"), whose values it
 * limits to a set, or about a relation of two ("a < b"), which it says to be true or false. Facts
 * hold until a field in them is written. What C code computes (predicates, routers) tells nothing,
 * as it may answer differently each time; neither does a transient field, which a resume resets.
 * An enum is taken to hold one of its values: only C code that casts could give it another.
 *
 * A place keeps few facts, the latest: forgetting one never makes a conclusion wrong. */
#ifndef DFLC_ANALYSIS_KNOWN_H
#define DFLC_ANALYSIS_KNOWN_H

#include "valueset.h"

enum { KNOWN_FACTS = 8 };

typedef struct Fact {
    ExprKind relation;        /* EX_LT, EX_LE, EX_EQ, EX_IN; EX_FIELD: about the value of left */
    const Expr *left, *right;
    ValueSet set;             /* of a relation: SET_MASK of a bool */
    const Edge *origin;       /* the edge whose guard told it; NULL: several */
} Fact;

typedef struct Known {
    bool impossible;          /* no state has all of these facts */
    uint32_t n;
    Fact facts[KNOWN_FACTS];
} Known;

/* Copies no more facts than there are. */
void known_copy(Known *to, const Known *from);
/* Learns that `expr` (a bool) is `truth`. */
void known_assume(Known *known, const Expr *expr, bool truth, const Edge *origin);
/* Learns that the subject of a match has one of an arm's values, or none of them. */
void known_assume_arm(Known *known, const Place *match, const Edge *arm, bool taken);
/* Forgets what is said of the fields for which `written` is true. */
typedef bool IsWritten(const void *context, const Field *field);
void known_forget(Known *known, IsWritten *written, const void *context);
/* Keeps what is true in both cases; says whether that is less than before. */
bool known_join(Known *known, const Known *other);
/* Keeps of `known` only what is the same in `before`, so that a loop settles. */
void known_widen(Known *known, const Known *before);

#endif
