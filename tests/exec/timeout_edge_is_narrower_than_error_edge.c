#include "timeout_edge_is_narrower_than_error_edge.h"

#include "check.h"
#include "timeout_sleep.inc"

/* Runs graph G with the two flags, and checks how it ended and which way it went. */
#define CHECK_WAY(G, LATE, BAD, STATUS, WAY)                                                       \
    do {                                                                                           \
        G##_state s_;                                                                              \
        G##_state_init(&s_);                                                                       \
        s_.late = LATE;                                                                            \
        BAD;                                                                                       \
        CHECK_INT(G##_run(&s_, NULL), STATUS);                                                     \
        CHECK_STR(s_.way, WAY);                                                                    \
        G##_state_free(&s_);                                                                       \
    } while (0)

int main(void) {
    CHECK_WAY(both, true, , DFL_OK, "timeout");
    CHECK_WAY(both, false, s_.bad = true, DFL_OK, "error 5");
    CHECK_WAY(both, true, s_.bad = true, DFL_OK, "timeout");
    CHECK_WAY(one, true, , DFL_OK, "error");
    CHECK_WAY(one, false, , DFL_OK, "");
    CHECK_WAY(narrow, true, , DFL_OK, "timeout");
    CHECK_WAY(narrow, false, s_.bad = true, DFL_ENODE, "");
    return 0;
}
