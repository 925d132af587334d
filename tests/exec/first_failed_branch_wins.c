#include "first_failed_branch_wins.h"

#include "check.h"

static void earlier_branches_run_to_their_end(void) {
    failing_state s;
    dfl_error error = {0};
    unsigned char marks[3] = {0};
    failing_state_init(&s);
    s.marks = marks;
    show_end("failing", failing_run(&s, &(dfl_run){.error = &error}), &error);
    CHECK(marks[0] && marks[1] && marks[2]);
    CHECK_INT(s.n, 5);
    CHECK_INT(s.total, 1);
    failing_state_free(&s);
}

static void lowest_of(uint32_t which) {
    many_state s;
    dfl_error error = {0};
    int lowest = 0;
    many_state_init(&s);
    s.which = which;
    while (which && !(which >> lowest & 1))
        lowest++;
    CHECK_INT(many_run(&s, &(dfl_run){.error = &error}), which ? DFL_ENODE : DFL_OK);
    CHECK_INT(s.total, which ? 0 : 4);
    if (which) {
        CHECK_INT(error.code, 100 + lowest);
        CHECK(error.node[0] == 'b' && error.node[1] == '0' + lowest);
        CHECK(strcmp(error.message, error.node) == 0);
    }
    many_state_free(&s);
}

int main(void) {
    earlier_branches_run_to_their_end();
    for (uint32_t round = 0; round < 20; round++)
        for (uint32_t which = 0; which < 16; which++)
            lowest_of(which);
    return 0;
}
