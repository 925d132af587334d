/* Which values an expression can have: an interval of integers or floats, a set of the values of an
 * enum or bool, whether an optional has one, a string that is known or excluded.
 *
 * A set may hold values that cannot be, never the other way round: nothing that is concluded from
 * one is wrong, only weaker than it could be. */
#ifndef DFLC_ANALYSIS_VALUESET_H
#define DFLC_ANALYSIS_VALUESET_H

#include "../graph.h"
#include "../wide.h"

typedef enum SetKind {
    SET_ANY,       /* of a type about which nothing is kept */
    SET_INT,
    SET_REAL,
    SET_MASK,      /* bool: false, true. T?: none, some. An enum of up to 64 values: these */
    SET_TEXT,
} SetKind;

enum { SET_EXCEPT = 4 };

typedef struct ValueSet {
    SetKind kind;
    uint8_t n_except;
    bool nan;                         /* SET_REAL: may be NaN too */
    union {
        struct {
            Wide low, high;           /* empty: low > high */
            int64_t except[SET_EXCEPT];
        } i;
        struct {
            double least, most;       /* empty: least > most, and not nan */
        } r;
        uint64_t mask;
        struct {
            const Const *only;        /* NULL: any but those excepted */
            const Const *except[SET_EXCEPT];
            bool empty;
        } t;
    } u;
} ValueSet;

/* All values of a type. */
ValueSet set_of_type(const Type *type);
ValueSet set_of_const(const Const *constant);
ValueSet set_of_range(Wide low, Wide high);

bool set_is_empty(const ValueSet *set);
bool set_equal(const ValueSet *a, const ValueSet *b);
ValueSet set_union(const ValueSet *a, const ValueSet *b);
ValueSet set_intersection(const ValueSet *a, const ValueSet *b);
/* Without one value; the same set where that cannot be said. */
ValueSet set_without(const ValueSet *set, const ValueSet *value);

/* Narrows two sets to the values for which `left kind right` is `truth` (EX_LT, EX_LE, EX_EQ). */
void set_compare(ExprKind kind, bool truth, ValueSet *left, ValueSet *right);

#endif
