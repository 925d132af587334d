#include "comparisons_across_signs.h"

#include <math.h>

#include "check.h"

/* i64 : u64, u32 : i8, i64 : f64, f64 : u64; i64 >= f64, f64 <= i64, f64 >= u64 */
static void compare(int64_t i64_, uint64_t u64_, uint32_t u32_, int8_t i8_, double d,
                    const char *should_be) {
    compare_state s;
    compare_state_init(&s);
    s.i64_ = i64_, s.u64_ = u64_, s.u32_ = u32_, s.i8_ = i8_, s.d = d;
    CHECK_INT(compare_run(&s, NULL), DFL_OK);
    CHECK_STR(s.found, should_be);
    compare_state_free(&s);
}

int main(void) {
    compare(-1, UINT64_MAX, 4294967295u, -1, -0.5, "<><<nnn");
    compare(1, 1, 1, 1, 1, "====yyy");
    compare(INT64_MIN, 0, 0, -128, -9223372036854775808.0, "<>=<yyn");
    compare(INT64_MAX, INT64_MAX, 127, 127, 9223372036854775808.0, "==<>nny");
    compare(INT64_MAX, UINT64_MAX, 126, 127, 18446744073709551616.0, "<<<>nny");
    compare(9007199254740993, 9007199254740993, 0, 0, 9007199254740992.0, "==><yyn");
    compare(0, 0, 0, 0, (double)NAN, "==??nnn");
    compare(0, 0, 0, 0, -INFINITY, "==><yyn");
    compare(0, UINT64_MAX, 0, 0, INFINITY, "<=<>nny");
    return 0;
}
