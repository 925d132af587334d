#include "local_is_fresh.h"

#include "check.h"

int main(void) {
    local_state s;
    local_state_init(&s);
    for (int i = 0; i < 3; i++)
        dfl_str_list_push(local_state_ctx(&s), &s.docs, dfl_copy(local_state_ctx(&s), "xyz", (size_t)i));
    CHECK_INT(local_run(&s, NULL), DFL_OK);
    printf("%s\n", s.seen.p);
    local_state_free(&s);
    return 0;
}
