// The file store when things go wrong: files cut short, bits flipped, processes killed, several at once.
// What was saved is found again, or reported as damaged; nothing wrong is ever returned.
#include "rt.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log_record.h"
#include "scratch.h"
#include "store.h"

/* A body that tells its id: so that a wrong one is noticed. */
static void body_of(uint64_t number, uint8_t body[64]) {
    for (size_t i = 0; i < 64; i++)
        body[i] = (uint8_t)(number * 31 + i * 7);
}

static int put(dfl_store *store, const char *thread, uint64_t number, dfl_durability durability) {
    uint8_t body[64];
    uint64_t id;
    dfl_record record = {.graph = "g", .layout = number, .body = body, .n = sizeof body};
    body_of(number, body);
    record.about.thread = thread;
    record.about.next = "node";
    record.about.step = number;
    return store->ops->put(store->self, &record, durability, &id);
}

static bool is_right(const dfl_record *record) {
    uint8_t body[64];
    body_of(record->about.step, body);
    return record->n == 64 && memcmp(record->body, body, 64) == 0 &&
           record->layout == record->about.step && strcmp(record->about.next, "node") == 0;
}

static dfl_store *open_store(const char *path) {
    dfl_store *store = NULL;
    assert_int_equal(dfl_store_open(path, NULL, &store), DFL_OK);
    return store;
}

/* Every checkpoint that the store lists for "t" reads right, or is damaged; returns how many are right,
 * and the step of the latest. */
typedef struct Seen {
    dfl_store *store;
    int right;
    uint64_t latest;
} Seen;

static int see(void *user, const dfl_checkpoint *about) {
    Seen *seen = user;
    dfl_record record;
    dfl_buf hold = {0};
    int rc = seen->store->ops->read(seen->store->self, "t", about->id, &record, &hold);
    assert_true(rc == DFL_OK || rc == DFL_ECORRUPT);
    if (rc == DFL_OK) {
        assert_true(is_right(&record));
        seen->right++;
    }
    dfl_buf_free(&hold);
    return 0;
}

static Seen look(const char *path) {
    Seen seen = {0};
    dfl_record record;
    dfl_buf hold = {0};
    int rc = dfl_store_open(path, NULL, &seen.store);
    if (rc != DFL_OK) {
        assert_int_equal(rc, DFL_ECORRUPT);
        return seen;
    }
    rc = dfl_store_history(seen.store, "t", 0, see, &seen);
    assert_true(rc == DFL_OK || rc == DFL_ENOTFOUND);
    rc = seen.store->ops->read(seen.store->self, "t", 0, &record, &hold);
    assert_int_equal(rc, seen.right > 0 ? DFL_OK : DFL_ENOTFOUND);
    if (rc == DFL_OK) {
        assert_true(is_right(&record));
        seen.latest = record.about.step;
    }
    dfl_buf_free(&hold);
    dfl_store_close(seen.store);
    return seen;
}

/* ---- files that were changed ---- */

enum { SAVED = 5 };

static uint8_t *log_bytes(size_t n) {
    uint8_t *bytes = malloc(n);
    int fd = open(scratch_path("good/00000001.log"), O_RDONLY);
    assert_int_equal(read(fd, bytes, n), (ssize_t)n);
    close(fd);
    return bytes;
}

static void write_log(const uint8_t *bytes, size_t n) {
    int fd;
    mkdir(scratch_path("bad"), 0777);
    fd = open(scratch_path("bad/00000001.log"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/* Closed well, so that all of it is known to have been synced. */
static void make_good(void) {
    dfl_store *store;
    scratch_begin();
    store = open_store(scratch_path("good"));
    for (uint64_t i = 1; i <= SAVED; i++)
        assert_int_equal(put(store, "t", i, DFL_SYNC), DFL_OK);
    dfl_store_close(store);
    assert_int_equal(look(scratch_path("good")).right, SAVED);
}

/* A record takes 80 + 6 + 64 bytes, up to a multiple of 8. */
enum { RECORD = 152, END = 64 + SAVED * RECORD };

static void a_log_cut_anywhere(void **state) {
    uint8_t *bytes;
    (void)state;
    make_good();
    bytes = log_bytes(END + 96);
    for (size_t n = 0; n <= END + 96; n++) {
        Seen seen;
        int whole = n < 64 ? 0 : (int)((n - 64) / RECORD);
        write_log(bytes, n);
        seen = look(scratch_path("bad"));
        /* The padding of the last record is no part of it that counts. */
        assert_true(seen.right >= (whole > SAVED ? SAVED : whole));
        assert_true(seen.right <= SAVED &&
                    (seen.right == 0 || seen.latest == (uint64_t)seen.right));
        scratch_remove(scratch_path("bad"));
    }
    free(bytes);
    scratch_end();
}

static void any_bit_flipped(void **state) {
    uint8_t *bytes;
    (void)state;
    make_good();
    bytes = log_bytes(END + 96);
    for (size_t at = 0; at < END + 80; at++) {
        Seen seen;
        int hit = at < 64 ? -1 : (int)((at - 64) / RECORD);
        bytes[at] ^= (uint8_t)(1 << at % 8);
        write_log(bytes, END + 96);
        seen = look(scratch_path("bad"));
        /* All but the one that was hit; the head of the segment is mended. */
        assert_true(seen.right >= (hit < 0 ? SAVED : SAVED - 1));
        assert_int_equal(seen.latest,
                         hit == SAVED - 1 && seen.right == SAVED - 1 ? SAVED - 1 : SAVED);
        bytes[at] ^= (uint8_t)(1 << at % 8);
        scratch_remove(scratch_path("bad"));
    }
    free(bytes);
    scratch_end();
}

static void a_newer_version_is_refused_by_name(void **state) {
    dfl_store *store = NULL;
    dfl_error error = {0};
    dfl_store_options options = {.error = &error};
    dfl__segment_head head = {.version = 2, .number = 1, .salt = 3};
    uint8_t bytes[64];
    (void)state;
    scratch_begin();
    dfl__segment_put(bytes, &head);
    write_log(bytes, sizeof bytes);
    assert_int_equal(dfl_store_open(scratch_path("bad"), &options, &store), DFL_ESCHEMA);
    assert_non_null(strstr(error.message, "is of version 2, and this reads up to version 1"));
    options.must_exist = true;
    assert_int_equal(dfl_store_open(scratch_path("nowhere"), &options, &store), DFL_ENOTFOUND);
    assert_non_null(strstr(error.message, "there is no store"));
    scratch_end();
}

/* ---- processes ---- */

static void write_until_killed(const char *path, int acks, uint64_t from) {
    dfl_store *store = NULL;
    if (dfl_store_open(path, NULL, &store) != DFL_OK)
        _exit(2);
    for (uint64_t i = from;; i++) {
        if (put(store, "t", i, i % 3 ? DFL_SYNC : DFL_ASYNC) != DFL_OK)
            _exit(3);
        if (write(acks, &i, sizeof i) != sizeof i)
            _exit(4);
    }
}

/* What a killed process was told to be saved is there, in whatever moment it was killed; in each second round
 * that is after it was told at least once. */
static void killed_at_any_moment(void **state) {
    uint64_t last = 0;
    (void)state;
    scratch_begin();
    for (int round = 0; round < 60; round++) {
        int acks[2], status;
        uint64_t acked;
        Seen seen;
        pid_t child;
        assert_int_equal(pipe(acks), 0);
        child = fork();
        if (child == 0)
            write_until_killed(scratch_path("store"), acks[1], last + 1);
        close(acks[1]);
        if (round % 2 == 1 && read(acks[0], &acked, sizeof acked) == sizeof acked)
            last = acked;
        usleep(2000 + (unsigned)(round * 773 % 20000));
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(acks[0], &acked, sizeof acked) == sizeof acked)
            last = acked;
        close(acks[0]);
        seen = look(scratch_path("store"));
        /* One more may have been written whose word did not come. */
        assert_true((uint64_t)seen.right == last || (uint64_t)seen.right == last + 1);
        assert_int_equal(seen.latest, seen.right);
        last = (uint64_t)seen.right;
    }
    assert_true(last > 0);
    scratch_end();
}

static void write_some(const char *path, int number) {
    dfl_store *store = NULL;
    char mine[16];
    if (dfl_store_open(path, &(dfl_store_options){.segment_bytes = 65536}, &store) != DFL_OK)
        _exit(2);
    snprintf(mine, sizeof mine, "t%d", number);
    for (uint64_t i = 1; i <= 400; i++)
        if (put(store, mine, i, i % 50 ? DFL_ASYNC : DFL_SYNC) ||
            put(store, "shared", i, DFL_ASYNC))
            _exit(3);
    dfl_store_close(store);
    _exit(0);
}

static int count(void *user, const dfl_checkpoint *about) {
    uint64_t *last = user;
    assert_true(about->id < last[1] || last[1] == 0);
    last[0]++;
    last[1] = about->id;
    return 0;
}

/* Over many small segments; one of the processes is killed in the midst. */
static void several_processes_share_a_store(void **state) {
    enum { PROCESSES = 4 };
    pid_t children[PROCESSES];
    dfl_store *store;
    (void)state;
    scratch_begin();
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            write_some(scratch_path("store"), i);
    }
    usleep(5000);
    kill(children[PROCESSES - 1], SIGKILL);
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_true(i == PROCESSES - 1 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    }
    store = open_store(scratch_path("store"));
    for (int i = 0; i < PROCESSES - 1; i++) {
        uint64_t seen[2] = {0, 0};
        char name[16];
        snprintf(name, sizeof name, "t%d", i);
        assert_int_equal(dfl_store_history(store, name, 0, count, seen), DFL_OK);
        assert_int_equal(seen[0], 400);
    }
    uint64_t seen[2] = {0, 0};
    assert_int_equal(dfl_store_history(store, "shared", 0, count, seen), DFL_OK);
    assert_true(seen[0] >= 400 * (PROCESSES - 1));
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
    dfl_store_close(store);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_cut_anywhere),
        cmocka_unit_test(any_bit_flipped),
        cmocka_unit_test(a_newer_version_is_refused_by_name),
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(several_processes_share_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
