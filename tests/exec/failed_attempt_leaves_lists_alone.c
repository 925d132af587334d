#include "failed_attempt_leaves_lists_alone.h"

#include "check.h"

int main(void) {
    attempts_state s;
    attempts_state_init(&s);
    for (int round = 0; round < 4; round++) {
        s.fail = round % 2 == 0;
        SHOW_RUN(attempts, &s);
    }
    attempts_state_free(&s);
    return 0;
}
