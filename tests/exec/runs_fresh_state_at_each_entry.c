#include "runs_fresh_state_at_each_entry.h"

#include "check.h"

int main(void) {
    parent_state s;
    parent_state_init(&s);
    CHECK_INT(parent_run(&s, NULL), DFL_OK);
    CHECK_INT(s.results.len, 3);
    CHECK_INT(s.results.items[0], 61);
    CHECK_INT(s.results.items[1], 71);
    CHECK_INT(s.results.items[2], 81);
    parent_state_free(&s);
    return 0;
}
