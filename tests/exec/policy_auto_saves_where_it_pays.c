#include "policy_auto_saves_where_it_pays.h"

#include "check.h"

/* Shows which place each checkpoint of a run stands before, its input and its end included. */
static int add(void *text, const dfl_checkpoint *checkpoint) {
    char rest[512];
    snprintf(rest, sizeof rest, "%s", (char *)text);
    snprintf(text, 512, " %s%.400s", checkpoint->next, rest);
    return 0;
}

#define SHOW_SAVES(G)                                                                              \
    do {                                                                                           \
        dfl_store *store_ = dfl_store_memory();                                                    \
        char text_[512] = "";                                                                      \
        G##_state s_;                                                                              \
        G##_state_init(&s_);                                                                       \
        CHECK_INT(G##_run(&s_, &(dfl_run){.store = store_, .thread_id = #G}), DFL_OK);             \
        (void)dfl_store_history(store_, #G, 0, add, text_);                                        \
        printf("%s:%s\n", #G, text_);                                                              \
        G##_state_free(&s_);                                                                       \
        dfl_store_close(store_);                                                                   \
    } while (0)

int main(void) {
    SHOW_SAVES(line);
    SHOW_SAVES(turns);
    SHOW_SAVES(outer);
    return 0;
}
