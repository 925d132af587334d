#include "match_enum_rejects_foreign_value.h"

#include "check.h"

#define RUN(G, COLOR)                                                                              \
    do {                                                                                           \
        G##_state s;                                                                               \
        G##_state_init(&s);                                                                        \
        s.color = (color)(COLOR);                                                                  \
        SHOW_RUN(G, &s);                                                                           \
        G##_state_free(&s);                                                                        \
    } while (0)

int main(void) {
    RUN(covered, color_green);
    RUN(covered, 2);
    RUN(with_else, color_green);
    RUN(with_else, -1);
    RUN(in_branch, color_red);
    RUN(in_branch, 77);
    return 0;
}
