# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# The sample, built; and what a program has left that failed at its third step.
cp "$TOP"/samples/finance/[fns]*.[dc]* .
"$DFLC" finance.dfl
"${CC:-cc}" -O1 -I. -I"$DFLRT" -o finance finance.c nodes.c "$DFLRT/libdflrt.a" -lpthread -lm
cat >order.dfl <<'END'
struct parcel { id: string; grams: i64; }
graph order {
    state { in name: string; parcels: parcel[]; tries: i32; }
    node pack (in name, out parcels) {%
        const parcel one = {name, 120};
        return parcel_list_push(ctx, parcels, one);
    %}
    node label (inout tries) {% (void)ctx; ++*tries; %}
    node address (inout tries) {% (void)ctx; ++*tries; %}
    node ship (in name, parcels, tries) {% (void)parcels; return dfl_fail(ctx, tries, "%s is not there", name.p); %}
    start -> pack -> label -> address -> ship -> end;
    checkpoint every node;
    limit steps 9;
}
END
cat >main.c <<'END'
#include "order.h"

int main(void) {
    dfl_run run = {.thread_id = "anna"};
    order_state s;
    if (dfl_store_open("parcels", NULL, &run.store) != DFL_OK)
        return 1;
    order_state_init(&s);
    s.name = DFL_STR("anna");
    (void)order_run(&s, &run); /* it fails at ship */
    order_state_free(&s);
    dfl_store_close(run.store);
    return 0;
}
END
"$DFLC" -w order.dfl
"${CC:-cc}" -I. -I"$DFLRT" -o order main.c order.c "$DFLRT/libdflrt.a" -lpthread
./order
