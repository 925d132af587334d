/* Numbers still to be looked at, the least one first: what a dataflow analysis works through when
 * its places are numbered in reverse postorder. Adding and taking cost a few words each, whatever
 * the size. */
#ifndef DFLC_ANALYSIS_AGENDA_H
#define DFLC_ANALYSIS_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "../arena.h"

enum { AGENDA_LEVELS = 6 };   /* 64 to the sixth covers every uint32_t */

/* level[0] has a bit for each number, level[k + 1] one for each word of level[k]. */
typedef struct Agenda {
    uint64_t *level[AGENDA_LEVELS];
    int n_levels;
} Agenda;

/* For numbers below n. */
Agenda agenda_new(Arena *arena, size_t n);
void agenda_add(Agenda *agenda, uint32_t number);
/* Takes the least number; false when there is none. */
bool agenda_take(Agenda *agenda, uint32_t *number);

#endif
