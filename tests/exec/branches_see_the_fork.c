#include "branches_see_the_fork.h"

#include "check.h"

static void sometimes(bool often) {
    sometimes_state s;
    sometimes_state_init(&s);
    s.often = often;
    SHOW_RUN(sometimes, &s);
    sometimes_state_free(&s);
}

int main(void) {
    SHOW(fork_view);
    sometimes(false);
    sometimes(true);
    return 0;
}
