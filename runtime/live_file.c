/* The files of live.h: where they are, their locks, and what is left of programs that are gone.
 *
 * note [who holds a file]
 *
 * The lock is one of the process, not of the handle: a child that was forked does not keep it. Such a lock is
 * dropped when the process closes the file anywhere, so files of this process, which their names tell, are
 * never looked at here. */
#define _GNU_SOURCE
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "internal.h"
#include "system.h"

enum { NAME_BYTES = 64, TRIES = 100 };

/* ---- the directory ---- */

bool dfl__live_directory(char *path, size_t cap) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n = runtime && *runtime
                ? snprintf(path, cap, "%s/dfl-live", runtime)
                : snprintf(path, cap, "/tmp/dfl-live-%lu", (unsigned long)geteuid());
    return n > 0 && (size_t)n < cap;
}

/* In /tmp anybody could have made it: what programs do is told to nobody but their user. */
static bool is_ours(int dir) {
    struct stat about;
    if (fstat(dir, &about) != 0)
        return false;
    if (about.st_uid == geteuid())
        return true;
    errno = EPERM;
    return false;
}

static int open_directory(const char *given) {
    char path[4096];
    int dir;
    if (!given && !dfl__live_directory(path, sizeof path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (mkdir(given ? given : path, 0700) != 0 && errno != EEXIST)
        return -1;
    dir = dfl__open_at(AT_FDCWD, given ? given : path,
                       O_RDONLY | O_DIRECTORY | (given ? 0 : O_NOFOLLOW));
    if (dir >= 0 && !given && !is_ours(dir)) {
        int why = errno;
        close(dir);
        errno = why;
        return -1;
    }
    return dir;
}

/* ---- the lock ---- */

static struct flock whole_file(void) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

bool dfl__live_held(int fd) {
    struct flock lock = whole_file();
    return fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

/* ---- what is left ---- */

typedef struct Left {
    char name[NAME_BYTES];
    int64_t ns; /* when it was last written to */
} Left;

/* Past one character or more of `set`, and the one that follows them; NULL: it is another. */
static const char *past(const char *at, const char *set, char then) {
    size_t n = at ? strspn(at, set) : 0;
    return n > 0 && at[n] == then ? at + n + 1 : NULL;
}

/* ".123-18ec71c7-1.live", or without the first point: what make_file calls them. */
static bool is_our_name(const char *name) {
    const char *rest = past(name + (name[0] == '.'), "0123456789", '-');
    rest = past(past(rest, "0123456789abcdef", '-'), "0123456789", '.');
    return rest && strcmp(rest, &DFL__LIVE_SUFFIX[1]) == 0 && strlen(name) < NAME_BYTES;
}

/* Before it is published there may be nothing in it. */
static bool is_our_file(int fd, const char *name) {
    char magic[sizeof DFL__LIVE_MAGIC];
    return name[0] == '.' || (pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
                              memcmp(magic, DFL__LIVE_MAGIC, sizeof magic) == 0);
}

static bool is_own(const char *name) {
    char prefix[32];
    int n = snprintf(prefix, sizeof prefix, "%ld-", (long)getpid());
    return strncmp(name + (name[0] == '.'), prefix, (size_t)n) == 0;
}

static int64_t written_at(const struct stat *about) {
#ifdef __APPLE__
    const struct timespec *at = &about->st_mtimespec;
#else
    const struct timespec *at = &about->st_mtim;
#endif
    return (int64_t)at->tv_sec * 1000000000 + at->tv_nsec;
}

/* False: it is in use, or none of these files. */
static bool is_left(int dir, const char *name, Left *left) {
    struct stat about;
    bool held = true;
    int fd;
    if (!is_our_name(name) || is_own(name))
        return false;
    fd = dfl__open_at(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && is_our_file(fd, name))
        held = dfl__live_held(fd);
    close(fd);
    if (held)
        return false;
    memcpy(left->name, name, strlen(name) + 1);
    left->ns = written_at(&about);
    return true;
}

/* Puts it among the newest; what falls out, or was never published, is removed. */
static void keep_or_remove(int dir, Left newest[DFL__LIVE_LEFT], Left left) {
    for (int i = 0; i < DFL__LIVE_LEFT && left.name[0] != '.'; i++)
        if (left.ns > newest[i].ns) {
            Left older = newest[i];
            newest[i] = left;
            left = older;
        }
    if (left.name[0])
        (void)unlinkat(dir, left.name, 0);
}

static void remove_left(int dir) {
    Left newest[DFL__LIVE_LEFT] = {0}, left;
    int copy = dfl__open_at(dir, ".", O_RDONLY | O_DIRECTORY);
    DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    if (!list) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((entry = readdir(list)) != NULL)
        if (is_left(dir, entry->d_name, &left))
            keep_or_remove(dir, newest, left);
    closedir(list);
}

/* ---- a new one ---- */

/* Zeroes, one write after another: where there is no room for them this is told here, not by a signal in
 * the middle of a run. */
static bool fill(int fd, size_t n) {
    static const char zeroes[4096];
    while (n > 0) {
        ssize_t done = write(fd, zeroes, n < sizeof zeroes ? n : sizeof zeroes);
        if (done < 0 && errno != EINTR)
            return false;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

static int make_file(int dir, size_t n, char *name) {
    static uint32_t last;
    struct flock lock = whole_file();
    int fd = -1, why;
    for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EEXIST); i++) {
        snprintf(name, NAME_BYTES, ".%ld-%" PRIx64 "-%" PRIu32 DFL__LIVE_SUFFIX, (long)getpid(),
                 (uint64_t)dfl__wall_clock(), __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED));
        do
            fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        while (fd < 0 && errno == EINTR);
    }
    if (fd < 0 || (fcntl(fd, F_SETLK, &lock) == 0 && fill(fd, n)))
        return fd;
    why = errno;
    (void)unlinkat(dir, name, 0);
    close(fd);
    errno = why;
    return -1;
}

int dfl__live_make(const char *directory, size_t n, int *dir, char *name) {
    int fd, why;
    *dir = open_directory(directory);
    if (*dir < 0)
        return -1;
    remove_left(*dir);
    fd = make_file(*dir, n, name);
    if (fd >= 0)
        return fd;
    why = errno;
    close(*dir);
    errno = why;
    return -1;
}

bool dfl__live_publish(int dir, char *name) {
    if (renameat(dir, name, dir, name + 1) != 0)
        return false;
    memmove(name, name + 1, strlen(name));
    return true;
}
