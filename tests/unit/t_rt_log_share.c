// The append lock that processes share: one owner at a time, also when owners die and their numbers are given anew.
// needs: tsan; link: -Wl,--wrap=fcntl
#define _GNU_SOURCE /* F_OFD_GETLK */

#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "log_share.h"
#include "scratch.h"

/* ---- the system is asked whether an owner lives ---- */

static void (*when_asked)(void); /* once, behind the answer */
static atomic_int good_answers = -1; /* before one that fails; less than 0: all are good */
static bool all_are_taken;       /* numbers, by others */

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
    va_list args;
    void *arg;
    int rc;
    va_start(args, command);
    arg = va_arg(args, void *);
    va_end(args);
    if (command == F_OFD_GETLK && good_answers >= 0 && good_answers-- == 0) {
        errno = EIO;
        return -1;
    }
    if (command == F_OFD_SETLK && all_are_taken && ((struct flock *)arg)->l_type == F_WRLCK) {
        errno = EAGAIN;
        return -1;
    }
    rc = __real_fcntl(fd, command, arg);
    if (command == F_OFD_GETLK && when_asked) {
        void (*then)(void) = when_asked;
        when_asked = NULL;
        then();
    }
    return rc;
}

static int dir;

static void begin(void) {
    scratch_begin();
    dir = open(scratch_path("."), O_RDONLY | O_DIRECTORY);
    assert_true(dir >= 0);
}

static void end(void) {
    close(dir);
    scratch_end();
}

static void open_share(dfl__share *share) {
    bool alone;
    assert_int_equal(dfl__share_open(share, dir, &alone), DFL_OK);
    assert_int_equal(dfl__share_opened(share), DFL_OK);
}

static void lock(dfl__share *share, bool expect_died) {
    bool died;
    assert_int_equal(dfl__share_lock(share, &died), DFL_OK);
    assert_int_equal(died, expect_died);
}

static void pause_ms(long ms) {
    struct timespec time = {0, ms * 1000000};
    (void)nanosleep(&time, NULL);
}

/* ---- the same number again ---- */

static dfl__share dies, waits, settles, is_new, third;
static atomic_bool has_waits, has_third, is_as_wanted;

static void *lock_waits(void *arg) {
    bool died;
    (void)arg;
    has_waits = dfl__share_lock(&waits, &died) == DFL_OK;
    return NULL;
}

static void *lock_third(void *arg) {
    bool died;
    (void)arg;
    has_third = dfl__share_lock(&third, &died) == DFL_OK;
    dfl__share_unlock(&third);
    return NULL;
}

static pthread_t third_thread;

/* `waits` has just been told that nobody has number 1. Before it does anything the lock passes on, and comes to
 * a handle that is given number 1, and for which somebody waits: the word looks as before. */
static void pass_it_on(void) {
    bool settles_died, alone, new_died;
    is_as_wanted = dfl__share_lock(&settles, &settles_died) == DFL_OK && settles_died;
    dfl__share_unlock(&settles);
    is_as_wanted = is_as_wanted && dfl__share_open(&is_new, dir, &alone) == DFL_OK && !alone &&
                   dfl__share_opened(&is_new) == DFL_OK && is_new.slot == 1 &&
                   dfl__share_lock(&is_new, &new_died) == DFL_OK && !new_died &&
                   pthread_create(&third_thread, NULL, lock_third, NULL) == 0;
    pause_ms(30);
}

static void a_number_that_is_given_anew(void **state) {
    pthread_t thread;
    (void)state;
    begin();
    open_share(&dies);
    open_share(&waits);
    open_share(&settles);
    open_share(&third);
    lock(&dies, false);
    close(dies.fd); /* as the system does it */
    when_asked = pass_it_on;
    assert_int_equal(pthread_create(&thread, NULL, lock_waits, NULL), 0);
    for (int i = 0; i < 20; i++) {
        assert_false(has_waits || has_third);
        pause_ms(10);
    }
    assert_true(is_as_wanted);
    dfl__share_unlock(&is_new);
    pthread_join(thread, NULL);
    assert_true(has_waits);
    dfl__share_unlock(&waits);
    pthread_join(third_thread, NULL);
    dies.fd = -1;
    dfl__share_close(&dies);
    dfl__share_close(&waits);
    dfl__share_close(&settles);
    dfl__share_close(&third);
    dfl__share_close(&is_new);
    end();
}

/* ---- abandoned ---- */

static void an_abandoned_lock_is_as_after_a_death(void **state) {
    dfl__share one, other;
    (void)state;
    begin();
    open_share(&one);
    open_share(&other);
    lock(&one, false);
    dfl__share_abandon(&one);
    lock(&other, true);
    dfl__share_abandon(&other);
    lock(&other, true);
    dfl__share_unlock(&other);
    lock(&one, false);
    dfl__share_unlock(&one);
    dfl__share_close(&one);
    dfl__share_close(&other);
    end();
}

/* Who sleeps for it is woken. */
static void an_abandoned_lock_is_waited_for(void **state) {
    pthread_t thread;
    (void)state;
    begin();
    has_waits = false;
    open_share(&dies);
    open_share(&waits);
    lock(&dies, false);
    assert_int_equal(pthread_create(&thread, NULL, lock_waits, NULL), 0);
    pause_ms(50);
    assert_false(has_waits);
    dfl__share_abandon(&dies);
    pthread_join(thread, NULL);
    assert_true(has_waits);
    dfl__share_unlock(&waits);
    dfl__share_close(&dies);
    dfl__share_close(&waits);
    end();
}

/* ---- numbers ---- */

static void when_all_are_taken(void **state) {
    dfl__share share;
    bool alone;
    (void)state;
    begin();
    all_are_taken = true;
    errno = 0;
    assert_int_equal(dfl__share_open(&share, dir, &alone), DFL_EBUSY);
    assert_int_equal(errno, EMFILE);
    assert_true(share.fd < 0 && share.slot == 0 && !share.shared);
    all_are_taken = false;
    open_share(&share); /* nothing is left locked */
    dfl__share_close(&share);
    end();
}

/* ---- without a number ---- */

/* As in the child of a fork(): it comes back with one, and where nobody was there meanwhile it has to look. */
static void who_has_left_comes_back(void **state) {
    dfl__share one, other;
    bool alone;
    (void)state;
    begin();
    open_share(&one);
    open_share(&other);
    dfl__share_set_end(&one, 100, 7);
    dfl__share_leave(&one);
    assert_int_equal(dfl__share_closing(&other, &alone), DFL_OK);
    assert_true(alone);
    assert_int_equal(dfl__share_opened(&other), DFL_OK);
    lock(&one, false);
    dfl__share_unlock(&one);
    dfl__share_leave(&one);
    dfl__share_close(&other);
    open_share(&other); /* alone: what is shared begins anew, also for the one that has it mapped */
    assert_int_equal(dfl__share_end(&one), 0);
    dfl__share_close(&other);
    lock(&one, true);
    dfl__share_unlock(&one);
    lock(&one, false);
    dfl__share_unlock(&one);
    dfl__share_close(&one);
    end();
}

/* It comes back, and cannot tell whether the owner lives: the next call finds again that nobody was there. */
static void who_cannot_ask_has_not_come_back(void **state) {
    dfl__share one, other;
    bool died = false;
    (void)state;
    begin();
    open_share(&one);
    open_share(&other);
    lock(&other, false);
    close(other.fd); /* as the system does it */
    other.fd = -1;
    dfl__share_leave(&one);
    good_answers = 1; /* that nobody else has a number */
    assert_int_equal(dfl__share_lock(&one, &died), DFL_ESTORE);
    assert_int_equal(errno, EIO);
    assert_true(one.fd < 0 && one.slot == 0);
    lock(&one, true);
    dfl__share_unlock(&one);
    dfl__share_close(&other);
    dfl__share_close(&one);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_is_given_anew),
        cmocka_unit_test(an_abandoned_lock_is_as_after_a_death),
        cmocka_unit_test(an_abandoned_lock_is_waited_for),
        cmocka_unit_test(when_all_are_taken),
        cmocka_unit_test(who_has_left_comes_back),
        cmocka_unit_test(who_cannot_ask_has_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
