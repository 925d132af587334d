#include "state_copy_is_deep.h"

#include "check.h"

int main(void) {
    deep_state a, b;
    int something;
    deep_state_init(&a);
    deep_state_init(&b);
    a.file = &something;
    CHECK_INT(deep_run(&a, NULL), DFL_OK);
    CHECK_INT(deep_run(&b, NULL), DFL_OK);      /* what b held is replaced */
    CHECK_INT(deep_state_copy(&b, &a), DFL_OK);
    CHECK(b.file == &something);
    {
        REMEMBER(deep, &b);
        CHECK_INT(deep_run(&a, NULL), DFL_OK);
        dfl_str_list_set(deep_state_ctx(&a), &a.list, 0, DFL_STR("changed"));
        deep_state_reset(&a);
        CHECK_UNCHANGED(deep, &b);
    }
    SHOW_STATE(deep, &a);
    SHOW_STATE(deep, &b);
    CHECK_INT(deep_run(&b, NULL), DFL_OK);      /* a copy is a state like any other */
    CHECK_INT(deep_run(&a, NULL), DFL_OK);
    CHECK_INT(deep_state_copy(&a, &b), DFL_OK);
    deep_state_free(&b);
    SHOW_STATE(deep, &a);
    deep_state_free(&a);
    return 0;
}
