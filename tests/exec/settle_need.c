#include "settle_need.h"

#include "check.h"

int main(void) {
    for (int fail = 0; fail < 4; fail++) {
        two_of_three_state s;
        two_of_three_state_init(&s);
        s.fail = fail;
        SHOW_RUN(two_of_three, &s);
        two_of_three_state_free(&s);
    }
    return 0;
}
