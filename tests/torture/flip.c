// One bit of a log flipped, in each of its bytes. Eight rounds flip all bits of one store.
// in memory; quick: 1; full: 160
#include "harmed.h"

/* What a changed byte harms, by where it is. */
static Harm harm_at(const Piece *piece, size_t at) {
    if (at < piece->at || at >= piece->at + piece->head_n + piece->record.body_n)
        return INTACT;
    return at < piece->at + piece->head_n ? GONE : BODY_HARMED;
}

static void flip_one(Taken *taken, size_t f, size_t at, int bit, bool also_compacted) {
    Harm harm[TAKEN_PIECES] = {INTACT};
    Expected *expected;
    for (size_t i = 0; i < taken->n; i++)
        if (taken->pieces[i].file == f)
            harm[i] = harm_at(&taken->pieces[i], at);
    expected = taken_expect(taken, harm);
    if (at < DFL__SEGMENT_HEAD)
        expected->is_reported = true;
    taken->files[f].bytes[at] ^= (uint8_t)(1 << bit);
    look_at_changed(taken, expected, also_compacted);
    taken->files[f].bytes[at] ^= (uint8_t)(1 << bit);
}

static void one_round(Chance *chance) {
    Chance store_chance = chance_of(torture.seed, (uint64_t)torture.round / 8);
    Taken *taken = calloc(1, sizeof *taken);
    MUST(taken, "no memory");
    make_small(taken, &store_chance, 10);
    for (size_t f = 0; f < taken->n_files; f++) {
        const LogFile *file = &taken->files[f];
        for (size_t at = 0; at < file->end + 100 && at < file->n; at++) {
            bool is_within = at > 300 && at + 300 < file->end && file->end > 60000;
            int bit = (int)((at * 5 + at / 8 + (size_t)torture.round) % 8);
            if (!is_within || chance_one_in(chance, 1000))
                flip_one(taken, f, at, bit, chance_one_in(chance, 50));
        }
    }
    taken_free(taken);
    free(taken);
}

int main(int argc, char **argv) {
    return torture_run(argc, argv, "stores with each byte flipped", one_round);
}
