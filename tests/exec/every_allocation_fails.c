#include "every_allocation_fails.h"

#include "check.h"
#include "fail_after.h"

static const char *const whole =
    "3 words, 3 sizes,(a)(bc)(def) left wrong:7 good, 3, 42!, 1 faults, 3 rounds";

static void begin(g_state *s) {
    static const dfl_str docs[] = {{"a", 1}, {"bc", 2}, {"def", 3}};
    g_state_init(s);
    s->docs = (dfl_str_list){docs, 3, 0};
}

static bool is_shortage(int status) {
    return status == DFL_ENOMEM || status == DFL_ESTORE;
}

/* Each step until it succeeds, with one allocation more. What it says when it fails. */
static long attempts;

static bool again(long n, int status, const dfl_error *error) {
    dfl__fail_after(-1);
    attempts++;
    CHECK(status == DFL_OK || status == DFL_PAUSED || is_shortage(status));
    CHECK(!is_shortage(status) || (error->status == status && error->message[0]));
    CHECK(n < 5000);
    return is_shortage(status);
}

/* Whatever a run has left can be looked at, written and read. */
static void is_whole(const g_state *s) {
    dfl_buf json = {0};
    g_state copy;
    g_state_init(&copy);
    CHECK_INT(g_to_json(s, &json), DFL_OK);
    CHECK_INT(g_from_json(&copy, (const char *)json.p, json.n, NULL), DFL_OK);
    CHECK(s->words.len == 0 || s->words.len == 3);
    CHECK(s->sizes.len == 0 || s->sizes.len == 3);
    g_state_free(&copy);
    dfl_buf_free(&json);
}

/* From its last checkpoint, as another process would. */
static void comes_to_its_end(dfl_run run) {
    g_state s;
    dfl_error error;
    int status;
    run.error = &error;
    g_state_init(&s);
    status = g_continue(&s, &run);
    CHECK_INT(status, DFL_PAUSED);
    run.answer = DFL_STR("42!");
    for (long n = 0;; n++) {
        dfl__fail_after(n);
        status = g_resume(&s, &run);
        if (!again(n, status, &error))
            break;
        is_whole(&s);
    }
    CHECK_INT(status, DFL_OK);
    CHECK_STR(s.told, whole);
    g_state_free(&s);
}

static void run_short_of_memory(dfl_store *store) {
    dfl_error error;
    dfl_run run = {.store = store, .thread_id = "t", .error = &error};
    bool is_over = false;
    for (long n = 0; !is_over; n++) {
        g_state s;
        int status;
        begin(&s);
        dfl__fail_after(n);
        status = g_run(&s, &run);
        is_over = !again(n, status, &error);
        is_whole(&s);
        g_state_free(&s);
        if (n % 8 == 0 || is_over) {
            dfl_checkpoint latest;
            if (dfl_store_latest(store, "t", &latest) == DFL_OK)
                comes_to_its_end((dfl_run){.store = store, .thread_id = "t"});
        }
        (void)dfl_store_delete_thread(store, "t");
    }
}

static void whole_without_a_store(void) {
    dfl_error error;
    dfl_run run = {.error = &error};
    for (long n = 0, status = DFL_ENOMEM; status != DFL_PAUSED; n++) {
        g_state s;
        begin(&s);
        dfl__fail_after(n);
        status = g_run(&s, &run);
        (void)again(n, (int)status, &error);
        is_whole(&s);
        g_state_free(&s);
    }
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    whole_without_a_store();
    run_short_of_memory(store);
    CHECK(attempts > 20);
    dfl_store_close(store);
    return 0;
}
