#include "nested_sections.h"

#include "check.h"

int main(void) {
    for (int deep = 0; deep < 2; deep++) {
        nested_state s;
        nested_state_init(&s);
        s.deep = deep;
        for (int i = 0; i < 5; i++)
            dfl_str_list_push(nested_state_ctx(&s), &s.docs,
                              dfl_copy(nested_state_ctx(&s), "abcde", (size_t)i));
        SHOW_RUN(nested, &s);
        nested_state_free(&s);
    }
    return 0;
}
