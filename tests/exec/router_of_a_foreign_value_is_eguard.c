#include "router_of_a_foreign_value_is_eguard.h"

#include "check.h"

int main(void) {
    dfl_error error = {0};
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_run(&s, &(dfl_run){.error = &error}), DFL_EGUARD);
    CHECK(strcmp(error.node, "pick") == 0);
    CHECK_INT(s.n, 0);
    g_state_free(&s);
    return 0;
}
