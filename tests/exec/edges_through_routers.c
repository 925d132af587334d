#include "edges_through_routers.h"

#include "metrics_check.h"

desk_pick_to desk_pick(dfl_ctx *ctx, int32_t n) {
    dfl_emit(ctx, "asked", (dfl_bytes){NULL, 0});
    return n < 3 ? desk_pick_work : n < 13 ? desk_pick_money : desk_pick_end;
}

desk_inside_to desk_inside(dfl_ctx *ctx, int32_t text) {
    dfl_emit(ctx, "asked", (dfl_bytes){NULL, 0});
    return text ? desk_inside_more : desk_inside_join;
}

static void print(void *user, const dfl_event *event) {
    (void)user;
    if (event->kind == DFL_EVENT_CUSTOM)
        printf("  %s: %s, branch %d\n", event->path, event->to, event->branch);
    else if (event->kind == DFL_EVENT_EDGE)
        printf("  %s -> %s\n", event->path, event->to);
    else
        printf("  %s: state %d\n", event->path, ((const desk_state *)event->state)->n);
}

static void run_with(dfl_hooks *hooks, int32_t text) {
    desk_state s;
    desk_state_init(&s);
    s.text = text;
    hooks->ordered = true;
    CHECK_INT(desk_run(&s, &(dfl_run){.hooks = hooks}), DFL_OK);
    CHECK_INT(s.n, 13);
    desk_state_free(&s);
}

int main(void) {
    dfl_hooks hooks = {.mask = DFL_EV_EDGE | DFL_EV_CUSTOM | DFL_STREAM_VALUES, .on_event = print};
    dfl_hooks *metrics = dfl_metrics_new();
    dfl_buf text;
    memset(&text, 0, sizeof text);
    for (int32_t i = 0; i < 2; i++) {
        printf("%d\n", (int)i);
        run_with(&hooks, i);
        run_with(metrics, i);
    }
    CHECK_INT(dfl_metrics_text(metrics, &text), DFL_OK);
    CHECK(dfl_buf_room(&text, 1));
    text.p[text.n - 1] = '\0';
    CHECK_INT(metrics_value((char *)text.p, "dfl_edges_taken_total{graph=\"desk\",from=\"work\",to=\"pick\"}"), 6);
    CHECK_INT(metrics_value((char *)text.p, "dfl_edges_taken_total{graph=\"desk\",from=\"pick\",to=\"end\"}"), 2);
    CHECK_INT(metrics_value((char *)text.p, "dfl_edges_taken_total{graph=\"desk\",from=\"left\",to=\"inside\"}"), 2);
    dfl_buf_free(&text);
    dfl_metrics_free(metrics);
    return 0;
}
