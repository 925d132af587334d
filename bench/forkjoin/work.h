/* What every runtime of the bench does: gaps and branches that compute for a given time, and the times
 * of its sections. */
#ifndef WORK_H
#define WORK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rounds of a recurrence that no compiler can shorten. */
uint64_t work_burn(uint64_t rounds);

typedef struct Cell {
    int n;                 /* branches */
    double cost_ns, gap_ns;
    int64_t repetitions;
} Cell;

/* PROGRAM RUNTIME ns-per-1000-rounds branches cost_ns gap_ns: the cell, or exit. */
Cell work_begin(int argc, char **argv);
void work_gap(void);                    /* the gap, then the section begins */
int64_t work_branch(void);              /* one branch; always 1 */
void work_done(void);                   /* the section has ended */
/* Prints "runtime n cost gap median p99 p5 p95", in ns; sum: of all branches. */
void work_end(int64_t sum);

#ifdef __cplusplus
}
#endif

#endif
