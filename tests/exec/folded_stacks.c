#include "folded_stacks.h"

#include "check.h"

/* Without the numbers, which are the clock's. */
static void show(const char *path) {
    char line[512];
    FILE *in = fopen(path, "r");
    CHECK(in);
    while (fgets(line, sizeof line, in)) {
        char *space = strrchr(line, ' ');
        CHECK(space && strtol(space + 1, NULL, 10) >= 1);
        printf("%.*s\n", (int)(space - line), line);
    }
    fclose(in);
}

int main(void) {
    dfl_hooks *hooks = dfl_folded_open("stacks.txt");
    CHECK(hooks);
    for (int i = 0; i < 20; i++) {
        outer_state s;
        outer_state_init(&s);
        CHECK_INT(outer_run(&s, &(dfl_run){.hooks = hooks}), DFL_OK);
        CHECK_INT(s.total, 50 * 49 / 2 + 2 + 4);
        outer_state_free(&s);
    }
    CHECK_INT(dfl_folded_close(hooks), DFL_OK);
    show("stacks.txt");
    return 0;
}
