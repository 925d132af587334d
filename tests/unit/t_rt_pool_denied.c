// A pool to which the system denies something: it is not made, or does with what it has; every branch runs all the same.
// link: -Wl,--wrap=sched_getaffinity,--wrap=pthread_mutex_init,--wrap=getrusage
#define _GNU_SOURCE /* sched_getaffinity */
#include "rt.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "internal.h"
#include "pool.h"

static bool no_affinity, no_lock;
static atomic_bool no_usage;
static atomic_int usages_denied;

int __real_sched_getaffinity(pid_t pid, size_t n, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t n, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t n, cpu_set_t *set) {
    if (!no_affinity)
        return __real_sched_getaffinity(pid, n, set);
    errno = EPERM;
    return -1;
}

int __real_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attr);
int __wrap_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attr);
int __wrap_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attr) {
    return no_lock ? EAGAIN : __real_pthread_mutex_init(lock, attr);
}

int __real_getrusage(int who, struct rusage *used);
int __wrap_getrusage(int who, struct rusage *used);
int __wrap_getrusage(int who, struct rusage *used) {
    if (!no_usage)
        return __real_getrusage(who, used);
    usages_denied++;
    errno = EINVAL;
    return -1;
}

/* ---- a job for two ---- */

typedef struct Two {
    dfl__job job;
    atomic_int begun, ended;
} Two;

/* The first is left to whoever opens the job, who then waits for the other one to begin elsewhere, and to end. */
static void chunk(dfl__job *job, uint32_t k) {
    Two *two = (Two *)job;
    two->begun++;
    if (k == 0)
        while (two->begun < 2)
            sched_yield();
    else
        usleep(20000);
    two->ended++;
}

static void runs_two(dfl_pool *pool) {
    Two two = {.job = {.n = 2, .chunk = chunk}};
    const void *const near[DFL__NEAR - 1] = {NULL};
    assert_true(dfl__pool_run(pool, &two.job, near));
    assert_int_equal(two.ended, 2);
}

/* ---- tests ---- */

static void none_without_memory(void **state) {
    (void)state;
    dfl__fail_after(0);
    assert_null(dfl_pool_new(2));
    dfl__fail_after(-1);
}

static void none_without_a_lock(void **state) {
    (void)state;
    no_lock = true;
    assert_null(dfl_pool_new(2));
    no_lock = false;
}

/* Nobody is kept off any CPU. */
static void one_that_may_not_ask_for_its_cpus(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    (void)state;
    no_affinity = true;
    runs_two(pool);
    no_affinity = false;
    assert_int_equal(CPU_COUNT(&pool->allowed), 0);
    assert_int_equal(atomic_load(&pool->kept_off), -1);
    dfl_pool_free(pool);
}

/* A worker that cannot tell whether it was interrupted was not, however long it was waited for. */
static void one_that_may_not_ask_for_interruptions(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    (void)state;
    no_usage = true;
    runs_two(pool);
    no_usage = false;
    assert_true(usages_denied > 0);
    assert_int_equal(atomic_load(&pool->shy_until), 0);
    dfl_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_without_memory),
        cmocka_unit_test(none_without_a_lock),
        cmocka_unit_test(one_that_may_not_ask_for_its_cpus),
        cmocka_unit_test(one_that_may_not_ask_for_interruptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
