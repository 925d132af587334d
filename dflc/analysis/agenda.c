#include "agenda.h"

Agenda agenda_new(Arena *arena, size_t n) {
    Agenda agenda = {.n_levels = 0};
    do {
        n = n / 64 + 1;
        agenda.level[agenda.n_levels++] = ARENA_ARRAY(arena, uint64_t, n);
    } while (n > 1);
    return agenda;
}

void agenda_add(Agenda *agenda, uint32_t number) {
    for (int k = 0; k < agenda->n_levels; k++) {
        uint64_t *word = &agenda->level[k][number / 64], before = *word;
        *word |= (uint64_t)1 << number % 64;
        if (before)
            return;
        number /= 64;
    }
}

bool agenda_take(Agenda *agenda, uint32_t *number) {
    uint32_t at = 0;
    if (!agenda->level[agenda->n_levels - 1][0])
        return false;
    for (int k = agenda->n_levels; k-- > 0;)
        at = at * 64 + (uint32_t)__builtin_ctzll(agenda->level[k][at]);
    *number = at;
    for (int k = 0; k < agenda->n_levels; k++) {
        uint64_t *word = &agenda->level[k][at / 64];
        *word &= ~((uint64_t)1 << at % 64);
        if (*word)
            break;
        at /= 64;
    }
    return true;
}
