#include "cancel_ends_the_run.h"

#include <pthread.h>
#include <signal.h>

#include "check.h"

static dfl_cancel cancel;
static int go;          /* guarded by nothing but its atomic accesses */

static void set_go(void) {
    __atomic_store_n(&go, 1, __ATOMIC_RELEASE);
}

static void on_signal(int number) {
    (void)number;
    dfl_cancel_now(&cancel);
}

void cancel_at(uint64_t round, int32_t stop) {
    if (round != 1000)
        return;
    if (stop == BY_SIGNAL)
        raise(SIGUSR1);
    else
        set_go();
}

void wait_begins(void) {
    set_go();
}

static void *canceller(void *unused) {
    while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
        ;
    dfl_cancel_now(&cancel);
    return unused;
}

static void begin(pthread_t *thread) {
    __atomic_store_n(&go, 0, __ATOMIC_RELEASE);
    CHECK_INT(pthread_create(thread, NULL, canceller, NULL), 0);
}

static void ends(int32_t stop, bool branches) {
    pthread_t thread;
    forever_state s;
    dfl_error error = {0};
    forever_state_init(&s);
    s.branches = branches, s.stop = stop;
    cancel = (dfl_cancel){0};
    if (stop == BY_THREAD)
        begin(&thread);
    CHECK_INT(forever_run(&s, &(dfl_run){.cancel = &cancel, .error = &error}), DFL_ECANCELLED);
    CHECK_INT(error.status, DFL_ECANCELLED);
    if (stop == BY_THREAD)
        pthread_join(thread, NULL);
    if (branches)
        CHECK(s.n == 0 && s.m == 0);
    else if (stop == BY_SIGNAL)
        CHECK_INT(s.n, 1000);
    else
        CHECK(s.n >= 1000);
    forever_state_free(&s);
}

static void before_the_run(void) {
    forever_state s;
    forever_state_init(&s);
    cancel = (dfl_cancel){0};
    dfl_cancel_now(&cancel);
    CHECK_INT(forever_run(&s, &(dfl_run){.cancel = &cancel}), DFL_ECANCELLED);
    CHECK_INT(s.n, 0);
    forever_state_free(&s);
}

static void a_node_asks(void) {
    pthread_t thread;
    asks_state s;
    asks_state_init(&s);
    cancel = (dfl_cancel){0};
    begin(&thread);
    CHECK_INT(asks_run(&s, &(dfl_run){.cancel = &cancel}), DFL_ECANCELLED);
    pthread_join(thread, NULL);
    CHECK(s.waited);
    asks_state_free(&s);
}

int main(void) {
    signal(SIGUSR1, on_signal);
    before_the_run();
    ends(BY_SIGNAL, false);
    ends(BY_SIGNAL, true);
    ends(BY_THREAD, false);
    ends(BY_THREAD, true);
    a_node_asks();
    return 0;
}
