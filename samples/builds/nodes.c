// What the nodes do whose text is not in the graphs.
#include "sorting.h"
#include "tariff.h"

int sorting_by_weight(dfl_ctx *ctx, const parcel *box, lane *way) {
    if (box->grams <= 0)
        return dfl_fail(ctx, 1, "parcel %.*s weighs nothing", DFL_ARG(box->id));
    *way = box->grams <= 500 ? lane_letters : box->grams <= 5000 ? lane_small : lane_large;
    return 0;
}

// 60 cents for each kilogram that was begun, besides what everybody pays.
int tariff_heavy(dfl_ctx *ctx, int64_t grams, int64_t *cents) {
    (void)ctx;
    *cents += (grams + 999) / 1000 * 60;
    return 0;
}
