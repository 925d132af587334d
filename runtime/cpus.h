#ifndef DFL_CPUS_H
#define DFL_CPUS_H

/* CPUs that this process may use, at least 1: what its affinity allows, or the whole CPUs of the
 * tightest quota of its control groups (version 2 or 1), whichever is less. */
unsigned dfl__cpus(void);

#endif
