#include "names_that_c_keeps.h"

#include "check.h"

g_switch_to g_switch(dfl_ctx *ctx, int32_t x) {
    (void)ctx;
    return x > 0 ? g_switch_default : g_switch_end;
}

int main(void) {
    g_state s;
    g_state_init(&s);
    s.x = 10;
    CHECK(g_run(&s, NULL) == DFL_OK);
    CHECK(s.y == 38);
    g_state_free(&s);
    return 0;
}
