#include "guard_arithmetic_fails_as_eguard.h"

#include "check.h"

int main(void) {
    for (way way = way_divide; way <= way_skipped; way++) {
        arithmetic_state s;
        dfl_error error = {0};
        arithmetic_state_init(&s);
        s.way = way, s.big = INT64_MAX, s.small = INT64_MIN, s.huge = UINT64_MAX, s.x = 1;
        show_end(way_name(way), arithmetic_run(&s, &(dfl_run){.error = &error}), &error);
        CHECK_INT(s.reached, 1);
        arithmetic_state_free(&s);
    }
    return 0;
}
