#include "several_sources.h"

#include "check.h"

int main(void) {
    for (int left = 0; left < 2; left++) {
        sources_state s;
        sources_state_init(&s);
        s.left = left;
        SHOW_RUN(sources, &s);
        sources_state_free(&s);
    }
    return 0;
}
