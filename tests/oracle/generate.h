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

/* In a region of a section, the fields without reducer that belong to it. */
typedef struct Own {
    bool field[64];
} Own;

typedef struct Generate {
    Choices *choices;
    File *file;
    Graph *graph;
    unsigned number;      /* in the names of its types */
    unsigned nodes_left;
    unsigned depth;       /* of graphs that run it */
} Generate;

Field *add_field(Generate *g, const Type *type);
void generate_fields(Generate *g, unsigned n);
/* All but the fields. */
void generate_rest(Generate *g);
/* Whether a node in `region` may replace the field, or update it. */
bool may_replace(const Field *field, const Region *region, const Own *own);
bool may_update(const Field *field, const Region *region, const Own *own);
/* Makes a node run a graph of its own. */
void generate_subgraph(Generate *g, Node *node, const Region *region, const Scope *scope,
                       const Own *own);

const Type *generate_type(Generate *g, unsigned depth);
const Type *builtin_type(Kind kind);
const Type *fault_list_type(void);
const Type *type_of(Generate *g, Kind kind, const Type *elem, unsigned n);
/* A condition, never one that constants decide; NULL where there is nothing to ask. */
const Expr *generate_guard(Generate *g, const Region *region, const Scope *scope);
/* A number for `match`, or NULL. */
bool may_read(const Field *field, const Region *region);

#endif
