#include "router_in_a_branch_leads_to_join.h"

#include "check.h"

int main(void) {
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_run(&s, NULL), DFL_OK);
    CHECK_STR(s.log, "left right odd1 item2 odd3 ");
    g_state_free(&s);
    return 0;
}
