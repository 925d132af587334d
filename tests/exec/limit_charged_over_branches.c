#include "limit_charged_over_branches.h"

#include "check.h"

static void branches(int a_loops, int b_loops, int status, int after) {
    charged_state s;
    charged_state_init(&s);
    s.a_loops = a_loops, s.b_loops = b_loops;
    CHECK_INT(charged_run(&s, NULL), status);
    CHECK_INT(s.n, 1);
    CHECK_INT(s.after, after);
    if (after || (status == DFL_ELIMIT && a_loops + b_loops == 9)) {
        CHECK_INT(s.a_n, a_loops);
        CHECK_INT(s.b_n, b_loops);
    } else {
        CHECK_INT(s.a_n, 0);
        CHECK_INT(s.b_n, 0);
    }
    charged_state_free(&s);
}

static void many(int n, int status, int total) {
    static const int32_t ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    elements_state s;
    elements_state_init(&s);
    s.list = (dfl_i32_list){ones, (uint32_t)n, 0};
    CHECK_INT(elements_run(&s, NULL), status);
    CHECK_INT(s.total, total);
    CHECK_INT(s.n, status == DFL_OK ? 2 : 1);
    elements_state_free(&s);
}

int main(void) {
    branches(4, 4, DFL_OK, 1);              /* 1 + 8 + 1 */
    branches(5, 4, DFL_ELIMIT, 0);          /* merged; 'last' is one too many */
    branches(8, 1, DFL_ELIMIT, 0);
    branches(5, 5, DFL_ELIMIT, 0);          /* each alone would do; the join charges both */
    branches(10, 1, DFL_ELIMIT, 0);
    branches(1, 10, DFL_ELIMIT, 0);
    many(8, DFL_OK, 8);
    many(9, DFL_ELIMIT, 9);
    many(10, DFL_ELIMIT, 0);
    many(12, DFL_ELIMIT, 0);
    return 0;
}
