/* A thread that answers: the shape of a worker of the runtime, with nothing around it.
 *
 *     caller                          mate
 *     asked = n       ------------>   sees it, stamps seen_ns, works, stamps done_ns
 *     sees it         <------------   answered = n
 *
 * A sleeping mate waits on `asked` in the kernel; where there is no futex, on a condition. */
#if defined(__linux__)
#define _GNU_SOURCE
#else
#define _POSIX_C_SOURCE 200809L
#endif
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

#include "calibrate.h"

struct Mate {
    pthread_t thread;
    bool sleeps;
    void (*call)(void *); /* written before `asked`, by the caller; NULL: nothing */
    void *with;
    pthread_mutex_t lock; /* of the condition; not used with a futex */
    pthread_cond_t bell;
    char gap[LINE_BYTES];
    _Atomic uint32_t asked;  /* the number of the last request; STOP: no more */
    _Atomic uint32_t parked; /* it is about to sleep, or does */
    char gap_2[LINE_BYTES];
    _Atomic uint32_t answered;
    int64_t seen_ns, done_ns; /* written before `answered`, by the mate */
    char gap_3[LINE_BYTES];
};

static const uint32_t STOP = UINT32_MAX;

/* ---- sleeping ---- */

#ifdef __linux__

static void sleep_while(Mate *mate, uint32_t seen) {
    syscall(SYS_futex, &mate->asked, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void ring(Mate *mate) {
    syscall(SYS_futex, &mate->asked, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Off the caller's CPU: after a sleeping caller the kernel would wake the mate there. */
static void keep_off(Mate *mate) {
    cpu_set_t set;
    int here = sched_getcpu();
    if (here < 0 || sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 2)
        return;
    CPU_CLR((unsigned)here, &set);
    pthread_setaffinity_np(mate->thread, sizeof set, &set);
}

#else

static void sleep_while(Mate *mate, uint32_t seen) {
    pthread_mutex_lock(&mate->lock);
    while (atomic_load(&mate->asked) == seen)
        pthread_cond_wait(&mate->bell, &mate->lock);
    pthread_mutex_unlock(&mate->lock);
}

static void ring(Mate *mate) {
    pthread_mutex_lock(&mate->lock);
    pthread_cond_signal(&mate->bell);
    pthread_mutex_unlock(&mate->lock);
}

static void keep_off(Mate *mate) {
    (void)mate;
}

#endif

/* The CPU of a thread that spins may be wanted by the one that it waits for. */
static void spin(unsigned *turns) {
    spin_pause();
    if (++*turns % 4096 == 0)
        sched_yield();
}

/* ---- the mate ---- */

static uint32_t await_request(Mate *mate, uint32_t last) {
    uint32_t asked;
    unsigned turns = 0;
    while ((asked = atomic_load_explicit(&mate->asked, memory_order_acquire)) == last) {
        if (!mate->sleeps) {
            spin(&turns);
            continue;
        }
        atomic_store(&mate->parked, 1);
        sleep_while(mate, last);
    }
    atomic_store_explicit(&mate->parked, 0, memory_order_relaxed);
    return asked;
}

static void *answer(void *arg) {
    Mate *mate = arg;
    uint32_t asked = 0;
    while ((asked = await_request(mate, asked)) != STOP) {
        mate->seen_ns = clock_ns();
        if (mate->call)
            mate->call(mate->with);
        mate->done_ns = clock_ns();
        atomic_store_explicit(&mate->answered, asked, memory_order_release);
    }
    return NULL;
}

/* ---- the caller ---- */

Mate *mate_new(Arena *arena, bool sleeps) {
    char *room = arena_alloc(arena, sizeof(Mate) + LINE_BYTES);
    Mate *mate = (Mate *)(void *)(room + LINE_BYTES - (uintptr_t)room % LINE_BYTES);
    mate->sleeps = sleeps;
    pthread_mutex_init(&mate->lock, NULL);
    pthread_cond_init(&mate->bell, NULL);
    errno = pthread_create(&mate->thread, NULL, answer, mate);
    if (errno != 0)
        return NULL;
    keep_off(mate);
    mate_ask(mate);
    mate_wait(mate);
    return mate;
}

void mate_ask(Mate *mate) {
    mate_ask_to(mate, NULL, NULL);
}

static void publish(Mate *mate, uint32_t asked) {
    atomic_store(&mate->asked, asked);
    if (atomic_load(&mate->parked))
        ring(mate);
}

void mate_ask_to(Mate *mate, void (*call)(void *), void *with) {
    mate->call = call;
    mate->with = with;
    publish(mate, atomic_load_explicit(&mate->asked, memory_order_relaxed) + 1);
}

void mate_wait(Mate *mate) {
    uint32_t asked = atomic_load_explicit(&mate->asked, memory_order_relaxed);
    unsigned turns = 0;
    while (atomic_load_explicit(&mate->answered, memory_order_acquire) != asked)
        spin(&turns);
}

/* Behind `parked` there is only the call that sleeps; a few microseconds are enough for it. */
void mate_settle(Mate *mate) {
    unsigned turns = 0;
    keep_off(mate);
    while (mate->sleeps && !atomic_load(&mate->parked))
        spin(&turns);
}

int64_t mate_seen_ns(const Mate *mate) {
    return mate->seen_ns;
}

int64_t mate_done_ns(const Mate *mate) {
    return mate->done_ns;
}

void mate_free(Mate *mate) {
    publish(mate, STOP);
    ring(mate);
    pthread_join(mate->thread, NULL);
    pthread_mutex_destroy(&mate->lock);
    pthread_cond_destroy(&mate->bell);
}
