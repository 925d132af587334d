#define _GNU_SOURCE
#include "progress_of_runs.h"

#include "terminal.h"

/* What a node waits for. */
int seen(void *terminal, const char *text, const char *left) {
    terminal_wait(terminal, text);
    terminal_wait(terminal, left);
    return 0;
}

int main(void) {
    Terminal *terminal = malloc(sizeof *terminal);
    dfl_run run = {.user = terminal};
    dfl_hooks *hooks;
    shown_state s;
    unknown_state u;
    CHECK(terminal);
    setenv("TERM", "xterm", 1);
    terminal_open(terminal, 100);
    hooks = dfl_progress_open(terminal->file);
    CHECK(hooks && hooks->mask);
    run.hooks = hooks;
    shown_state_init(&s);
    CHECK_INT(shown_run(&s, &run), DFL_OK);
    CHECK_INT(s.total, 2);
    shown_state_free(&s);
    terminal->n = 0;
    terminal->text[0] = '\0';
    unknown_state_init(&u);
    CHECK_INT(unknown_run(&u, &run), DFL_OK);
    unknown_state_free(&u);
    CHECK(!strstr(terminal->text, "unknown: last, step 2, about"));
    CHECK_INT(dfl_progress_close(hooks), DFL_OK);
    while (terminal_take(terminal, 0))
        continue;
    CHECK(strstr(terminal->text, ": 2 runs, 0 failed, 6 steps, "));
    terminal_close(terminal);
    free(terminal);
    return 0;
}
