#include "router_fails_by_dfl_fail.h"

#include "check.h"

int main(void) {
    dfl_error error = {0};
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_run(&s, &(dfl_run){.error = &error}), DFL_ENODE);
    CHECK_INT(error.code, 31);
    CHECK(strcmp(error.node, "pick") == 0);
    CHECK(strcmp(error.message, "lost at 5") == 0);
    CHECK_STR(s.log, "a ");
    CHECK_INT(s.n, 5);
    g_state_free(&s);
    return 0;
}
