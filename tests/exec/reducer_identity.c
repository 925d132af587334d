#include "reducer_identity.h"

#include <float.h>
#include <math.h>

#include "check.h"

static bool smallest(double x) {
    return x == -INFINITY;
}

static bool largest(double x) {
    return x == INFINITY;
}

int identity_check(dfl_ctx *ctx, int32_t *sum_i, double *sum_f, int16_t *min_i, uint64_t *min_u,
                   float *min_f, double *min_d, int16_t *max_i, uint64_t *max_u, float *max_f,
                   double *max_d, bool *all, bool *any, dfl_i32_list *list, dfl_str *text,
                   dfl_i32_map *table) {
    (void)ctx;
    CHECK(*sum_i == 0 && *sum_f == 0);
    CHECK(*min_i == INT16_MAX && *min_u == UINT64_MAX);
    CHECK(largest((double)*min_f) && largest(*min_d));
    CHECK(*max_i == INT16_MIN && *max_u == 0);
    CHECK(smallest((double)*max_f) && smallest(*max_d));
    CHECK(*all && !*any);
    CHECK(list->len == 0 && text->n == 0 && *text->p == '\0' && table->len == 0);
    return 0;
}

static void check_state(const identity_state *s) {
    identity_state t = *s;
    identity_check(NULL, &t.sum_i, &t.sum_f, &t.min_i, &t.min_u, &t.min_f, &t.min_d, &t.max_i,
                   &t.max_u, &t.max_f, &t.max_d, &t.all, &t.any, &t.list, &t.text, &t.table);
}

int main(void) {
    identity_state s;
    identity_state_init(&s);
    check_state(&s);
    CHECK_INT(identity_run(&s, NULL), DFL_OK);
    check_state(&s);
    identity_state_free(&s);
    SHOW(defaulted);
    return 0;
}
