#include "events_untimed.h"

#include "check.h"

typedef struct Told {
    dfl_hooks hooks;
    unsigned kinds[DFL_EVENT_VALUES + 1];
    uint64_t sequence;
    bool timed;
} Told;

static void note(void *user, const dfl_event *event) {
    Told *told = user;
    told->kinds[event->kind]++;
    CHECK_INT(event->sequence, ++told->sequence);
    if (told->timed)
        CHECK(event->ns > 0);
    else
        CHECK(event->ns == 0 && event->since_ns == 0 && event->duration_ns == 0);
}

static void run(Told *told) {
    untimed_state s;
    dfl_run run = {.hooks = &told->hooks};
    untimed_state_init(&s);
    CHECK_INT(untimed_run(&s, &run), DFL_OK);
    CHECK_INT(s.total, 3 + 1 * 2 + 3 * 2 + 5 * 2);
    untimed_state_free(&s);
}

static Told told_by(uint32_t mask, bool untimed, bool timed) {
    return (Told){.hooks = {.mask = mask, .on_event = note, .untimed = untimed}, .timed = timed};
}

int main(void) {
    uint32_t all = DFL_EV_ALL | DFL_STREAM_UPDATES | DFL_STREAM_VALUES;
    Told timed = told_by(all, false, true), untimed = told_by(all, true, untimed_graph.instrument);
    timed.hooks.user = &timed, untimed.hooks.user = &untimed;
    run(&timed);
    run(&untimed);
    CHECK_INT(untimed.sequence, timed.sequence);
    CHECK(memcmp(timed.kinds, untimed.kinds, sizeof timed.kinds) == 0);
    CHECK_INT(timed.kinds[DFL_EVENT_NODE_END], 3 * 5);
    CHECK_INT(timed.kinds[DFL_EVENT_CUSTOM], 3);
    return 0;
}
