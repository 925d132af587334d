#include "events_compiled_out.h"

#include "check.h"

static void never(void *user, const dfl_event *event) {
    (void)user, (void)event;
    CHECK(false);
}

int main(void) {
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = never};
    dfl_error error;
    silent_state s;
    silent_state_init(&s);
    CHECK_INT(silent_run(&s, &(dfl_run){.hooks = &hooks, .error = &error}), DFL_EINVAL);
    CHECK(strcmp(error.message, "the graph was compiled with -fno-events: it takes no hooks") == 0);
    CHECK_INT(s.n, 0);
    CHECK_INT(silent_run(&s, NULL), DFL_OK);
    CHECK_INT(s.n, 2);
    silent_state_free(&s);
    return 0;
}
