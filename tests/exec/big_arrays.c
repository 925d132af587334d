#include "big_arrays.h"

#include <sys/resource.h>

#include "check.h"

static big_state s, copy;       /* 3 MiB each */

int main(void) {
    static const int32_t list[] = {1, 2, 3};
    /* Frames of branches and nodes' copies that lay on the stack would not fit into this. */
    struct rlimit limit = {1024 * 1024, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
    big_state_init(&s);
    s.list = (dfl_i32_list){list, 3, 0};
    CHECK_INT(big_run(&s, NULL), DFL_OK);
    CHECK(s.a[0] == 1 && s.a[254] == 255 && s.a[255] == 0 && s.a[1048575] == 0);
    CHECK(s.b[0] == 8 && s.b[1] == 7 && s.b[1048575] == 8);
    CHECK(s.c[0] == 2 && s.c[1] == 0 && s.c[131071] == 1);
    CHECK_INT(s.total, 306);
    CHECK_INT(s.faults.len, 0);

    big_state_init(&copy);
    CHECK_INT(big_state_copy(&copy, &s), DFL_OK);
    CHECK(copy.a[254] == 255 && copy.b[1048575] == 8 && copy.c[131071] == 1);
    big_state_free(&copy);

    s.fail = true;
    CHECK_INT(big_run(&s, NULL), DFL_ENODE);
    CHECK(s.a[0] == 0 && s.a[255] == 255 && s.a[1048575] == 255);
    CHECK(s.b[0] == 8 && s.b[1] == 7 && s.b[1048575] == 8);
    big_state_free(&s);
    return 0;
}
