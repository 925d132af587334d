#include "checkpoint_policies.h"

#include "check.h"

static int print(void *unused, const dfl_checkpoint *c) {
    (void)unused;
    printf(" %s@%d", c->next, (int)c->step);
    return 0;
}

/* The checkpoints of a run, newest first, and what a resume of the finished thread shows. */
#define HISTORY(G, N)                                                                              \
    do {                                                                                           \
        dfl_store *store = dfl_store_memory();                                                     \
        dfl_run run = {.store = store, .thread_id = "t"};                                          \
        G##_state s;                                                                               \
        G##_state_init(&s);                                                                        \
        CHECK_INT(G##_run(&s, &run), DFL_OK);                                                      \
        printf("%s:", #G);                                                                         \
        dfl_store_history(store, "t", 0, print, NULL);                                             \
        printf("\n");                                                                              \
        CHECK_INT(s.n, N);                                                                         \
        s.n = 0;                                                                                   \
        CHECK_INT(G##_resume(&s, &run), G##_graph.never_saves ? DFL_ENOTFOUND : DFL_OK);           \
        CHECK_INT(s.n, G##_graph.never_saves ? 0 : N);                                             \
        G##_state_free(&s);                                                                        \
        dfl_store_close(store);                                                                    \
    } while (0)

int main(void) {
    HISTORY(marked, 3);
    HISTORY(every_node, 3);
    HISTORY(every_third, 10);
    HISTORY(never, 2);
    return 0;
}
