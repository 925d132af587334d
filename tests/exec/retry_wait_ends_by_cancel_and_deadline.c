#include "retry_wait_ends_by_cancel_and_deadline.h"

#include <pthread.h>
#include <time.h>

#include "check.h"

static void *cancel_soon(void *cancel) {
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    dfl_cancel_now(cancel);
    return NULL;
}

int main(void) {
    dfl_cancel cancel = {0};
    dfl_error error = {0};
    pthread_t thread;
    g_state s;

    g_state_init(&s);
    CHECK(pthread_create(&thread, NULL, cancel_soon, &cancel) == 0);
    CHECK_INT(g_run(&s, &(dfl_run){.cancel = &cancel, .error = &error}), DFL_ECANCELLED);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_INT(s.x, 0);

    CHECK_INT(g_run(&s, &(dfl_run){.timeout_ns = 50000000, .error = &error}), DFL_ETIMEOUT);
    CHECK_INT(s.x, 0);
    CHECK_INT(error.status, DFL_ETIMEOUT);
    g_state_free(&s);
    return 0;
}
