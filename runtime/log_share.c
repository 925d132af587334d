#define _GNU_SOURCE

#include "log_share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "log_io.h"
#include "system.h"

#ifdef __linux__
#include <sys/syscall.h>
/* Of the system's interface; its header is not among those of every libc. */
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 };
#endif

/* Bytes of `lock`: 0 while somebody opens or closes, then one for each handle. */
enum { OPENING = 0, MAX_HANDLES = 4096, WAIT_MS = 20 };

/* Of the owner's word. ABANDONED is the number of no handle. */
#define WAITED    UINT64_C(0x80000000)
#define ABANDONED UINT64_C(0x7fffffff)
#define HOLDER    UINT64_C(0x7fffffff)
#define TAKES     UINT64_C(0xffffffff00000000)
#define ONE_TAKE  UINT64_C(0x100000000)

/* Everything but `owner` is only derived from the log. Lock-free words of one size in all libcs. */
struct dfl__shared {
    _Atomic uint64_t owner; /* note [the append lock] */
    _Atomic uint64_t end, last_id, synced, removals;
};

_Static_assert(sizeof(_Atomic uint64_t) == 8, "as in every process");

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

/* The bytes are there before they are mapped: on a full disk it is a write that fails, not the process. What
 * is there already is kept, also for a child of fork() that has it mapped and no byte. */
static int begin_anew(int fd) {
    static const struct dfl__shared nothing;
    return dfl__write_all(fd, &nothing, sizeof nothing, 0);
}

static int map_shared(dfl__share *share, int dir, bool alone) {
    int fd = dfl__open_inside(dir, "shared", O_RDWR | O_CREAT), why;
    void *p = MAP_FAILED;
    if (fd < 0)
        return DFL_ESTORE;
    if (alone ? begin_anew(fd) == DFL_OK : dfl__truncate(fd, sizeof *share->shared) == 0)
        p = mmap(NULL, sizeof *share->shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    why = errno;
    close(fd);
    errno = why;
    if (p == MAP_FAILED)
        return DFL_ESTORE;
    share->shared = p;
    return DFL_OK;
}

static int closed(dfl__share *share, int status) {
    int why = errno;
    close(share->fd);
    share->fd = -1;
    share->slot = 0;
    errno = why;
    return status;
}

/* Until dfl__share_opened no other handle opens or closes. */
static int join(dfl__share *share, bool *alone) {
    int status;
    share->fd = dfl__open_inside(share->dir, "lock", O_RDWR | O_CREAT);
    if (share->fd < 0)
        return DFL_ESTORE;
    status = lock_byte(share->fd, OPENING);
    if (status == DFL_OK)
        status = look_for_others(share, alone);
    if (status == DFL_OK)
        status = take_slot(share);
    return status == DFL_OK ? DFL_OK : closed(share, status);
}

int dfl__share_open(dfl__share *share, int dir, bool *alone) {
    int status;
    *share = (dfl__share){.dir = dir, .fd = -1};
    status = join(share, alone);
    if (status != DFL_OK)
        return status;
    status = map_shared(share, dir, *alone);
    return status == DFL_OK ? DFL_OK : closed(share, status);
}

int dfl__share_opened(dfl__share *share) {
    return unlock_byte(share->fd, OPENING);
}

/* One that has no byte leaves nothing behind that others would need. */
int dfl__share_closing(dfl__share *share, bool *alone) {
    int status;
    *alone = false;
    if (share->slot == 0)
        return DFL_OK;
    status = lock_byte(share->fd, OPENING);
    return status == DFL_OK ? look_for_others(share, alone) : status;
}

void dfl__share_leave(dfl__share *share) {
    if (share->fd >= 0)
        (void)closed(share, DFL_OK);
}

/* Closing the file drops all locks of the handle. */
void dfl__share_close(dfl__share *share) {
    if (share->shared)
        munmap(share->shared, sizeof *share->shared);
    share->shared = NULL;
    dfl__share_leave(share);
}

/* note [a handle and fork()]. Where nobody else has a byte, nobody can tell what has become of `shared`. */
static int rejoin(dfl__share *share, bool *alone) {
    int status = join(share, alone);
    return status == DFL_OK ? dfl__share_opened(share) : status;
}

/* ---- the append lock ---- */

/* The half of the owner's word that has the number: what the system's calls look at. */
static uint32_t *lower_half(_Atomic uint64_t *word) {
    static const uint64_t one = 1;
    bool is_first = *(const uint8_t *)&one == 1;
    return (uint32_t *)(void *)word + (is_first ? 0 : 1);
}

static void wait_for_change(_Atomic uint64_t *word, uint64_t seen) {
    struct timespec time = {0, WAIT_MS * 1000000L};
#ifdef __linux__
    (void)syscall(SYS_futex, lower_half(word), FUTEX_WAIT, (uint32_t)seen, &time, NULL, 0);
#else
    (void)word, (void)seen;
    time.tv_nsec = 1000000L;
    (void)nanosleep(&time, NULL);
#endif
}

static void wake_all(_Atomic uint64_t *word) {
#ifdef __linux__
    (void)syscall(SYS_futex, lower_half(word), FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
#else
    (void)word;
#endif
}

/* Acquire: what the last owner wrote to `shared` is seen. */
static bool take(dfl__share *share, uint64_t seen) {
    uint64_t taken = ((seen & TAKES) + ONE_TAKE) | share->slot;
    return atomic_compare_exchange_strong_explicit(&share->shared->owner, &seen, taken,
                                                   memory_order_acquire, memory_order_relaxed);
}

/* Says that somebody waits; false when the owner has changed meanwhile. */
static bool announce(dfl__share *share, uint64_t seen) {
    if (seen & WAITED)
        return true;
    return atomic_compare_exchange_strong_explicit(&share->shared->owner, &seen, seen | WAITED,
                                                   memory_order_relaxed, memory_order_relaxed);
}

/* Waits a while. *gone: the word is still `seen`, and its owner is no more. */
static int wait_for_owner(dfl__share *share, uint64_t seen, bool *gone) {
    _Atomic uint64_t *owner = &share->shared->owner;
    uint64_t holder = seen & HOLDER;
    bool held = false;
    int status = DFL_OK;
    *gone = holder == ABANDONED;
    if (*gone)
        return DFL_OK;
    wait_for_change(owner, seen);
    if (atomic_load_explicit(owner, memory_order_relaxed) != seen)
        return DFL_OK;
    /* Its own number can only be that of a dead handle that had the slot before. */
    if (holder != share->slot)
        status = ask(share->fd, (off_t)holder, 1, &held);
    *gone = status == DFL_OK && !held;
    return status;
}

int dfl__share_lock(dfl__share *share, bool *died) {
    _Atomic uint64_t *owner = &share->shared->owner;
    bool alone = false;
    int status = share->slot == 0 ? rejoin(share, &alone) : DFL_OK;
    *died = alone;
    while (status == DFL_OK) {
        uint64_t seen = atomic_load_explicit(owner, memory_order_relaxed);
        bool gone = false;
        if ((seen & HOLDER) == 0) {
            if (take(share, seen))
                return DFL_OK;
            continue; /* GCOVR_EXCL_LINE: another one took it since it was seen, an instruction ago */
        }
        if (!announce(share, seen))
            continue; /* GCOVR_EXCL_LINE: likewise, its owner let go */
        status = wait_for_owner(share, seen | WAITED, &gone);
        if (gone && take(share, seen | WAITED)) {
            *died = true;
            return DFL_OK;
        }
    }
    if (alone)
        dfl__share_leave(share); /* so that the next call says so again */
    return status;
}

/* Those that waited for an owner that died may have lost their bit; they look again by themselves. */
void dfl__share_unlock(dfl__share *share) {
    _Atomic uint64_t *owner = &share->shared->owner;
    if (atomic_fetch_and_explicit(owner, TAKES, memory_order_release) & WAITED)
        wake_all(owner);
}

void dfl__share_abandon(dfl__share *share) {
    _Atomic uint64_t *owner = &share->shared->owner;
    if (atomic_fetch_or_explicit(owner, ABANDONED, memory_order_release) & WAITED)
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
