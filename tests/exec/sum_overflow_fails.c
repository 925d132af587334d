#include "sum_overflow_fails.h"

#include "check.h"

int main(void) {
    for (how how = how_node_i8; how <= how_fits; how++) {
        overflow_state s;
        overflow_state_init(&s);
        s.how = how;
        for (int32_t k = 1; k <= 9; k++)
            dfl_i32_list_push(overflow_state_ctx(&s), &s.numbers, k);
        SHOW_RUN(overflow, &s);
        overflow_state_free(&s);
    }
    return 0;
}
