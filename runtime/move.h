/* move.h: deep copies of values, for reclaiming and for dfl__copy_value. */
#ifndef DFL_MOVE_H
#define DFL_MOVE_H

#include "arena.h"

/* What was copied already, so that values that shared memory share it afterwards. */
typedef struct dfl__moved {
    const void *from; /* NULL: free slot */
    const dfl_type *type;
    void *to;
    size_t done; /* bytes of a string; items or entries copied so far */
    uint32_t cap;
} dfl__moved;

/* Items whose own pointers are still to be followed: `left` of them from `at`. */
typedef struct dfl__todo {
    char *at;
    size_t left;
    const dfl_type *type; /* of the list or map that they are in */
} dfl__todo;

enum { DFL__MOVED_INLINE = 16, DFL__TODO_INLINE = 32 };

/* One copying; on the stack of its caller, who calls begin, then value for each, then end. Nothing
 * here recurses deeper than the types nest by value: lists in lists wait in `todo`. */
typedef struct dfl__mover {
    dfl__mem *into;
    const dfl__mem *only; /* NULL, or: leave what does not lie here as it is */
    bool failed;          /* out of memory; what was not copied is still as it was */
    dfl__moved *moved;
    size_t n_moved, moved_mask;
    dfl__todo *todo;
    size_t n_todo, todo_cap;
    dfl__moved moved_inline[DFL__MOVED_INLINE];
    dfl__todo todo_inline[DFL__TODO_INLINE];
} dfl__mover;

/* *to = *from, shallow. Structs go member by member: a state has more in it than its fields. */
void dfl__assign(const dfl_type *type, void *to, const void *from);

void dfl__mover_begin(dfl__mover *m, dfl__mem *into, const dfl__mem *only);
/* Replaces every pointer within *value, a value of `type`, by one to a copy. */
void dfl__mover_value(dfl__mover *m, const dfl_type *type, void *value);
void dfl__mover_end(dfl__mover *m);

#endif
