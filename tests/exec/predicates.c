#include "predicates.h"

#include "check.h"

bool predicates_reached(dfl_ctx *ctx, int32_t n, int32_t k) {
    (void)ctx;
    return n >= 3 + k / 100;
}

int main(void) {
    predicates_state s;
    predicates_state_init(&s);
    for (int i = 0; i < 5; i++)
        dfl_str_list_push(predicates_state_ctx(&s), &s.docs,
                          dfl_copy(predicates_state_ctx(&s), "abcde", (size_t)i));
    SHOW_RUN(predicates, &s);
    predicates_state_free(&s);
    return 0;
}
