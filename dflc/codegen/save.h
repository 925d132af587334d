/* What checkpoints save: the live fields of a state. */
#ifndef DFLC_SAVE_H
#define DFLC_SAVE_H

#include "../cwriter.h"
#include "../plan.h"

/* NAME__saved of one graph: where each field is live, and the functions that write and read those
 * that are. NAME_state_init is declared before. */
void emit_saved(CWriter *w, const GraphPlan *plan);

#endif
