#include "match_of_every_type.h"

#include "check.h"

static void run(color color, int8_t small, uint64_t large, bool flag, dfl_str word) {
    matches_state s;
    matches_state_init(&s);
    s.color = color, s.small = small, s.large = large, s.flag = flag, s.word = word;
    CHECK_INT(matches_run(&s, NULL), DFL_OK);
    printf("%s\n", s.log.p);
    matches_state_free(&s);
}

int main(void) {
    run(color_red, -128, UINT64_MAX, true, DFL_STR(""));
    run(color_green, 0, 0, false, DFL_STR("word"));
    run(color_blue, 1, UINT64_MAX - 1, false, DFL_STR("b\"\n\u00e4"));
    run(color_dark, 127, 1, true, DFL_STR("wor"));
    run(color_dark, -1, 1, true, DFL_STR("word\0"));
    return 0;
}
