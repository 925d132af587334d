#include "in_state_shows_the_whole_state.h"

#include "check.h"

int whole_peek(dfl_ctx *ctx, const whole_state *state, dfl_str *log) {
    *log = dfl_printf(ctx, "n %d, m %d, %u items, %s %d, log %d, seen %d\n", state->n, state->m,
                      state->list.len, state->both.name.p, state->both.number, (int)state->log.n,
                      state->seen);
    return 0;
}

int whole_look_at(dfl_ctx *ctx, const whole_state *state, int32_t *number, dfl_str *log) {
    *number = state->n + 100;
    return whole_peek(ctx, state, log);
}

int main(void) {
    whole_state s;
    whole_state_init(&s);
    CHECK_INT(whole_run(&s, NULL), DFL_OK);
    printf("%sn %d, m %d\n", s.log.p, s.n, s.m);
    whole_state_free(&s);
    return 0;
}
