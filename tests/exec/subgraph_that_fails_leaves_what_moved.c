#include "subgraph_that_fails_leaves_what_moved.h"

#include <stdio.h>

int main(void) {
    keeps_state s;
    keeps_state_init(&s);
    dfl_ctx *ctx = keeps_state_ctx(&s);
    dfl_str_list_push(ctx, &s.words, dfl_printf(ctx, "the first of %d words", 2));
    dfl_str_list_push(ctx, &s.words, dfl_printf(ctx, "and number %d", 2));
    int rc = keeps_run(&s, NULL);
    printf("%d %s\n", rc, s.seen.p);
    keeps_state_free(&s);
    return rc;
}
