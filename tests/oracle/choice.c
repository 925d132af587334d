#include "choice.h"

#include <stdlib.h>

#include "dice.h"

Choices choices_by_chance(uint64_t seed, uint64_t number) {
    Dice dice = {seed};
    dice.state = dice_next(&dice) ^ number;
    return (Choices){.chance = dice_next(&dice)};
}

Choices choices_played(const uint32_t *play, size_t n) {
    return (Choices){.play = play, .n_play = n};
}

void choices_free(Choices *choices) {
    free(choices->made);
    *choices = (Choices){0};
}

static void note(Choices *choices, uint32_t made) {
    if (choices->n == choices->room) {
        choices->room = choices->room ? 2 * choices->room : 256;
        choices->made = realloc(choices->made, choices->room * sizeof *choices->made);
        if (!choices->made)
            abort();
    }
    choices->made[choices->n++] = made;
}

unsigned pick(Choices *choices, unsigned n) {
    Dice dice = {choices->chance};
    uint32_t made;
    if (!choices->play)
        made = dice_below(&dice, n);
    else
        made = choices->n < choices->n_play ? choices->play[choices->n] % n : 0;
    choices->chance = dice.state;
    note(choices, made);
    return made;
}

bool rarely(Choices *choices, unsigned n) {
    return pick(choices, n) == n - 1;
}

unsigned pick_from(Choices *choices, unsigned low, unsigned high) {
    return low + pick(choices, high - low + 1);
}
