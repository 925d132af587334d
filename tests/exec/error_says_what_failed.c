#include "error_says_what_failed.h"

#include "check.h"

static const dfl_str list[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};

int main(void) {
    for (way way = way_code_only; way <= way_fine; way++) {
        dfl_error error;
        failing_state s;
        int status;
        memset(&error, 'x', sizeof error);
        failing_state_init(&s);
        s.way = way;
        s.list = (dfl_str_list){list, 4, 0};
        status = failing_run(&s, &(dfl_run){.error = &error});
        failing_state_free(&s);
        show_end(way_name(way), status, &error);
        if (way == way_long_message)
            CHECK_INT(strlen(error.message), 254);
    }
    return 0;
}
