#include "import_brings_types_and_graphs.h"

#include "check.h"

int main(void) {
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_run(&s, NULL), DFL_OK);
    CHECK_STR(s.text, "L calm 1, R angry 2");
    CHECK_INT(s.n, 3);
    g_state_free(&s);
    return 0;
}
