#include "branch_regions.h"

#include "check.h"

int main(void) {
    for (int number = 0; number < 4; number++) {
        regions_state s;
        regions_state_init(&s);
        s.number = number;
        s.kind = (kind)number;
        CHECK_INT(regions_run(&s, NULL), DFL_OK);
        printf("%s %d: %s\n", kind_name(s.kind), number, s.after.p);
        regions_state_free(&s);
    }
    return 0;
}
