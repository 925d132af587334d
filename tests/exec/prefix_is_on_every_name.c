#include "prefix_is_on_every_name.h"

#include "check.h"

int acme_child_show(dfl_ctx *ctx, const acme_quote *q, dfl_str *text) {
    *text = dfl_printf(ctx, "%s is %s", q->symbol.p, acme_mood_name(q->felt));
    return 0;
}

bool acme_desk_many(dfl_ctx *ctx, acme_quote_list quotes) {
    (void)ctx;
    return quotes.len > 1;
}

acme_desk_pick_to acme_desk_pick(dfl_ctx *ctx, acme_mood felt) {
    (void)ctx;
    return felt == acme_mood_angry ? acme_desk_pick_call : acme_desk_pick_end;
}

int acme_desk_fill(dfl_ctx *ctx, acme_quote_list *quotes, acme_quote_map *by_name,
                   acme_quote_opt *maybe, acme_mood *felt, acme_quote *last, int64_t *total) {
    *last = (acme_quote){DFL_STR("L"), acme_mood_angry};
    *felt = acme_mood_angry, *total = 4;
    *maybe = (acme_quote_opt){true, *last};
    acme_quote_map_put(ctx, by_name, DFL_STR("last"), *last);
    acme_quote_list_push(ctx, quotes, *last);
    return acme_quote_list_push(ctx, quotes, *last);
}

int add(dfl_ctx *ctx, int64_t *accumulated, const int64_t *update) {
    (void)ctx;
    *accumulated += *update;
    return 0;
}

int main(void) {
    const dfl_graph *graph = &acme_desk_graph;
    acme_desk_node place = acme_desk_at_fill;
    acme_desk_state s;

    acme_desk_state_init(&s);
    CHECK_INT(acme_desk_run(&s, NULL), DFL_OK);
    CHECK_STR(s.text, "L is angry");
    CHECK_INT(s.total, 4);
    CHECK(strcmp(graph->places[place].name, "fill") == 0);
    acme_desk_state_free(&s);
    return 0;
}
