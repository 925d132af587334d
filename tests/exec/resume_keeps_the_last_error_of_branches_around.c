#include "resume_keeps_the_last_error_of_branches_around.h"

#include <stdio.h>

#include "check.h"

enum { MOST = 64 };

static const char *const whole = "first:1 a:2 c:3 e:3 e_end:3 h:4 h_end:4 c_end:3 d:2 a_end:2 b:1"
                                 " x7:7 p7:7 q7:7 y7:7 x8:8 p8:8 q8:8 y8:8 after:1";

typedef struct Ids {
    char all[MOST][24];
    int n;
} Ids;

static int note(void *user, const dfl_checkpoint *checkpoint) {
    Ids *ids = user;
    snprintf(ids->all[ids->n++], 24, "%llu", (unsigned long long)checkpoint->id);
    return ids->n == MOST;
}

/* As after a crash. */
static void goes_on(dfl_store *store, const char *checkpoint) {
    dfl_run run = {.store = store, .thread_id = "t", .checkpoint = checkpoint};
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_STR(s.log, whole);
    g_state_free(&s);
}

int main(void) {
    static const int32_t items[] = {7, 8};
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t"};
    Ids ids = {.n = 0};
    g_state s;
    g_state_init(&s);
    s.each_of = (dfl_i32_list){items, 2, 0};
    CHECK_INT(g_run(&s, &run), DFL_OK);
    CHECK_STR(s.log, whole);
    g_state_free(&s);
    CHECK_INT(dfl_store_history(store, "t", 0, note, &ids), DFL_OK);
    CHECK(ids.n >= 8);
    for (int i = 0; i < ids.n; i++)
        goes_on(store, ids.all[i]);
    dfl_store_close(store);
    return 0;
}
