// A checkpoint as JSON, by what its store knows: whatever allocation fails nothing is appended, and a body that is cut or
// changed is damaged or another state, never read beyond its end.
#include "rt.h"

#include <string.h>

#include "inspect.h"
#include "store.h"
#include "t_rt_store_get.h"

enum { MANY = 16 };

static dfl_store *store;
static uint64_t ids[MANY];
static size_t n_ids;

static int note_id(void *user, const dfl_checkpoint *about) {
    (void)user;
    assert_true(n_ids < MANY);
    ids[n_ids++] = about->id;
    return 0;
}

static int begin(void **state) {
    seen_state s;
    dfl_run run = {.thread_id = "t"};
    (void)state;
    store = run.store = dfl_store_memory();
    seen_state_init(&s);
    s.name = DFL_STR("x");
    assert_int_equal(seen_run(&s, &run), DFL_PAUSED);
    seen_state_free(&s);
    n_ids = 0;
    assert_int_equal(dfl_store_history(store, "t", 0, note_id, NULL), DFL_OK);
    return n_ids == 0;
}

static int end(void **state) {
    (void)state;
    dfl_store_close(store);
    return 0;
}

static void get(uint64_t id, dfl_buf *json) {
    *json = (dfl_buf){0};
    assert_int_equal(dfl_store_get(store, "t", id, json), DFL_OK);
    assert_non_null(dfl_buf_room(json, 1));
    json->p[--json->n] = '\0';
}

/* ---- tests ---- */

static void has(const dfl_buf *json, const char *text) {
    if (!strstr((const char *)json->p, text))
        fail_msg("there is no %s in %s", text, (const char *)json->p);
}

/* The newest one has paused; behind it, one before the node that copes. */
static void counters_errors_and_questions(void **state) {
    dfl_buf json;
    bool has_error = false;
    (void)state;
    get(0, &json);
    has(&json, "\"thread\":\"t\",\"graph\":\"seen\",");
    has(&json, "\"questions\":[{\"node\":\"left\",\"question\":\"left?\"},"
               "{\"node\":\"right\",\"question\":\"right?\"}]");
    has(&json, "\"turns\":3,\"words\":[\"x\",\"x\",\"x\"],\"sizes\":{\"x\":3},");
    dfl_buf_free(&json);
    for (size_t i = 0; i < n_ids; i++) {
        get(ids[i], &json);
        has(&json, "\"counters\":{");
        if (strstr((const char *)json.p, "\"error\":")) {
            has(&json, "\"error\":{\"node\":\"bad\",\"message\":\"no luck\",\"status\":");
            has_error = true;
        }
        dfl_buf_free(&json);
    }
    assert_true(has_error);
}

/* What stood in the buffer before stays, alone. */
static void without_memory(void **state) {
    (void)state;
    for (size_t i = 0; i < n_ids; i++) {
        dfl_buf whole, json = {0};
        int status = DFL_ENOMEM;
        get(ids[i], &whole);
        for (long n = 0; status != DFL_OK; n++) {
            assert_int_equal(status, DFL_ENOMEM);
            dfl_buf_free(&json);
            memcpy(dfl_buf_room(&json, 2), "[]", 2);
            dfl__fail_after(n);
            status = dfl_store_get(store, "t", ids[i], &json);
            dfl__fail_after(-1);
            assert_int_equal(json.n, 2 + (status == DFL_OK ? whole.n : 0));
            assert_memory_equal(json.p, "[]", 2);
        }
        assert_memory_equal(json.p + 2, whole.p, whole.n);
        dfl_buf_free(&whole);
        dfl_buf_free(&json);
    }
}

/* Wherever in the text the buffer would have to grow. */
static void without_room(void **state) {
    (void)state;
    for (size_t i = 0; i < n_ids; i++) {
        dfl_buf whole, json = {0};
        dfl__seen seen;
        get(ids[i], &whole);
        assert_int_equal(dfl__inspect(store, "t", ids[i], &seen), DFL_OK);
        assert_non_null(dfl_buf_room(&json, whole.n));
        for (size_t room = 0; room < whole.n; room++) {
            json.n = json.cap - room;
            dfl__fail_after(0);
            assert_int_equal(dfl__seen_json(&seen, &json), DFL_ENOMEM);
            dfl__fail_after(-1);
        }
        json.n = json.cap - whole.n;
        dfl__fail_after(0);
        assert_int_equal(dfl__seen_json(&seen, &json), DFL_OK);
        dfl__fail_after(-1);
        assert_memory_equal(json.p + json.cap - whole.n, whole.p, whole.n);
        dfl__seen_free(&seen);
        dfl_buf_free(&json);
        dfl_buf_free(&whole);
    }
}

/* As somebody else has saved it. */
static int get_changed(const dfl_record *from, const uint8_t *body, size_t n) {
    dfl_store *other = dfl_store_memory();
    dfl_record record = *from;
    dfl_buf text = {0}, json = {0};
    uint64_t id;
    int status;
    record.body = body;
    record.n = n;
    assert_int_equal(store->ops->layout(store->self, from->layout, &text), DFL_OK);
    assert_int_equal(other->ops->put_layout(other->self, from->graph, from->layout,
                                            (const char *)text.p, text.n),
                     DFL_OK);
    assert_int_equal(other->ops->put(other->self, &record, DFL_ASYNC, &id), DFL_OK);
    status = dfl_store_get(other, "t", 0, &json);
    assert_true((status == DFL_OK) == (json.n > 0));
    dfl_buf_free(&json);
    dfl_buf_free(&text);
    dfl_store_close(other);
    return status;
}

static bool is_refusal(int status) {
    return status == DFL_ECORRUPT || status == DFL_ESCHEMA || status == DFL_ENOMEM;
}

/* In memory of just its size, so that a sanitizer sees what is read beyond it. */
static void bodies_that_are_cut_or_changed(void **state) {
    (void)state;
    for (size_t i = 0; i < n_ids; i++) {
        dfl_record record;
        dfl_buf hold = {0};
        assert_int_equal(store->ops->read(store->self, "t", ids[i], &record, &hold), DFL_OK);
        assert_int_equal(get_changed(&record, record.body, record.n), DFL_OK);
        for (size_t n = 0; n < record.n; n++) {
            uint8_t *body = malloc(record.n);
            memcpy(body, record.body, record.n);
            assert_true(is_refusal(get_changed(&record, body, n)));
            for (unsigned change = 1; change < 256; change += change < 8 ? 1 : 41) {
                int status;
                body[n] = (uint8_t)(record.body[n] ^ change);
                status = get_changed(&record, body, record.n);
                assert_true(status == DFL_OK || is_refusal(status));
            }
            free(body);
        }
        dfl_buf_free(&hold);
    }
}

static void what_cannot_be_got(void **state) {
    dfl_store *other = dfl_store_memory();
    dfl_record record;
    dfl_buf hold = {0}, json = {0};
    uint64_t id;
    (void)state;
    assert_int_equal(dfl_store_get(NULL, "t", 0, &json), DFL_EINVAL);
    assert_int_equal(dfl_store_get(store, NULL, 0, &json), DFL_EINVAL);
    assert_int_equal(dfl_store_get(store, "t", 0, NULL), DFL_EINVAL);
    assert_int_equal(dfl_store_get(store, "nobody", 0, &json), DFL_ENOTFOUND);
    assert_int_equal(dfl_store_get(store, "t", 10000, &json), DFL_ENOTFOUND);
    assert_int_equal(store->ops->read(store->self, "t", 0, &record, &hold), DFL_OK);
    assert_int_equal(other->ops->put(other->self, &record, DFL_ASYNC, &id), DFL_OK);
    assert_int_equal(dfl_store_get(other, "t", 0, &json), DFL_ESCHEMA); /* without its layout */
    assert_int_equal(json.n, 0);
    dfl_buf_free(&hold);
    dfl_store_close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_errors_and_questions),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(without_room),
        cmocka_unit_test(bodies_that_are_cut_or_changed),
        cmocka_unit_test(what_cannot_be_got),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
