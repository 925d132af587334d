// A log cut off at any byte, in its last segment and in sealed ones.
// in memory; quick: 1; full: 60
#include "harmed.h"

static void cut_one(const Taken *taken, size_t f, size_t n, bool also_compacted) {
    Taken *cut = malloc(sizeof *cut);
    Harm harm[TAKEN_PIECES] = {INTACT};
    MUST(cut, "no memory");
    *cut = *taken;
    cut->files[f].n = n;
    for (size_t i = 0; i < taken->n; i++)
        if (taken->pieces[i].file == f && taken->pieces[i].at + taken->pieces[i].n > n)
            harm[i] = GONE;
    look_at_changed(cut, taken_expect(taken, harm), also_compacted);
    free(cut);
}

/* Without a head a file is refused by name; without the file the rest is read. */
static void cut_head(const Taken *taken, size_t f, size_t n) {
    Taken *cut = malloc(sizeof *cut);
    Harm harm[TAKEN_PIECES] = {INTACT};
    dfl_store *store;
    dfl_error error;
    char text[256];
    MUST(cut, "no memory");
    *cut = *taken;
    cut->files[f].n = n;
    taken_write(cut, "changed");
    MUST(dfl_store_open(scratch_path("changed"), &(dfl_store_options){.error = &error}, &store) ==
             DFL_ECORRUPT,
         "a segment without a head is opened");
    snprintf(text, sizeof text, "%08u.log is no segment of a store, or its head is damaged",
             (unsigned)taken->files[f].number);
    MUST(strstr(error.message, text), "it says '%s'", error.message);
    taken_drop_file(cut, f);
    if (cut->n_files > 0)
        look_at_changed(cut, taken_expect(cut, harm), n == 0);
    free(cut);
}

/* Every byte of the records of short segments; of the long one all around the ends. */
static void one_round(Chance *chance) {
    Taken *taken = calloc(1, sizeof *taken);
    MUST(taken, "no memory");
    make_small(taken, chance, 10);
    for (size_t f = 0; f < taken->n_files; f++) {
        const LogFile *file = &taken->files[f];
        for (size_t n = 0; n < DFL__SEGMENT_HEAD; n++)
            cut_head(taken, f, n);
        for (size_t n = DFL__SEGMENT_HEAD; n <= file->end + 100 && n <= file->n; n++) {
            bool is_within = n > 300 && n + 300 < file->end && file->end > 60000;
            if (!is_within || chance_one_in(chance, 1000))
                cut_one(taken, f, n, chance_one_in(chance, 50));
        }
    }
    taken_free(taken);
    free(taken);
}

int main(int argc, char **argv) {
    return torture_run(argc, argv, "stores cut at every byte", one_round);
}
