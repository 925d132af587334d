/* Choices to graphs. */
#ifndef ORACLE_GENERATE_H
#define ORACLE_GENERATE_H

#include "choice.h"
#include "model.h"

/* Adds graph `number` to the file, with types of its own. */
Graph *generate(Choices *choices, File *file, unsigned number);

/* ---- shared by generate*.c ---- */

/* The variables of the eaches around. */
typedef struct Scope {
    const Var *var;
    const struct Scope *out;
} Scope;

typedef struct Generate {
    Choices *choices;
    File *file;
    Graph *graph;
    unsigned number;      /* of the graph in the file */
    unsigned nodes_left;
    bool is_child;
} Generate;

const Type *generate_type(Generate *g, unsigned depth);
const Type *builtin_type(Kind kind);
const Type *fault_list_type(void);
const Type *type_of(Generate *g, Kind kind, const Type *elem, unsigned n);
/* A condition, never one that constants decide; NULL where there is nothing to ask. */
const Expr *generate_guard(Generate *g, const Region *region, const Scope *scope);
/* A number for `match`, or NULL. */
bool may_read(const Field *field, const Region *region);

#endif
