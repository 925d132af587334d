#include "events_of_a_run.h"

#include "check.h"

static const char *const kinds[] = {
    [DFL_EVENT_RUN_START] = "run start", [DFL_EVENT_RUN_END] = "run end",
    [DFL_EVENT_NODE_START] = "node start", [DFL_EVENT_NODE_END] = "node end",
    [DFL_EVENT_NODE_ERROR] = "node error", [DFL_EVENT_EDGE] = "edge",
    [DFL_EVENT_FORK] = "fork", [DFL_EVENT_JOIN] = "join",
    [DFL_EVENT_SAVED] = "saved", [DFL_EVENT_LOADED] = "loaded",
    [DFL_EVENT_LIMIT] = "limit", [DFL_EVENT_RETRY] = "retry", [DFL_EVENT_CUSTOM] = "custom",
    [DFL_EVENT_PAUSED] = "paused", [DFL_EVENT_RESUMED] = "resumed",
    [DFL_EVENT_BRANCH_START] = "branch start", [DFL_EVENT_BRANCH_END] = "branch end",
    [DFL_EVENT_CHUNK_START] = "chunk start", [DFL_EVENT_CHUNK_END] = "chunk end",
    [DFL_EVENT_MERGE] = "merge", [DFL_EVENT_TIMEOUT] = "timeout"};

/* Checks what every event has, and prints what is not the clock's. */
static void print(void *user, const dfl_event *event) {
    uint64_t *sequence = user;
    CHECK_INT(event->sequence, ++*sequence);
    CHECK(event->run > 0 && event->ns > 0 && event->graph && event->path);
    printf("  %s %s", kinds[event->kind], event->path);
    if (event->to)
        printf(" -> %s", event->to);
    if (event->branch >= 0)
        printf(" branch %d", event->branch);
    if (event->index >= 0)
        printf(" element %d", (int)event->index);
    if (event->status)
        printf(" status %d", event->status);
    if (event->data.n)
        printf(" data %.*s", (int)event->data.n, (const char *)event->data.p);
    if (event->error)
        printf(" (%s: %s)", event->error->node, event->error->message);
    if (event->kind == DFL_EVENT_SAVED || event->kind == DFL_EVENT_LOADED)
        printf(" %d", (int)event->checkpoint);
    printf("\n");
    if (event->kind == DFL_EVENT_NODE_ERROR || event->kind == DFL_EVENT_RUN_END)
        CHECK((event->error != NULL) == (event->status != 0));
    else
        CHECK(!event->error);
    CHECK(event->duration_ns >= 0);
}

static void show(const char *what, int fail, uint32_t mask, bool saves, const dfl_cancel *cancel) {
    uint64_t sequence = 0;
    dfl_hooks hooks = {.mask = mask, .on_event = print, .user = &sequence, .ordered = true};
    dfl_run run = {.hooks = &hooks, .cancel = cancel};
    watched_state s;
    watched_state_init(&s);
    s.fail = fail;
    printf("%s\n", what);
    if (saves)
        run.store = dfl_store_memory(), run.thread_id = "t";
    watched_run(&s, &run);
    if (saves) {
        printf("and its resume\n");
        sequence = 0;
        watched_resume(&s, &run);
        dfl_store_close(run.store);
    }
    watched_state_free(&s);
}

static void show_elements(void) {
    static const int32_t list[] = {10, 20};
    uint64_t sequence = 0;
    dfl_hooks hooks = {.mask = DFL_EV_ALL & ~DFL_EV_CHUNK, .on_event = print, .user = &sequence, .ordered = true};
    elements_state s;
    elements_state_init(&s);
    s.list = (dfl_i32_list){list, 2, 0};
    printf("elements\n");
    CHECK_INT(elements_run(&s, &(dfl_run){.hooks = &hooks}), DFL_OK);
    elements_state_free(&s);
}

int main(void) {
    dfl_cancel cancel = {0};
    show("everything", 0, DFL_EV_ALL, false, NULL);
    show("nodes only", 0, DFL_EV_NODE, false, NULL);
    show("custom only", 0, DFL_EV_CUSTOM, false, NULL);
    show("nothing", 0, 0, false, NULL);
    show("a branch fails", 1, DFL_EV_ALL, false, NULL);
    show("a node fails", 2, DFL_EV_ALL & ~DFL_EV_EDGE, true, NULL);
    show("the limit is passed", 3, DFL_EV_RUN | DFL_EV_LIMIT, false, NULL);
    show("edges up to the limit", 3, DFL_EV_EDGE | DFL_EV_LIMIT, false, NULL);
    dfl_cancel_now(&cancel);
    show("cancelled", 0, DFL_EV_ALL, false, &cancel);
    show_elements();
    return 0;
}
