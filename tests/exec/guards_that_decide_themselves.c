#include "guards_that_decide_themselves.h"

#include "check.h"

static void check(color c, bool b, color shade, const char *path) {
    g_state s;
    g_state_init(&s);
    s.c = c, s.b = b, s.p.shade = shade;
    CHECK_INT(g_run(&s, NULL), DFL_OK);
    CHECK_STR(s.path, path);
    g_state_free(&s);
}

int main(void) {
    check(color_red, false, color_blue, "01234567");
    check(color_red, true, color_blue, "01234567!");
    check(color_blue, true, color_green, "01234567");
    check(color_blue, false, color_green, "01234567");
    check(color_green, false, color_red, "0123456");
    return 0;
}
