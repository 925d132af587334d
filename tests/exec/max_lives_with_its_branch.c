#include "max_lives_with_its_branch.h"

#include "check.h"

int main(void) {
    static const int32_t list[] = {100, 200};
    lives_state s;
    lives_state_init(&s);
    s.list = (dfl_i32_list){list, 2, 0};
    SHOW_RUN(lives, &s);
    lives_state_free(&s);
    return 0;
}
