#include "limit_steps.h"

#include "check.h"

#define ENDS(G, WANT, STATUS, N)                                                                   \
    do {                                                                                           \
        G##_state s;                                                                               \
        dfl_error error = {0};                                                                     \
        G##_state_init(&s);                                                                        \
        s.want = WANT;                                                                             \
        CHECK_INT(G##_run(&s, &(dfl_run){.error = &error}), STATUS);                               \
        CHECK_INT(error.status, STATUS);                                                           \
        CHECK_INT(s.n, N);                                                                         \
        G##_state_free(&s);                                                                        \
    } while (0)

int main(void) {
    ENDS(seven, 6, DFL_OK, 6);              /* and 'done' is the seventh */
    ENDS(seven, 7, DFL_ELIMIT, 7);
    ENDS(seven, 100, DFL_ELIMIT, 7);
    ENDS(unsaid, 10000, DFL_OK, 10000);
    ENDS(unsaid, 10001, DFL_ELIMIT, 10000);
    ENDS(unlimited, 1000000, DFL_OK, 1000000);
    SHOW(straight);
    return 0;
}
