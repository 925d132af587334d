/* Where a graph comes from: a sequence of choices. It is drawn by chance, noted, and can be played again,
 * also shortened and changed: whatever the numbers are, they give a valid graph, and zeros give a small
 * one. So failures are shrunk without knowing what they are about. */
#ifndef ORACLE_CHOICE_H
#define ORACLE_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Choices {
    uint32_t *made;      /* owned */
    size_t n, room;
    const uint32_t *play; /* NULL: by chance */
    size_t n_play;
    uint64_t chance;
} Choices;

Choices choices_by_chance(uint64_t seed, uint64_t number);
Choices choices_played(const uint32_t *play, size_t n);
void choices_free(Choices *choices);

/* From 0 to n - 1; 0 is the simplest. */
unsigned pick(Choices *choices, unsigned n);
/* True once in n times. */
bool rarely(Choices *choices, unsigned n);
/* From low to high, both included. */
unsigned pick_from(Choices *choices, unsigned low, unsigned high);

#endif
