#include "guards_in_file_order.h"

#include "check.h"

int main(void) {
    for (int n = 1; n < 14; n += n < 5 ? 1 : 3) {
        guards_state g;
        arms_state a;
        guards_state_init(&g);
        arms_state_init(&a);
        g.n = a.n = n;
        CHECK_INT(guards_run(&g, NULL), DFL_OK);
        CHECK_INT(arms_run(&a, NULL), DFL_OK);
        printf("%d: %s; %s\n", n, g.took.p, a.took.p);
        guards_state_free(&g);
        arms_state_free(&a);
    }
    return 0;
}
