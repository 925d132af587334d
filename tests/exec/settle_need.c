#include "settle_need.h"

#include "check.h"

static void elements(int n_bad) {
    static const int32_t all[] = {-1, -2, -3, 4, 5, 6};
    two_of_these_state s;
    two_of_these_state_init(&s);
    s.list.items = all + 3 - n_bad;
    s.list.len = 3;
    SHOW_RUN(two_of_these, &s);
    two_of_these_state_free(&s);
}

int main(void) {
    for (int fail = 0; fail < 4; fail++) {
        two_of_three_state s;
        two_of_three_state_init(&s);
        s.fail = fail;
        SHOW_RUN(two_of_three, &s);
        two_of_three_state_free(&s);
    }
    for (int n_bad = 0; n_bad < 4; n_bad++)
        elements(n_bad);
    return 0;
}
