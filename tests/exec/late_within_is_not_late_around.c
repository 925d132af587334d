#include "late_within_is_not_late_around.h"

#include <stdio.h>

int main(void) {
    outer_state s;
    both_state b;
    outer_state_init(&s);
    both_state_init(&b);
    int rc = outer_run(&s, NULL), both = both_run(&b, NULL);
    printf("%d %s\n%d %s\n", rc, s.said.p, both, b.said.p);
    outer_state_free(&s);
    both_state_free(&b);
    return rc;
}
