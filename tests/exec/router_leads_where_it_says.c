#include "router_leads_where_it_says.h"

#include "check.h"

desk_pick_to desk_pick(dfl_ctx *ctx, dfl_str text, int32_t n) {
    (void)ctx;
    if (n < 2 && dfl_str_eq(text, DFL_STR("loop")))
        return desk_pick_tech;
    return dfl_str_eq(text, DFL_STR("none")) ? desk_pick_end : desk_pick_money;
}

static void check(const char *text, const char *log) {
    desk_state s;
    desk_state_init(&s);
    s.text = (dfl_str){text, strlen(text)};
    CHECK_INT(desk_run(&s, NULL), DFL_OK);
    CHECK_STR(s.log, log);
    desk_state_free(&s);
}

int main(void) {
    check("none", "");
    check("pay", "money ");
    check("loop", "tech tech money ");
    return 0;
}
