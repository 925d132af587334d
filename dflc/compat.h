/* What of the checkpoints that an older version of a program has saved this one could not read. */
#ifndef DFLC_COMPAT_H
#define DFLC_COMPAT_H

#include "compilation.h"
#include "graph.h"

/* Tells each as an error at the place in `now` that makes it so, with a note that points into `was`.
 * Graphs are matched by name. Both are programs that sema accepted; `was` may be of a compilation of its
 * own. What stands within a section or a subgraph is not looked at. */
void compat_check(Compilation *comp, const Program *was, const Program *now);

#endif
