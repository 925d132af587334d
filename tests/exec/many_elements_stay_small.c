#include "many_elements_stay_small.h"

#include <sys/resource.h>

#include "check.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { ELEMENTS = 10000, MEASURED = 0 };    /* sanitizers keep what was freed */
#else
enum { ELEMENTS = 100000, MEASURED = 1 };
#endif

static long peak_kib(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
}

int main(void) {
    scratch_state s;
    long before, grown;
    scratch_state_init(&s);
    for (int i = 0; i < ELEMENTS; i++)
        CHECK_INT(dfl_i32_list_push(scratch_state_ctx(&s), &s.list, i), DFL_OK);
    before = peak_kib();
    CHECK_INT(scratch_run(&s, NULL), DFL_OK);
    grown = peak_kib() - before;
    CHECK_INT(s.kept.len, ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++)
        CHECK_INT(s.kept.items[i], i);
    CHECK_INT(s.total, 4000LL * ELEMENTS);
    if (MEASURED)
        CHECK(grown < 16 * 1024);
    scratch_state_free(&s);
    return 0;
}
