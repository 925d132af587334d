#include "million_iterations_stay_small.h"

#include <sys/resource.h>

#include "check.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TIMES = 100000, MEASURED = 0 };      /* sanitizers keep what was freed */
#else
enum { TIMES = 1000000, MEASURED = 1 };
#endif

/* A string a step, a list of the ten latest, a map of five. */
int churn(dfl_ctx *ctx, dfl_str text, int32_t *n, dfl_str_list *recent, dfl_str_map *table,
          dfl_str *text_out) {
    CHECK_INT(text.n, *n ? 40 : 0);
    *text_out = dfl_printf(ctx, "%40d", ++*n);
    if (recent->len == 10)
        dfl_str_list_clear(ctx, recent);
    dfl_str_list_push(ctx, recent, text);
    return dfl_str_map_put(ctx, table, dfl_printf(ctx, "key %d", *n % 5), text);
}

int churn_element(dfl_ctx *ctx, int32_t x, dfl_str text, int32_t *n, dfl_str_list *recent,
                  dfl_str_map *table, dfl_str *text_out) {
    (void)x;
    return churn(ctx, text, n, recent, table, text_out);
}

/* The high-water mark of the process, in KiB. */
static long peak_kib(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
}

static void grew_little(const char *where, long before) {
    long grown = peak_kib() - before;
    if (MEASURED && grown >= 16 * 1024) {
        fprintf(stderr, "%s: grew by %ld KiB\n", where, grown);
        exit(1);
    }
}

static void at_the_top_level(void) {
    long before = peak_kib();
    top_state s;
    top_state_init(&s);
    s.times = TIMES;
    CHECK_INT(top_run(&s, NULL), DFL_OK);
    CHECK_INT(s.n, TIMES);
    CHECK_INT(s.recent.len, 10);
    CHECK_INT(s.table.len, 5);
    grew_little("top", before);
    top_state_free(&s);
}

static void in_a_branch(void) {
    long before = peak_kib();
    branch_state s;
    branch_state_init(&s);
    s.times = TIMES / 2;
    CHECK_INT(branch_run(&s, NULL), DFL_OK);
    CHECK_INT(s.n + s.m, TIMES);
    CHECK_INT(s.recent.len + s.many.len, 20);
    grew_little("branch", before);
    branch_state_free(&s);
}

static void in_an_element(void) {
    static const int32_t list[] = {1, 2, 3, 4};
    long before = peak_kib();
    element_state s;
    element_state_init(&s);
    s.times = TIMES / 4;
    s.list = (dfl_i32_list){list, 4, 0};
    CHECK_INT(element_run(&s, NULL), DFL_OK);
    CHECK_INT(s.last.len, 4);
    CHECK_INT(atoi(s.last.items[3].p), TIMES / 4);
    grew_little("element", before);
    element_state_free(&s);
}

static void fails(dfl_store *store) {
    long before = peak_kib();
    failing_state s;
    failing_state_init(&s);
    s.times = TIMES / 8;
    CHECK_INT(failing_run(&s, &(dfl_run){.store = store, .thread_id = store ? "t" : NULL}), DFL_OK);
    CHECK_INT(s.n, TIMES / 8);
    CHECK_INT(s.m, 0);
    grew_little("failing", before);
    failing_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    fails(NULL);
    fails(store);
    dfl_store_close(store);
    at_the_top_level();
    in_a_branch();
    in_an_element();
    return 0;
}
