/* The system calls of the file store, all led through here by the linker (--wrap). A test says what is to
 * become of a call (its fate), and is told of each one that was made. tests/cmd/store_calls.sh sees to it
 * that none is missing here.
 *
 * Nothing is really synced: no test here turns off the power. */
#ifndef CALLS_H
#define CALLS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum Call {
    CALL_OPEN,
    CALL_CLOSE,
    CALL_READ,
    CALL_WRITE,
    CALL_SYNC,
    CALL_TRUNCATE,
    CALL_ALLOCATE,
    CALL_STAT,
    CALL_DUP,
    CALL_LOCK,
    CALL_MAP,
    CALL_MKDIR,
    CALL_RENAME,
    CALL_UNLINK,
    CALL_LIST,  /* fdopendir */
    CALL_ENTRY, /* readdir */
    CALL_RANDOM,
    CALL_THREAD, /* pthread_create */
    N_CALLS
} Call;

static const char *const call_names[N_CALLS] = {
    "open",     "close",  "read",    "write",   "sync",      "truncate",
    "allocate", "stat",   "dup",     "lock",    "map",       "mkdir",
    "rename",   "unlink", "opendir", "readdir", "getrandom", "pthread_create"};

/* error 0: it is made. `late`: made, and reported to have failed all the same. `half`: of a read or a
 * write, at most half of the bytes. */
typedef struct Fate {
    int error;
    bool late, half;
} Fate;

/* What a call was made with. */
typedef struct Made {
    Call call;
    int fd; /* of the directory, where there are names */
    const char *name, *to;
    const struct iovec *parts; /* of a write */
    int n_parts;
    size_t n; /* bytes to be written */
    off_t offset;
    bool has_created; /* of an open; set when it is over */
    bool has_emptied; /* O_TRUNC */
} Made;

static struct {
    _Atomic bool on;
    Fate (*fate)(Call call); /* NULL: every call is made */
    /* Around each call that is made. end: rc as the system gave it, `failed` as the store is told. */
    uint64_t (*begin)(const Made *made);
    void (*end)(uint64_t ticket, const Made *made, long rc, bool failed);
    _Atomic long open_files, mappings; /* made while on: what the store has not given back */
} calls;

static inline Fate calls_fate(Call call) {
    return calls.on && calls.fate ? calls.fate(call) : (Fate){0};
}

static inline uint64_t calls_begin(const Made *made) {
    return calls.on && calls.begin ? calls.begin(made) : 0;
}

static inline void calls_end(uint64_t ticket, const Made *made, long rc, bool failed) {
    int why = errno;
    if (calls.on && calls.end)
        calls.end(ticket, made, rc, failed);
    errno = why;
}

/* Makes a call as its fate wants it; `rc` is what comes of it, `bad` when it fails. */
#define CALLS_MAKE(RC, BAD, MADE, REAL)                                                            \
    do {                                                                                           \
        Fate fate = calls_fate((MADE).call);                                                       \
        uint64_t ticket = calls_begin(&(MADE));                                                    \
        if (!fate.error || fate.late)                                                              \
            RC = (REAL);                                                                           \
        calls_end(ticket, &(MADE), (long)(RC), fate.error != 0);                                   \
        if (fate.error) {                                                                          \
            errno = fate.error;                                                                    \
            RC = (BAD);                                                                            \
        }                                                                                          \
    } while (0)

/* ---- files ---- */

int __real_open(const char *name, int flags, ...);
int __real_openat(int dir, const char *name, int flags, ...);
int __real_close(int fd);

/* Whether it was this call that made the file can be told only so. */
static inline int calls_open_real(int dir, const char *name, int flags, mode_t mode, Made *made) {
    int fd = -1;
    if (!(flags & O_CREAT))
        return __real_openat(dir, name, flags);
    while (fd < 0) {
        fd = __real_openat(dir, name, flags | O_EXCL, mode);
        made->has_created = fd >= 0;
        if (fd >= 0 || errno != EEXIST || flags & O_EXCL)
            return fd;
        fd = __real_openat(dir, name, flags & ~O_CREAT);
        if (fd < 0 && errno != ENOENT)
            return fd;
    }
    return fd;
}

/* Not late: nobody could close it. */
static inline int calls_open(int dir, const char *name, int flags, mode_t mode) {
    Made made = {.call = CALL_OPEN, .fd = dir, .name = name, .has_emptied = flags & O_TRUNC};
    Fate fate = calls_fate(CALL_OPEN);
    uint64_t ticket = calls_begin(&made);
    int fd = fate.error ? -1 : calls_open_real(dir, name, flags, mode, &made);
    calls_end(ticket, &made, fd, fate.error != 0);
    if (fate.error)
        errno = fate.error;
    calls.open_files += calls.on && fd >= 0;
    return fd;
}

int __wrap_open(const char *name, int flags, ...) {
    va_list args;
    mode_t mode;
    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return calls_open(AT_FDCWD, name, flags, mode);
}

int __wrap_openat(int dir, const char *name, int flags, ...) {
    va_list args;
    mode_t mode;
    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return calls_open(dir, name, flags, mode);
}

/* The system closes a file whatever it says. */
int __wrap_close(int fd) {
    Fate fate = calls_fate(CALL_CLOSE);
    int rc = __real_close(fd);
    calls.open_files -= calls.on && rc == 0;
    if (!fate.error)
        return rc;
    errno = fate.error;
    return -1;
}

ssize_t __real_pread(int fd, void *p, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t offset) {
    Fate fate = calls_fate(CALL_READ);
    if (!fate.error || fate.late)
        n = (size_t)__real_pread(fd, p, fate.half && n > 1 ? n / 2 : n, offset);
    if (!fate.error)
        return (ssize_t)n;
    errno = fate.error;
    return -1;
}

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset) {
    Fate fate = calls_fate(CALL_WRITE);
    struct iovec part = {(void *)(uintptr_t)p, fate.half && n > 1 ? n / 2 : n};
    Made made = {CALL_WRITE, fd, NULL, NULL, &part, 1, part.iov_len, offset, false, false};
    uint64_t ticket = calls_begin(&made);
    ssize_t rc = -1;
    if (!fate.error || fate.late)
        rc = __real_pwrite(fd, p, part.iov_len, offset);
    calls_end(ticket, &made, rc, fate.error != 0);
    if (!fate.error)
        return rc;
    errno = fate.error;
    return -1;
}

static pthread_mutex_t calls_at_end = PTHREAD_MUTEX_INITIALIZER;

static void calls_lock_end(void) {
    pthread_mutex_lock(&calls_at_end);
}

static void calls_unlock_end(void) {
    pthread_mutex_unlock(&calls_at_end);
}

/* For a program that forks while other threads write: before anything of the runtime asks for the like, so that
 * it has finished with its own locks when this is taken. False: no memory. */
__attribute__((unused)) static bool calls_survive_fork(void) {
    return pthread_atfork(calls_lock_end, calls_unlock_end, calls_unlock_end) == 0;
}

/* At the end of the file: where that is, is looked up while no other does the same. */
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fstat(int fd, struct stat *about);
ssize_t __wrap_write(int fd, const void *p, size_t n) {
    Fate fate = calls_fate(CALL_WRITE);
    struct iovec part = {(void *)(uintptr_t)p, fate.half && n > 1 ? n / 2 : n};
    Made made = {CALL_WRITE, fd, NULL, NULL, &part, 1, part.iov_len, 0, false, false};
    struct stat about = {0};
    ssize_t rc = -1;
    calls_lock_end();
    (void)__real_fstat(fd, &about);
    made.offset = about.st_size;
    uint64_t ticket = calls_begin(&made);
    if (!fate.error || fate.late)
        rc = __real_write(fd, p, part.iov_len);
    calls_end(ticket, &made, rc, fate.error != 0);
    calls_unlock_end();
    if (!fate.error)
        return rc;
    errno = fate.error;
    return -1;
}

ssize_t __real_pwritev(int fd, const struct iovec *parts, int n, off_t offset);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int n, off_t offset) {
    size_t bytes = 0;
    ssize_t rc = -1;
    if (n > 1 && calls.on && calls.fate)
        n = 1; /* as short as the system may make it: each part has a fate of its own */
    for (int i = 0; i < n; i++)
        bytes += parts[i].iov_len;
    Made made = {CALL_WRITE, fd, NULL, NULL, parts, n, bytes, offset, false, false};
    CALLS_MAKE(rc, -1, made, __real_pwritev(fd, parts, n, offset));
    return rc;
}

/* A sync takes a while, in which others go on. */
static inline int calls_sync(void) {
    struct timespec time = {0, 50 * 1000};
    if (calls.begin)
        (void)nanosleep(&time, NULL);
    return 0;
}

int __wrap_fsync(int fd) {
    Made made = {.call = CALL_SYNC, .fd = fd};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, calls_sync());
    return rc;
}

int __wrap_fdatasync(int fd) {
    return __wrap_fsync(fd);
}

int __wrap_syncfs(int fd) {
    return __wrap_fsync(fd);
}

int __real_ftruncate(int fd, off_t n);
int __wrap_ftruncate(int fd, off_t n) {
    Made made = {.call = CALL_TRUNCATE, .fd = fd, .offset = n};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_ftruncate(fd, n));
    return rc;
}

int __real_fallocate(int fd, int mode, off_t offset, off_t n);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t n) {
    Made made = {.call = CALL_ALLOCATE, .fd = fd, .n = (size_t)n, .offset = offset};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_fallocate(fd, mode, offset, n));
    return rc;
}

int __real_posix_fallocate(int fd, off_t offset, off_t n);
int __wrap_posix_fallocate(int fd, off_t offset, off_t n) {
    Made made = {.call = CALL_ALLOCATE, .fd = fd, .n = (size_t)n, .offset = offset};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_posix_fallocate(fd, offset, n));
    return rc == -1 ? errno : rc;
}

int __wrap_fstat(int fd, struct stat *about) {
    Made made = {.call = CALL_STAT, .fd = fd};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_fstat(fd, about));
    return rc;
}

int __real_fstatat(int dir, const char *name, struct stat *about, int flags);
int __wrap_fstatat(int dir, const char *name, struct stat *about, int flags) {
    Made made = {.call = CALL_STAT, .fd = dir, .name = name};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_fstatat(dir, name, about, flags));
    return rc;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
    bool is_dup = command == F_DUPFD_CLOEXEC || command == F_DUPFD;
    Fate fate = calls_fate(is_dup ? CALL_DUP : CALL_LOCK);
    int rc = -1;
    va_list args;
    va_start(args, command);
    if (fate.error)
        errno = fate.error;
    else if (is_dup)
        rc = __real_fcntl(fd, command, va_arg(args, int));
    else
        rc = __real_fcntl(fd, command, va_arg(args, void *));
    va_end(args);
    calls.open_files += calls.on && is_dup && rc >= 0;
    return rc;
}

void *__real_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    Fate fate = calls_fate(CALL_MAP);
    void *p = MAP_FAILED;
    if (fate.error)
        errno = fate.error;
    else
        p = __real_mmap(at, n, protection, flags, fd, offset);
    calls.mappings += calls.on && p != MAP_FAILED;
    return p;
}

int __real_munmap(void *p, size_t n);
int __wrap_munmap(void *p, size_t n) {
    calls.mappings -= calls.on;
    return __real_munmap(p, n);
}

/* ---- directories ---- */

int __real_mkdir(const char *name, mode_t mode);
int __wrap_mkdir(const char *name, mode_t mode) {
    Made made = {.call = CALL_MKDIR, .fd = AT_FDCWD, .name = name};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_mkdir(name, mode));
    return rc;
}

int __real_renameat(int dir, const char *name, int dir_to, const char *to);
int __wrap_renameat(int dir, const char *name, int dir_to, const char *to) {
    Made made = {.call = CALL_RENAME, .fd = dir, .name = name, .to = to};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_renameat(dir, name, dir_to, to));
    return rc;
}

int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags) {
    Made made = {.call = CALL_UNLINK, .fd = dir, .name = name};
    int rc = -1;
    CALLS_MAKE(rc, -1, made, __real_unlinkat(dir, name, flags));
    return rc;
}

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd) {
    Fate fate = calls_fate(CALL_LIST);
    if (!fate.error)
        return __real_fdopendir(fd);
    errno = fate.error;
    return NULL;
}

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir) {
    Fate fate = calls_fate(CALL_ENTRY);
    if (!fate.error)
        return __real_readdir(dir);
    errno = fate.error;
    return NULL;
}

/* Closes the file, too. */
int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir) {
    Fate fate = calls_fate(CALL_CLOSE);
    int rc = __real_closedir(dir);
    calls.open_files -= calls.on && rc == 0;
    if (!fate.error)
        return rc;
    errno = fate.error;
    return -1;
}

/* ---- others ---- */

ssize_t __real_getrandom(void *p, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *p, size_t n, unsigned flags) {
    Fate fate = calls_fate(CALL_RANDOM);
    if (!fate.error)
        return __real_getrandom(p, n, flags);
    errno = fate.error;
    return -1;
}

int __real_pthread_create(pthread_t *id, const pthread_attr_t *how, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *how, void *(*run)(void *),
                          void *arg) {
    Fate fate = calls_fate(CALL_THREAD);
    return fate.error ? fate.error : __real_pthread_create(id, how, run, arg);
}

#endif
