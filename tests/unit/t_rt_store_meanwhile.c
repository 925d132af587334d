// A file store in which others do something at the worst moment, or die half way: nothing is lost by it.
// link: -Wl,--wrap=readdir,--wrap=fdopendir,--wrap=renameat,--wrap=fstatat
#include "rt.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "store.h"

/* ---- the moments ---- */

static void (*when_listing)(void); /* once, before the first file is listed */
static const char *hidden;         /* a file that the next list leaves out */
static int fail_list, fail_stat;   /* errno of the next ones */
static int late_rename;            /* done, and told to have failed */
static bool die_renaming;          /* once it is done */

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd) {
    if (fail_list == 0)
        return __real_fdopendir(fd);
    errno = fail_list;
    fail_list = 0;
    return NULL;
}

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir) {
    struct dirent *entry;
    if (when_listing) {
        void (*then)(void) = when_listing;
        when_listing = NULL;
        then();
        rewinddir(dir);
    }
    do
        entry = __real_readdir(dir);
    while (entry && hidden && strcmp(entry->d_name, hidden) == 0);
    if (!entry)
        hidden = NULL;
    return entry;
}

int __real_renameat(int from, const char *name, int to, const char *new_name);
int __wrap_renameat(int from, const char *name, int to, const char *new_name) {
    int rc = __real_renameat(from, name, to, new_name);
    if (die_renaming)
        raise(SIGKILL);
    if (rc != 0 || late_rename == 0)
        return rc;
    errno = late_rename;
    late_rename = 0;
    return -1;
}

int __real_fstatat(int dir, const char *name, struct stat *about, int flags);
int __wrap_fstatat(int dir, const char *name, struct stat *about, int flags) {
    if (fail_stat == 0)
        return __real_fstatat(dir, name, about, flags);
    errno = fail_stat;
    fail_stat = 0;
    return -1;
}

/* ---- checkpoints ---- */

enum { SEGMENT = 65536, LONG = 60000 };

static dfl_store *open_store(void) {
    dfl_store *store = NULL;
    dfl_store_options options = {.segment_bytes = SEGMENT};
    assert_int_equal(dfl_store_open(scratch_path("store"), &options, &store), DFL_OK);
    return store;
}

static int put(dfl_store *store, const char *thread, uint64_t step, size_t n) {
    static uint8_t body[LONG];
    dfl_record record = {.graph = "g", .layout = 1, .body = body, .n = n};
    uint64_t id;
    record.about.thread = thread;
    record.about.next = "node";
    record.about.step = step;
    return store->ops->put(store->self, &record, DFL_SYNC, &id);
}

typedef struct Steps {
    uint64_t all[32];
    size_t n;
} Steps;

static int note_step(void *user, const dfl_checkpoint *about) {
    Steps *steps = user;
    assert_true(steps->n < COUNT(steps->all));
    steps->all[steps->n++] = about->step;
    return 0;
}

/* Thread "t" has the steps from 1 to n, each once. */
static void has_steps(dfl_store *store, size_t n) {
    Steps steps = {{0}, 0};
    assert_int_equal(dfl_store_history(store, "t", 0, note_step, &steps), DFL_OK);
    assert_int_equal(steps.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(steps.all[i], n - i);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
}

static void has_steps_when_reopened(size_t n) {
    dfl_store *store = open_store();
    has_steps(store, n);
    dfl_store_close(store);
}

static int no_thread(void *user, const char *thread) {
    (void)user;
    fail_msg("thread %s is told", thread);
    return 0;
}

/* ---- a list that others change ---- */

static dfl_store *writer;

/* Each begins a segment: 3 and 4. */
static void begin_two_segments(void) {
    assert_int_equal(put(writer, "t", 3, LONG), DFL_OK);
    assert_int_equal(put(writer, "t", 4, LONG), DFL_OK);
}

/* A list of files that others add to while it is made may have the newer of two new files alone. */
static void a_list_without_a_segment_in_the_middle(void **state) {
    dfl_store *reader;
    (void)state;
    scratch_begin();
    writer = open_store();
    assert_int_equal(put(writer, "t", 1, LONG), DFL_OK);
    reader = open_store();
    has_steps(reader, 1);
    assert_int_equal(put(writer, "t", 2, LONG), DFL_OK);
    when_listing = begin_two_segments;
    hidden = "00000003.log";
    has_steps(reader, 2);
    assert_null(when_listing);
    assert_null(hidden);
    has_steps(reader, 4);
    assert_int_equal(put(reader, "t", 5, 8), DFL_OK);
    assert_int_equal(put(writer, "t", 6, LONG), DFL_OK);
    assert_int_equal(put(reader, "t", 7, 8), DFL_OK);
    has_steps(writer, 7);
    has_steps(reader, 7);
    dfl_store_close(reader);
    dfl_store_close(writer);
    has_steps_when_reopened(7);
    scratch_end();
}

static void compact_all(void) {
    assert_int_equal(dfl_store_compact(writer), DFL_OK);
}

/* What the reader was told of before is gone by the time it lists: what is live was copied behind that. */
static void a_list_after_a_compaction(void **state) {
    dfl_store *reader;
    (void)state;
    scratch_begin();
    writer = open_store();
    reader = open_store(); /* it knows no segment */
    assert_int_equal(put(writer, "t", 1, LONG), DFL_OK);
    assert_int_equal(put(writer, "t", 2, LONG), DFL_OK);
    when_listing = compact_all;
    has_steps(reader, 2);
    assert_null(when_listing);
    assert_int_equal(put(writer, "t", 3, LONG), DFL_OK);
    when_listing = compact_all;
    has_steps(reader, 3);
    dfl_store_close(reader);
    when_listing = compact_all; /* while it is opened */
    reader = open_store();
    has_steps(reader, 3);
    dfl_store_close(reader);
    dfl_store_close(writer);
    scratch_end();
}

/* Another handle has compacted the log, and this one cannot see to what: it says so, whatever it is asked. */
static void a_list_that_cannot_be_had(void **state) {
    dfl_store *store;
    dfl_checkpoint latest;
    Steps steps = {{0}, 0};
    (void)state;
    scratch_begin();
    store = open_store();
    writer = open_store();
    assert_int_equal(put(writer, "t", 1, 8), DFL_OK);
    has_steps(store, 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(dfl_store_compact(writer), DFL_OK);
        fail_list = EMFILE;
        errno = 0;
        assert_int_equal(i == 0   ? dfl_store_threads(store, no_thread, NULL)
                         : i == 1 ? dfl_store_latest(store, "t", &latest)
                         : i == 2 ? dfl_store_history(store, "t", 0, note_step, &steps)
                                  : dfl_store_sync(store),
                         DFL_ESTORE);
        assert_int_equal(errno, EMFILE);
        has_steps(store, 1);
    }
    assert_int_equal(steps.n, 0);
    dfl_store_close(writer);
    dfl_store_close(store);
    scratch_end();
}

/* ---- one that dies when it has begun a segment ---- */

static void die_beginning_a_segment(uint64_t step) {
    pid_t child = fork();
    int status;
    if (child == 0) {
        dfl_store *store = open_store();
        die_renaming = true;
        (void)put(store, "t", step, LONG);
        _exit(1);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The next one cannot look at what was left: whoever comes then does. */
static void what_was_left_is_looked_at_later(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    assert_int_equal(put(store, "t", 1, 50000), DFL_OK);
    die_beginning_a_segment(99);
    fail_list = EMFILE;
    assert_int_equal(put(store, "t", 99, 8), DFL_ESTORE);
    assert_int_equal(errno, EMFILE);
    assert_int_equal(put(store, "t", 2, 8), DFL_OK);
    has_steps(store, 2);
    dfl_store_close(store);
    has_steps_when_reopened(2);
    scratch_end();
}

/* A segment has its name, but nobody can tell: it is found before anything is appended to the one before. */
static void a_name_of_which_nothing_is_known(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    assert_int_equal(put(store, "t", 1, 50000), DFL_OK);
    late_rename = fail_stat = EIO;
    assert_int_equal(put(store, "t", 99, LONG), DFL_ESTORE);
    assert_int_equal(late_rename + fail_stat, 0);
    assert_int_equal(put(store, "t", 2, 8), DFL_OK);
    has_steps(store, 2);
    dfl_store_close(store);
    has_steps_when_reopened(2);
    scratch_end();
}

/* It is done, and told to have failed: where that can be told it is no failure. */
static void a_name_that_is_given_all_the_same(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    assert_int_equal(put(store, "t", 1, 50000), DFL_OK);
    late_rename = EIO;
    assert_int_equal(put(store, "t", 2, LONG), DFL_OK);
    assert_int_equal(late_rename, 0);
    has_steps(store, 2);
    dfl_store_close(store);
    has_steps_when_reopened(2);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_without_a_segment_in_the_middle),
        cmocka_unit_test(a_list_after_a_compaction),
        cmocka_unit_test(a_list_that_cannot_be_had),
        cmocka_unit_test(what_was_left_is_looked_at_later),
        cmocka_unit_test(a_name_of_which_nothing_is_known),
        cmocka_unit_test(a_name_that_is_given_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
