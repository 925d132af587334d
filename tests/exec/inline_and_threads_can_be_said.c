#include "inline_and_threads_can_be_said.h"

#include "check.h"

int main(void) {
    static const int32_t list[] = {1, 2, 3, 4};
    said_state s;
    said_state_init(&s);
    s.caller = pthread_self();
    s.list = (dfl_i32_list){list, 4, 0};
    CHECK_INT(said_run(&s, NULL), DFL_OK);
    CHECK_INT(s.elsewhere, 0);
    CHECK_STR(s.log, "ab1234cd1234");
    said_state_free(&s);
    return 0;
}
