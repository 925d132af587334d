// Any bytes as a checkpoint that a store gives back, of this layout or one that they tell: refused, or resumed.
// corpus: tests/fuzz/checkpoint/*
// quick: 2000; full: 10000000
#include "fuzz.h"

#include "nodes.h"

#include "store.h"

static const char *const places[] = {"start", "first", "left", "[left, right]", "asks", "inner", "inner/step", "last", "end",
                                     "each it in q [one]", "no such place"};

/* What the store's file would hold, less its checksums. */
static uint64_t put_layout(dfl_store *store, Taker *taker) {
    size_t n = take_number(taker, 2);
    uint64_t mark = take_number(taker, 8);
    const uint8_t *text = take_bytes(taker, &n);
    (void)store->ops->put_layout(store->self, "all", mark, (const char *)text, n);
    return mark;
}

static void fuzz_one(const uint8_t *data, size_t n) {
    Taker taker = {data, data + n};
    dfl_store *store = dfl_store_memory();
    dfl_error error = {.status = DFL_OK};
    dfl_run run = {.store = store, .thread_id = "t", .error = &error};
    all_state s;
    all_node next;
    dfl_buf json = {0};
    uint64_t id, how = take_number(&taker, 1);
    dfl_record record = {.graph = how & 1 ? "other" : "all", .layout = all_graph.layout->mark};
    MUST(store);
    record.about.thread = "t";
    record.about.next = places[take_number(&taker, 1) % (sizeof places / sizeof *places)];
    record.about.step = take_number(&taker, 1);
    if (how & 2)
        record.layout = put_layout(store, &taker);
    record.n = (size_t)(taker.end - taker.at);
    record.body = take_bytes(&taker, &record.n);
    record.about.bytes = record.n;
    MUST(store->ops->put(store->self, &record, DFL_SYNC, &id) == DFL_OK);

    all_state_init(&s);
    (void)all_load(&s, &next, &run);
    int status = all_resume(&s, &run);
    if (status == DFL_PAUSED)
        status = all_resume(&s, &run);
    MUST(status >= 0 || (error.status == status && error.message[0]));
    (void)dfl_store_get(store, "t", 0, &json);
    dfl_buf_free(&json);
    all_state_free(&s);
    dfl_store_close(store);
}
