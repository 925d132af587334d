// The file store beside a model of it: random operations by two handles and another process.
// quick: 8; full: 400
#include "model.h"

static void never_damaged(void *user, const dfl_damage *damage) {
    (void)user;
    torture_failed(__FILE__, __LINE__, "damage is told: %s, file %u, byte %llu", damage->what,
                   (unsigned)damage->file, (unsigned long long)damage->offset);
}

static dfl_store *open_file(size_t keep_last) {
    dfl_store *store = NULL;
    dfl_store_options options = {
        .segment_bytes = 65536, .keep_last = keep_last, .on_damage = never_damaged};
    return dfl_store_open(scratch_path("store"), &options, &store) == DFL_OK ? store : NULL;
}

int main(int argc, char **argv) {
    tested.open = open_file;
    tested.handles = 3;
    tested.can_reopen = true;
    return model_main(argc, argv);
}
