#include "named_section_is_a_target.h"

#include "check.h"

int main(void) {
    for (int direct = 0; direct < 2; direct++) {
        sections_state s;
        sections_state_init(&s);
        s.direct = direct;
        SHOW_RUN(sections, &s);
        sections_state_free(&s);
    }
    return 0;
}
