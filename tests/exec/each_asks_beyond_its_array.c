#include "each_asks_beyond_its_array.h"

#include <stdio.h>

int main(void) {
    beyond_state s;
    beyond_state_init(&s);
    s.words[0] = DFL_STR("one"), s.words[1] = DFL_STR("three");
    s.pairs[1].numbers[1] = 40;
    int rc = beyond_run(&s, NULL);
    printf("%d %d\n", rc, (int)s.seen);
    beyond_state_free(&s);
    return rc;
}
