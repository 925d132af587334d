#include "max_counts_taken_edges.h"

#include "check.h"

int main(void) {
    for (int run = 0; run < 2; run++) {     /* counters are those of one run */
        counted_state s;
        counted_state_init(&s);
        s.limit_to = 7;
        CHECK_INT(counted_run(&s, NULL), DFL_OK);
        CHECK_STR(s.log, "1o2a3o4a5a6r7.");
        s.n = 0;
        s.log = DFL_STR("");
        CHECK_INT(counted_run(&s, NULL), DFL_OK);
        CHECK_STR(s.log, "1o2a3o4a5a6r7.");
        counted_state_free(&s);
    }
    SHOW(arms);
    return 0;
}
