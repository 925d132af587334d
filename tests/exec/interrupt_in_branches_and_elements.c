#include "interrupt_in_branches_and_elements.h"

#include "resume_hooks.h"

static void show(int status, g_state *s, seen *all) {
    const dfl_question *q;
    size_t n = g_questions(s, &q);
    printf("%s\n  ran %s\n  log %s\n", status ? "paused" : "ok", all->nodes, s->log.p);
    for (size_t i = 0; i < n; i++)
        printf("  %s (%s, %d): %s\n", q[i].id, q[i].node, (int)q[i].index, q[i].text.p);
    all->nodes[0] = 0;
}

static void check(dfl_store *store) {
    static const dfl_answer first[] = {{"item[3]", DFL_STR("D")}, {"sub/ask", DFL_STR("S")}};
    static const dfl_answer second[] = {{"item[1]", DFL_STR("B")}, {"plain", DFL_STR("P")}};
    static const dfl_answer third[] = {{"each_sub/ask[2]", DFL_STR("2")},
                                       {"each_sub/ask[0]", DFL_STR("0")},
                                       {"each_sub/ask[3]", DFL_STR("3")}};
    static const struct { const dfl_answer *answers; size_t n; } given[] = {
        {first, 2}, {second, 2}, {third, 3}};
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .hooks = &hooks};
    g_state s;

    g_state_init(&s);
    show(g_run(&s, &run), &s, &all);
    for (int i = 0; i < 3; i++) {
        if (store)
            g_state_reset(&s);
        run.answers = given[i].answers, run.n_answers = given[i].n;
        show(g_resume(&s, &run), &s, &all);
    }
    run.n_answers = 0;
    run.answer = DFL_STR("1");
    show(g_resume(&s, &run), &s, &all);
    CHECK_STR(s.log, "free plain:P Sa:- b:B c:- d:D 0123last ");
    g_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
