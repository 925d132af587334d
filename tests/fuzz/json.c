// Any text as the JSON of a state: refused with a message, or a state whose JSON is read to the same.
// corpus: tests/fuzz/json/*
// quick: 3000; full: 20000000
#include "fuzz.h"

#include "nodes.h"

static void fuzz_one(const uint8_t *data, size_t n) {
    all_state s, again;
    dfl_buf once = {0}, twice = {0};
    dfl_error error = {.status = DFL_OK};
    all_state_init(&s);
    all_state_init(&again);
    s.e = 77;
    int status = all_from_json(&s, (const char *)data, n, &error);
    MUST(status == DFL_OK || (error.status == status && error.message[0]));
    MUST(status == DFL_OK || s.e == 77);
    MUST(all_to_json(&s, &once) == DFL_OK);
    MUST(all_from_json(&again, (const char *)once.p, once.n, &error) == DFL_OK);
    MUST(all_to_json(&again, &twice) == DFL_OK);
    MUST(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
    dfl_buf_free(&once);
    dfl_buf_free(&twice);
    all_state_free(&s);
    all_state_free(&again);
}
