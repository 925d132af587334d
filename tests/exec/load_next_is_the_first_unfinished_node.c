#include "load_next_is_the_first_unfinished_node.h"

#include "resume_hooks.h"

const char *bad_node = "";

static seen all;
static dfl_hooks hooks = SEEN_HOOKS(&all);

static g_node next_of(const dfl_run *run, const char *log) {
    g_node next = g_at_end;
    g_state s;
    g_state_init(&s);
    CHECK_INT(g_load(&s, &next, run), DFL_OK);
    CHECK_STR(s.log, log);
    g_state_free(&s);
    CHECK_NODES(&all, "");
    return next;
}

static int resume(const dfl_run *run) {
    g_state s;
    int rc;
    g_state_init(&s);
    rc = g_resume(&s, run);
    g_state_free(&s);
    return rc;
}

static int first_id(void *id, const dfl_checkpoint *checkpoint) {
    *(uint64_t *)id = checkpoint->id;   /* newest first: the last one that is seen is the oldest */
    return 0;
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t", .hooks = &hooks};
    uint64_t oldest = 0;
    char id[32];
    g_state s;

    g_state_init(&s);
    bad_node = "b2";
    CHECK_INT(g_run(&s, &run), DFL_ENODE);
    all.nodes[0] = 0;
    CHECK_INT(next_of(&run, "a "), g_at_b2);
    bad_node = "c";
    CHECK_INT(resume(&run), DFL_ENODE);
    all.nodes[0] = 0;
    CHECK_INT(next_of(&run, "a "), g_at_c);
    bad_node = "";
    CHECK_INT(resume(&run), DFL_PAUSED);
    CHECK_NODES(&all, "c ");
    CHECK_INT(next_of(&run, "a b1 b2 c "), g_at_d);
    CHECK_INT(resume(&run), DFL_OK);
    CHECK_NODES(&all, "d ");
    CHECK_INT(next_of(&run, "a b1 b2 c d "), g_at_end);

    CHECK_INT(dfl_store_history(store, "t", 0, first_id, &oldest), DFL_OK);
    snprintf(id, sizeof id, "%llu", (unsigned long long)oldest);
    run.checkpoint = id;
    CHECK_INT(next_of(&run, ""), g_at_a);   /* the input is saved first */
    CHECK_INT(resume(&run), DFL_PAUSED);
    CHECK_NODES(&all, "a b1 b2 c ");
    run.checkpoint = "123456";
    CHECK_INT(resume(&run), DFL_ENOTFOUND);
    g_state_free(&s);
    dfl_store_close(store);
    return 0;
}
