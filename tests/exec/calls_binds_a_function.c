#include "calls_binds_a_function.h"

#include "check.h"

int add_one(dfl_ctx *ctx, int32_t *n) {
    (void)ctx;
    *n += 1;
    return 0;
}

int binds_load_node(dfl_ctx *ctx, int32_t n, dfl_str *log) {
    *log = dfl_printf(ctx, "load %d", n);
    return 0;
}

int main(void) {
    SHOW(binds);
    return 0;
}
