#include "settle_makes_faults.h"

#include "check.h"

int main(void) {
    elements_state s;
    SHOW(named);
    elements_state_init(&s);
    for (int i = 1; i < 6; i++)
        dfl_str_list_push(elements_state_ctx(&s), &s.docs,
                          dfl_copy(elements_state_ctx(&s), "abcdef", (size_t)i));
    SHOW_RUN(elements, &s);
    elements_state_free(&s);
    SHOW(nested);
    return 0;
}
