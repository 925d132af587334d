/* Probes in generated code; without -fusdt none of these writes anything but what is said. */
#ifndef DFLC_USDT_H
#define DFLC_USDT_H

#include "emit.h"

void usdt_include(Emit *e);
/* An edge from e->leaving: the text of a statement that jumps (`go` itself where nothing is told); where
 * it falls through, a line. */
const char *usdt_jump(Emit *e, const Place *to, const char *go);
void usdt_fall(Emit *e, const Place *to);
/* At the head of a region's function: what edges from its choices need; declared, and used. */
void usdt_from(Emit *e);
void usdt_use_from(Emit *e);
void usdt_run_start(Emit *e);
/* The end of NAME_run: `return dfl__run_end(...)`. */
void usdt_run_end(Emit *e);
/* Around an attempt of a node, or a section; `rc` is what came of it. */
void usdt_start(Emit *e, const Place *place);
void usdt_end(Emit *e, const Place *place);
/* The function that a save calls, and the graph's member for it. */
void usdt_checkpoint(Emit *e);
void usdt_checkpoint_member(Emit *e);

#endif
