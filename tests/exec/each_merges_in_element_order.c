#include "each_merges_in_element_order.h"

#include "check.h"

int main(void) {
    order_state s;
    order_state_init(&s);
    CHECK_INT(order_run(&s, NULL), DFL_OK);
    CHECK_INT(s.list.len, 2000);
    CHECK_INT(s.squares.len, 1000);
    for (int i = 0; i < 1000; i++) {
        CHECK_INT(s.list.items[i], i);
        CHECK_INT(s.list.items[1000 + i], -i);
        CHECK_INT(s.squares.items[i], i * i);
    }
    CHECK_INT(s.names.len, 7);
    for (uint32_t i = 0; i < 7; i++) {
        CHECK_INT(s.names.entries[i].key.p[0], '0' + (int)i);
        CHECK_INT(s.names.entries[i].value, i <= 5 ? 994 + i : 993);
    }
    CHECK_INT(s.latest, 0);
    CHECK_INT(s.total, 999 * 1000 / 2);
    CHECK_INT(s.lengths, 1000);
    CHECK_STR(s.text, "0,100,200,300,400,");
    order_state_free(&s);
    return 0;
}
