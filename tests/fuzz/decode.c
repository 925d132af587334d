// Any bytes as an encoded state: refused, or a state that is encoded to bytes that are decoded to the same.
// corpus: tests/fuzz/decode/*
// quick: 3000; full: 20000000
#include "fuzz.h"

#include "nodes.h"

static void fuzz_one(const uint8_t *data, size_t n) {
    all_state s, again;
    dfl_buf once = {0}, twice = {0};
    all_state_init(&s);
    all_state_init(&again);
    s.e = 77;
    int status = all_decode(&s, data, n);
    MUST(status == DFL_OK || status == DFL_ESCHEMA || status == DFL_ECORRUPT);
    MUST(status == DFL_OK || s.e == 77);
    MUST(all_encode(&s, &once) == DFL_OK);
    MUST(all_decode(&again, once.p, once.n) == DFL_OK);
    MUST(all_encode(&again, &twice) == DFL_OK);
    MUST(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
    dfl_buf_free(&once);
    dfl_buf_free(&twice);
    all_state_free(&s);
    all_state_free(&again);
}
