/* Sleeping on a word until it changes: a futex where the system has one, else a lock and a condition
 * variable for all words of the process. */
#ifndef DFL_PARK_H
#define DFL_PARK_H

#include <stdatomic.h>
#include <stdint.h>

/* Sleeps while *word is `seen`, for at most `ns` (negative: no limit). May return early, for any
 * reason: look at the word again. */
void dfl__park_wait(atomic_uint *word, unsigned seen, int64_t ns);
/* Wakes up to n that sleep on the word; change it before. */
void dfl__park_wake(atomic_uint *word, unsigned n);
/* In the child of a fork(): nobody sleeps any more. */
void dfl__park_reset(void);

#endif
