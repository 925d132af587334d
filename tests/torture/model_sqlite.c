// The SQLite store beside the same model: so the two stores agree.
// quick: 4; full: 100
#include "model.h"

#include "sqlite/dfl_sqlite.h"

static dfl_store *open_sqlite(size_t keep_last) {
    dfl_store *store = NULL;
    (void)keep_last;
    return dfl_sqlite_open(scratch_path("store.db"), NULL, &store) == DFL_OK ? store : NULL;
}

int main(int argc, char **argv) {
    tested.open = open_sqlite;
    tested.handles = 3;
    tested.can_reopen = tested.never_keeps = true;
    return model_main(argc, argv);
}
