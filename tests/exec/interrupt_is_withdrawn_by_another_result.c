#include "interrupt_is_withdrawn_by_another_result.h"

#include "check.h"

int main(void) {
    dfl_error error = {0};
    dfl_run run = {.error = &error};
    const dfl_question *q;
    swallows_state s;
    fails_state f;
    pretends_state p;
    pretends_later_state l;

    swallows_state_init(&s);
    CHECK_INT(swallows_run(&s, &run), DFL_OK);
    CHECK_INT(s.x, DFL_PAUSED);
    CHECK_INT(swallows_questions(&s, &q), 0);
    swallows_state_free(&s);

    fails_state_init(&f);
    CHECK_INT(fails_run(&f, &run), DFL_ENODE);
    CHECK_INT(error.code, 8);
    CHECK_INT(fails_questions(&f, &q), 0);
    fails_state_free(&f);

    pretends_state_init(&p);
    CHECK_INT(pretends_run(&p, &run), DFL_ENODE);
    CHECK_INT(error.code, DFL_PAUSED);
    CHECK_INT(p.x, 0);
    pretends_state_free(&p);

    pretends_later_state_init(&l);
    CHECK_INT(pretends_later_run(&l, &run), DFL_OK);
    CHECK_INT(l.caught, DFL_PAUSED);
    CHECK_INT(l.x, 0);
    pretends_later_state_free(&l);
    return 0;
}
