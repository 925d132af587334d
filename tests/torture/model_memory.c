// The memory store beside a model of it.
// quick: 8; full: 400
#include "model.h"

static dfl_store *open_memory(size_t keep_last) {
    (void)keep_last;
    return dfl_store_memory();
}

int main(int argc, char **argv) {
    tested.open = open_memory;
    tested.handles = 1;
    tested.never_keeps = true;
    return model_main(argc, argv);
}
