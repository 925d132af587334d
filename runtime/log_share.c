#define _GNU_SOURCE

#include "log_share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "system.h"

#ifdef __linux__
#include <sys/syscall.h>
/* Of the system's interface; its header is not among those of every libc. */
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 };
#endif

/* Bytes of `lock`: 0 while somebody opens or closes, then one for each handle. */
enum { OPENING = 0, MAX_HANDLES = 4096, WAIT_MS = 20 };

#define WAITED 0x80000000u

/* Everything but `owner` is only derived from the log. Lock-free words of one size in all libcs. */
struct dfl__shared {
    atomic_uint owner; /* note [the append lock] */
    uint32_t unused;
    _Atomic uint64_t end, last_id, synced, removals;
};

_Static_assert(sizeof(atomic_uint) == 4 && sizeof(_Atomic uint64_t) == 8, "as in every process");

/* ---- byte range locks ---- */

#ifdef F_OFD_SETLK
static int lock_bytes(int fd, int command, short type, off_t from, off_t n, struct flock *lock) {
    int rc;
    *lock = (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = n};
    do
        rc = fcntl(fd, command, lock);
    while (rc != 0 && errno == EINTR);
    return rc;
}

static int lock_byte(int fd, off_t at) {
    struct flock lock;
    return lock_bytes(fd, F_OFD_SETLKW, F_WRLCK, at, 1, &lock) == 0 ? DFL_OK : DFL_ESTORE;
}

static int unlock_byte(int fd, off_t at) {
    struct flock lock;
    return lock_bytes(fd, F_OFD_SETLK, F_UNLCK, at, 1, &lock) == 0 ? DFL_OK : DFL_ESTORE;
}

/* DFL_EBUSY: another handle has it. */
static int try_byte(int fd, off_t at) {
    struct flock lock;
    if (lock_bytes(fd, F_OFD_SETLK, F_WRLCK, at, 1, &lock) == 0)
        return DFL_OK;
    return errno == EAGAIN || errno == EACCES ? DFL_EBUSY : DFL_ESTORE;
}

/* *held: another handle holds one of these bytes. */
static int ask(int fd, off_t from, off_t n, bool *held) {
    struct flock lock;
    int rc = lock_bytes(fd, F_OFD_GETLK, F_WRLCK, from, n, &lock);
    *held = rc == 0 && lock.l_type != F_UNLCK;
    return rc == 0 ? DFL_OK : DFL_ESTORE;
}
#else
/* Without locks that belong to a handle: one process at a time, by a lock on the whole file. */
static int lock_byte(int fd, off_t at) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    (void)at;
    return fcntl(fd, F_SETLK, &lock) == 0 ? DFL_OK : DFL_EBUSY;
}
static int unlock_byte(int fd, off_t at) {
    (void)fd, (void)at;
    return DFL_OK;
}
static int try_byte(int fd, off_t at) {
    (void)fd, (void)at;
    return DFL_OK;
}
static int ask(int fd, off_t from, off_t n, bool *held) {
    (void)fd, (void)from, (void)n;
    *held = false;
    return DFL_OK;
}
#endif

/* ---- opening ---- */

static int take_slot(dfl__share *share) {
    int status = DFL_EBUSY;
    for (share->slot = 1; share->slot <= MAX_HANDLES; share->slot++) {
        status = try_byte(share->fd, (off_t)share->slot);
        if (status != DFL_EBUSY)
            return status;
    }
    errno = EMFILE;
    return status;
}

static int look_for_others(const dfl__share *share, bool *alone) {
    bool held;
    int status = ask(share->fd, 1, MAX_HANDLES, &held);
    *alone = status == DFL_OK && !held;
    return status;
}

static int map_shared(dfl__share *share, int dir, bool alone) {
    int fd = dfl__open_at(dir, "shared", O_RDWR | O_CREAT);
    void *p = MAP_FAILED;
    if (fd < 0)
        return DFL_ESTORE;
    if ((!alone || dfl__truncate(fd, 0) == 0) && dfl__truncate(fd, sizeof *share->shared) == 0)
        p = mmap(NULL, sizeof *share->shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return DFL_ESTORE;
    share->shared = p;
    return DFL_OK;
}

int dfl__share_open(dfl__share *share, int dir, bool *alone) {
    int status, why;
    *share = (dfl__share){.fd = dfl__open_at(dir, "lock", O_RDWR | O_CREAT)};
    if (share->fd < 0)
        return DFL_ESTORE;
    status = lock_byte(share->fd, OPENING);
    if (status == DFL_OK)
        status = look_for_others(share, alone);
    if (status == DFL_OK)
        status = take_slot(share);
    if (status == DFL_OK)
        status = map_shared(share, dir, *alone);
    if (status == DFL_OK)
        return DFL_OK;
    why = errno;
    close(share->fd);
    errno = why;
    return status;
}

int dfl__share_opened(dfl__share *share) {
    return unlock_byte(share->fd, OPENING);
}

int dfl__share_closing(dfl__share *share, bool *alone) {
    int status = lock_byte(share->fd, OPENING);
    return status == DFL_OK ? look_for_others(share, alone) : status;
}

/* Closing the file drops all locks of the handle. */
void dfl__share_close(dfl__share *share) {
    munmap(share->shared, sizeof *share->shared);
    close(share->fd);
}

/* ---- the append lock ---- */

static void wait_for_change(atomic_uint *word, unsigned seen) {
    struct timespec time = {0, WAIT_MS * 1000000L};
#ifdef __linux__
    (void)syscall(SYS_futex, word, FUTEX_WAIT, seen, &time, NULL, 0);
#else
    (void)word, (void)seen;
    time.tv_nsec = 1000000L;
    (void)nanosleep(&time, NULL);
#endif
}

static void wake_all(atomic_uint *word) {
#ifdef __linux__
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
#else
    (void)word;
#endif
}

/* Acquire: what the last owner wrote to `shared` is seen. */
static bool take(dfl__share *share, unsigned seen) {
    return atomic_compare_exchange_strong_explicit(&share->shared->owner, &seen, share->slot,
                                                   memory_order_acquire, memory_order_relaxed);
}

/* Says that somebody waits; false when the owner has changed meanwhile. */
static bool announce(dfl__share *share, unsigned seen) {
    if (seen & WAITED)
        return true;
    return atomic_compare_exchange_strong_explicit(&share->shared->owner, &seen, seen | WAITED,
                                                   memory_order_relaxed, memory_order_relaxed);
}

int dfl__share_lock(dfl__share *share, bool *died) {
    atomic_uint *owner = &share->shared->owner;
    *died = false;
    for (;;) {
        bool held = false;
        unsigned seen = atomic_load_explicit(owner, memory_order_relaxed);
        if (seen == 0 && take(share, 0))
            return DFL_OK;
        if (seen == 0 || !announce(share, seen))
            continue;
        wait_for_change(owner, seen | WAITED);
        if (atomic_load_explicit(owner, memory_order_relaxed) != (seen | WAITED))
            continue;
        /* Its own number can only be that of a dead handle that had the slot before. */
        if ((seen & ~WAITED) != share->slot &&
            ask(share->fd, (off_t)(seen & ~WAITED), 1, &held) != DFL_OK)
            return DFL_ESTORE;
        if (held)
            continue;
        if (take(share, seen | WAITED)) {
            *died = true;
            return DFL_OK;
        }
    }
}

/* Those that waited for an owner that died may have lost their bit; they look again by themselves. */
void dfl__share_unlock(dfl__share *share) {
    atomic_uint *owner = &share->shared->owner;
    if (atomic_exchange_explicit(owner, 0, memory_order_release) & WAITED)
        wake_all(owner);
}

/* ---- what is shared ---- */

uint64_t dfl__share_end(const dfl__share *share) {
    return atomic_load_explicit(&share->shared->end, memory_order_acquire);
}

uint64_t dfl__share_last_id(const dfl__share *share) {
    return atomic_load_explicit(&share->shared->last_id, memory_order_relaxed);
}

void dfl__share_set_end(dfl__share *share, uint64_t end, uint64_t last_id) {
    atomic_store_explicit(&share->shared->last_id, last_id, memory_order_relaxed);
    atomic_store_explicit(&share->shared->end, end, memory_order_release);
}

uint64_t dfl__share_synced(const dfl__share *share) {
    return atomic_load_explicit(&share->shared->synced, memory_order_relaxed);
}

void dfl__share_raise_synced(dfl__share *share, uint64_t synced) {
    uint64_t seen = dfl__share_synced(share);
    while (synced > seen &&
           !atomic_compare_exchange_weak_explicit(&share->shared->synced, &seen, synced,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

uint64_t dfl__share_removals(const dfl__share *share) {
    return atomic_load_explicit(&share->shared->removals, memory_order_acquire);
}

void dfl__share_count_removal(dfl__share *share) {
    atomic_fetch_add_explicit(&share->shared->removals, 1, memory_order_release);
}
