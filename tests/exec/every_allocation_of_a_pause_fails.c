#include "every_allocation_of_a_pause_fails.h"

#include "check.h"
#include "fail_after.h"

static int64_t xs[] = {1, 20, 300};

static void begin(g_state *s) {
    g_state_init(s);
    s->xs = (dfl_i64_list){xs, 3, 0};
}

static bool is_shortage(int status) {
    return status == DFL_ENOMEM || status == DFL_ESTORE;
}

static void has_come_to_its_end(const g_state *s) {
    CHECK_STR(s->log, "first one two:3 behind often:twice:2 ");
    CHECK_INT(s->sum, 321);
    CHECK_INT(s->sizes.len, 3);
}

/* As another process would, from the latest checkpoint; DFL_ENOMEM: an allocation has failed. DFL_EINVAL: no question waits
 * any more: the node that had its answer has failed by that and has to ask again, or has come to its end. */
static int resume(dfl_store *store, bool answers, long n) {
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = "t", .error = &error};
    g_state s;
    int status;
    if (answers)
        run.answer = DFL_STR("twice");
    g_state_init(&s);
    dfl__fail_after(n);
    status = g_resume(&s, &run);
    dfl__fail_after(-1);
    CHECK(status == DFL_OK || status == DFL_PAUSED || is_shortage(status) ||
          (answers && status == DFL_EINVAL));
    CHECK(!is_shortage(status) || (error.status == status && error.message[0]));
    if (status == DFL_OK)
        has_come_to_its_end(&s);
    g_state_free(&s);
    return status;
}

/* Fails at each allocation, until it gets further. */
static int resume_at_last(dfl_store *store, bool answers) {
    int status = DFL_ENOMEM;
    for (long n = 0; is_shortage(status); n++) {
        CHECK(n < 5000);
        status = resume(store, answers, n);
        if (status == DFL_EINVAL)
            status = resume(store, false, -1);
        if (status == DFL_PAUSED && answers)
            status = resume(store, answers, n);
    }
    return status;
}

/* First it asks, if it has not done so; then all that paused has been passed. */
static void comes_to_its_end(dfl_store *store) {
    CHECK_INT(resume_at_last(store, false), DFL_PAUSED);
    CHECK_INT(resume_at_last(store, true), DFL_OK);
}

static void fails_while_it_pauses(dfl_store *store) {
    int status = DFL_ENOMEM;
    for (long n = 0; status != DFL_PAUSED; n++) {
        dfl_error error = {0};
        dfl_run run = {.store = store, .thread_id = "t", .error = &error};
        dfl_checkpoint latest;
        g_state s;
        CHECK(n < 5000);
        begin(&s);
        dfl__fail_after(n);
        status = g_run(&s, &run);
        dfl__fail_after(-1);
        CHECK(status == DFL_PAUSED || is_shortage(status));
        g_state_free(&s);
        if (n % 4 == 0 && dfl_store_latest(store, "t", &latest) == DFL_OK)
            comes_to_its_end(store);
        else if (status == DFL_PAUSED)
            comes_to_its_end(store);
        (void)dfl_store_delete_thread(store, "t");
    }
}

/* What has paused is kept in the state alone. */
static void without_a_store(void) {
    int status = DFL_ENOMEM;
    for (long n = 0; status != DFL_PAUSED; n++) {
        dfl_run run = {0};
        g_state s;
        begin(&s);
        dfl__fail_after(n);
        status = g_run(&s, &run);
        dfl__fail_after(-1);
        CHECK(status == DFL_PAUSED || is_shortage(status));
        if (status == DFL_PAUSED) {
            run.answer = DFL_STR("twice");
            while (status == DFL_PAUSED) {
                status = g_resume(&s, &run);
                run.answer = (dfl_str){0};
            }
            CHECK_INT(status, DFL_OK);
            has_come_to_its_end(&s);
            status = DFL_PAUSED;
        }
        g_state_free(&s);
    }
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    without_a_store();
    fails_while_it_pauses(store);
    dfl_store_close(store);
    return 0;
}
