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

/* In a region of a section, the fields without reducer that belong to it: it alone may write them. */
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
    bool in_branch;       /* of one of these */
    const Expr *known[8]; /* optionals that are some where a guard is made, because of the edges before */
    unsigned n_known;
} Generate;

/* ---- generate.c: the state and regions ---- */

Field *add_field(Generate *g, const Type *type);
void generate_fields(Generate *g, unsigned n);
/* All but the fields. */
void generate_rest(Generate *g);
/* The same of a graph that is always late: only its first node is ever begun. */
void generate_waiting(Generate *g);
Region *generate_region(Generate *g, const Region *parent, const Section *section, unsigned branch,
                        const Scope *scope, const Own *own, unsigned depth);

/* ---- generate_node.c ---- */

/* Whether a node in `region` may replace the field, or update it. */
bool may_replace(const Field *field, const Region *region, const Own *own);
bool may_update(const Field *field, const Region *region, const Own *own);
Node *generate_node(Generate *g, const Region *region, const Scope *scope, const Own *own);
/* One that an error edge leads to. */
Node *generate_handler(Generate *g, const Region *region, const Scope *scope, const Own *own);
/* One that only reads, and does not fail. */
Node *generate_waiter(Generate *g, const Region *region);
Node *generate_router(Generate *g, const Region *region, const Scope *scope);
const Node *generate_predicate(Generate *g, const Region *region, const Scope *scope);

/* ---- generate_subgraph.c ---- */

/* Makes a node run a graph of its own. */
void generate_subgraph(Generate *g, Node *node, const Region *region, const Scope *scope,
                       const Own *own);

/* ---- generate_section.c ---- */

Section *generate_section(Generate *g, Region *region, const Scope *scope, const Own *own,
                          unsigned depth);

/* ---- generate_edges.c ---- */

void generate_edges(Generate *g, Region *region, const Scope *scope, const Own *own);
/* What leads from the start of a graph. */
Place *generate_start(Generate *g, Region *region);

/* ---- types.c ---- */

const Type *generate_type(Generate *g, unsigned depth);
const Type *builtin_type(Kind kind);
const Type *fault_list_type(void);
const Type *type_of(Generate *g, Kind kind, const Type *elem, unsigned n);
/* A default; most often NULL: none. */
const Value *generate_initial(Generate *g, const Type *type);

/* ---- generate_guard.c ---- */

/* Whether a node in `region` may read the field; and whether the run may depend on it: not on what
 * is gone after a resume. */
bool may_read(const Field *field, const Region *region);
bool may_ask(const Field *field, const Region *region);
/* What the run may depend on: fields, variables, and members of them. */
typedef struct Reads {
    const Expr **all;
    unsigned n;
} Reads;
Reads readable(const Generate *g, const Region *region, const Scope *scope);
/* What is known to be some where the guard holds, or where it does not, is so for the guards to come: until
 * g->n_known is put back. */
void note_known(Generate *g, const Expr *guard, bool holds);
/* Asks whether an optional is there; NULL where there is none. */
const Expr *generate_presence(Generate *g, const Region *region, const Scope *scope);
/* A condition, never one that constants decide; NULL where there is nothing to ask. */
const Expr *generate_guard(Generate *g, const Region *region, const Scope *scope);
/* What a `match` looks at, or NULL; the values for arms of such a type, from 0 on. */
const Expr *generate_subject(Generate *g, const Region *region, const Scope *scope);
const Expr *subject_value(const Type *type, unsigned i);
unsigned subject_values(const Type *type);

#endif
