#include "profile_counts.h"

#include "check.h"

/* What is the same each time: all columns but times. */
static void show(const char *path) {
    char line[4096];
    FILE *in = fopen(path, "r");
    CHECK(in != NULL);
    while (fgets(line, sizeof line, in)) {
        int tabs = 0;
        char *at = line;
        for (; *at && *at != '\n'; at++)
            if (*at == '\t' && ++tabs == 5)
                break;
        *at = '\0';
        puts(line);
    }
    fclose(in);
    CHECK_INT(remove(path), 0);
}

int main(void) {
    dfl_hooks *hooks = dfl_profile_open("hook.prof");
    dfl_run run = {.hooks = hooks};
    p_state s;
    CHECK(hooks != NULL);
    for (int i = 0; i < 3; i++) {
        p_state_init(&s);
        s.n = 7;
        CHECK_INT(p_run(&s, &run), DFL_OK);
        CHECK_INT(s.total, 21 + 1 + 5);
        p_state_free(&s);
    }
    CHECK_INT(dfl_profile_close(hooks), DFL_OK);
#ifdef P_INSTRUMENTED
    CHECK_INT(p_profile_write("built_in.prof"), DFL_OK);
    CHECK_INT(remove("hook.prof"), 0);
    show("built_in.prof");
#else
    show("hook.prof");
#endif
    /* A place that cannot be written to. */
    CHECK_INT(dfl_profile_close(dfl_profile_open("no/such/place")), DFL_ESTORE);
    CHECK_INT(dfl_profile_close(NULL), DFL_OK);
    return 0;
}
