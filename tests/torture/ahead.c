// Zeroes are written ahead by a thread of each process, while all of them save: no zero comes to lie on a record, a
// write of that thread that fails or is cut short is nobody's error, and a child of a fork() goes on.
// needs: tsan; in memory; quick: 12; full: 3000; link: -Wl,--wrap=open,--wrap=openat,--wrap=close,--wrap=pread,--wrap=write,--wrap=pwrite,--wrap=pwritev,--wrap=fsync,--wrap=fdatasync,--wrap=syncfs,--wrap=ftruncate,--wrap=fallocate,--wrap=posix_fallocate,--wrap=fstat,--wrap=fstatat,--wrap=fcntl,--wrap=mmap,--wrap=munmap,--wrap=mkdir,--wrap=renameat,--wrap=unlinkat,--wrap=fdopendir,--wrap=readdir,--wrap=closedir,--wrap=getrandom,--wrap=pthread_create
#include <sys/wait.h>

#include "calls.h"
#include "content.h"

enum { PROCESSES = 3, SAVES = 60 };

/* ---- what becomes of the writes of the threads that fill ---- */

static _Thread_local bool saves; /* this thread does */

static struct {
    pthread_mutex_t lock;
    Chance chance;
    uint64_t one_in; /* writes fails; 0: none */
} harm = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void lock_harm(void) {
    pthread_mutex_lock(&harm.lock);
}

static void unlock_harm(void) {
    pthread_mutex_unlock(&harm.lock);
}

static Fate harm_one(void) {
    static const Fate fates[] = {{.error = ENOSPC},
                                 {.error = EIO},
                                 {.error = EINTR},
                                 {.error = ENOSPC, .late = true},
                                 {.half = true}};
    Fate fate = {0};
    lock_harm();
    if (harm.one_in > 0 && chance_one_in(&harm.chance, harm.one_in))
        fate = fates[chance_below(&harm.chance, sizeof fates / sizeof *fates)];
    unlock_harm();
    return fate;
}

static Fate fate_of(Call call) {
    return !saves && call == CALL_WRITE ? harm_one() : (Fate){0};
}

/* ---- saving ---- */

static dfl_store *open_store(void) {
    dfl_store_options options = {.segment_bytes = 4 << 20};
    dfl_store *store = NULL;
    int status = dfl_store_open(scratch_path("store"), &options, &store);
    MUST(status == DFL_OK, "opening: status %d", status);
    return store;
}

static Content content_for(const char *thread, uint64_t number) {
    return content_of(thread, number, 2, 100000);
}

static bool is_to_fork; /* some time: then nothing is left to a thread that syncs later */

static void save(dfl_store *store, const char *thread, uint64_t number, Chance *chance) {
    Content content = content_for(thread, number);
    dfl_durability durability = is_to_fork || chance_one_in(chance, 3) ? DFL_SYNC : DFL_ASYNC;
    uint64_t id;
    int status = content_put(store, thread, number, &content, durability, &id);
    MUST(status == DFL_OK, "'%s' %llu: status %d", thread, (unsigned long long)number, status);
    if (chance_one_in(chance, 10))
        usleep((unsigned)chance_below(chance, 5000));
}

static void must_end_well(pid_t child) {
    int status;
    waitpid(child, &status, 0);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a process has failed: %d", status);
}

/* The child goes on with the handle; the parent has no more to do with it, but is there, and so is its thread. */
static void hand_over(void) {
    pid_t child = fork();
    MUST(child >= 0, "no process");
    if (child == 0)
        return;
    must_end_well(child);
    _exit(0);
}

static void save_all(int process, Chance *chance) {
    uint64_t fork_at = chance_below(chance, 2 * SAVES);
#ifdef __SANITIZE_THREAD__ /* which starts no threads behind a fork() */
    fork_at = 2 * SAVES;
#endif
    dfl_store *store;
    char thread[16];
    snprintf(thread, sizeof thread, "p%d", process);
    saves = true;
    is_to_fork = fork_at < SAVES;
    harm.chance = *chance;
    calls.fate = fate_of;
    calls.on = true;
    torture_within(60);
    store = open_store();
    for (uint64_t i = 1; i <= SAVES; i++) {
        save(store, thread, i, chance);
        if (i == fork_at)
            hand_over();
    }
    dfl_store_close(store);
    _exit(0);
}

/* ---- looking ---- */

static void look_at(dfl_store *store, const char *thread, uint64_t number, uint64_t id) {
    Content content = content_for(thread, number);
    dfl_record record;
    dfl_buf hold = {0};
    int status = store->ops->read(store->self, thread, id, &record, &hold);
    MUST(status == DFL_OK && record.about.step == number &&
             content_is_right(thread, &record, &content),
         "'%s' %llu: status %d", thread, (unsigned long long)number, status);
    dfl_buf_free(&hold);
}

typedef struct Ids {
    uint64_t all[SAVES];
    size_t n;
} Ids;

static int add_id(void *user, const dfl_checkpoint *about) {
    Ids *ids = user;
    MUST(ids->n < SAVES, "too many checkpoints");
    ids->all[ids->n++] = about->id;
    return 0;
}

static void look_at_all(int n) {
    dfl_store *store = open_store();
    MUST(dfl_store_verify(store, NULL, NULL) == DFL_OK, "damage was done");
    for (int process = 0; process < n; process++) {
        Ids ids = {.n = 0};
        char thread[16];
        snprintf(thread, sizeof thread, "p%d", process);
        MUST(dfl_store_history(store, thread, 0, add_id, &ids) == DFL_OK && ids.n == SAVES,
             "'%s' has %zu", thread, ids.n);
        for (size_t i = 0; i < ids.n; i++)
            look_at(store, thread, SAVES - i, ids.all[i]);
    }
    dfl_store_close(store);
}

static void one_round(Chance *chance) {
    static const uint64_t one_in[] = {0, 1, 2, 10};
    pid_t children[PROCESSES];
    int n = 1 + (int)chance_below(chance, PROCESSES);
    harm.one_in = one_in[chance_below(chance, 4)];
    for (int i = 0; i < n; i++) {
        Chance its = {chance_next(chance)};
        children[i] = fork();
        MUST(children[i] >= 0, "no process");
        if (children[i] == 0)
            save_all(i, &its);
    }
    for (int i = 0; i < n; i++)
        must_end_well(children[i]);
    look_at_all(n);
}

int main(int argc, char **argv) {
    if (!calls_survive_fork() || pthread_atfork(lock_harm, unlock_harm, unlock_harm) != 0)
        return 2;
    return torture_run(argc, argv, "rounds of filling ahead", one_round);
}
