/* SipHash (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) with one round a word
 * and three at the end, under a key drawn once a process.
 *
 * Note [hashing keys]. Most keys of maps are so short that SipHash would take longer than all else that a
 * map does with them. Those are hashed as vectors of words of 32 bits, their length added, by
 *
 *     (r[0] + x[1]) * (r[1] + x[0]) + (r[2] + x[3]) * (r[3] + x[2]) + ... + r[9] * n + r[8]
 *
 * in 64 bits, of which the upper half is taken (Thorup, "High Speed Hashing for Integers and Strings",
 * 2015, multiply-shift for vectors). Over the random r the hashes of any two keys are independent and
 * uniform: whoever chooses keys without having seen what r does cannot make them collide. The mixing at
 * the end can be undone, so it takes nothing from that; it spreads keys that were numbered. */
#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/random.h>
#else
#define _POSIX_C_SOURCE 200809L
#endif
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"

typedef struct Sip {
    uint64_t a, b, c, d;
} Sip;

static inline uint64_t rotl(uint64_t v, unsigned by) {
    return v << by | v >> (64 - by);
}

static inline void sip_round(Sip *s) {
    s->a += s->b, s->b = rotl(s->b, 13) ^ s->a, s->a = rotl(s->a, 32);
    s->c += s->d, s->d = rotl(s->d, 16) ^ s->c;
    s->a += s->d, s->d = rotl(s->d, 21) ^ s->a;
    s->c += s->b, s->b = rotl(s->b, 17) ^ s->c, s->c = rotl(s->c, 32);
}

static inline void sip_word(Sip *s, uint64_t word) {
    s->d ^= word;
    sip_round(s);
    s->a ^= word;
}

/* Little-endian, up to 8 bytes; compilers make one load of the whole words. */
static inline uint64_t word_at(const uint8_t *p, size_t n) {
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

uint64_t dfl__siphash(const uint64_t key[2], const void *p, size_t n) {
    Sip s = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
             key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    const uint8_t *at = p;
    size_t left = n;
    for (; left >= 8; left -= 8, at += 8)
        sip_word(&s, word_at(at, 8));
    sip_word(&s, (uint64_t)n << 56 | word_at(at, left));
    s.c ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

/* ---- the key ---- */

static uint64_t process_key[2 + DFL__HASH_WORDS]; /* of SipHash, and r above */
static atomic_bool key_is_drawn;
static pthread_once_t draw_once = PTHREAD_ONCE_INIT;

static bool key_from_system(void) {
#if defined(__linux__)
    return getrandom(process_key, sizeof process_key, GRND_NONBLOCK) == sizeof process_key;
#else
    return false;
#endif
}

static bool key_from_device(void) {
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, process_key, sizeof process_key);
    close(fd);
    return n == sizeof process_key;
}

/* Where a sandbox has neither: what differs from process to process, mixed. */
static void key_from_clock(void) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed[4] = {(uint64_t)now.tv_sec, (uint64_t)now.tv_nsec, (uint64_t)getpid(),
                        (uint64_t)(uintptr_t)&now};
    const uint64_t one[2] = {1, 1}, two[2] = {2, 2};
    process_key[0] = dfl__siphash(one, seed, sizeof seed);
    process_key[1] = dfl__siphash(two, seed, sizeof seed);
    for (uint64_t i = 2; i < sizeof process_key / sizeof *process_key; i++)
        process_key[i] = dfl__siphash(process_key, &i, sizeof i);
}

static void draw_key(void) {
    if (!key_from_system() && !key_from_device())
        key_from_clock();
    atomic_store_explicit(&key_is_drawn, true, memory_order_release);
}

static const uint64_t *key(void) {
    if (!atomic_load_explicit(&key_is_drawn, memory_order_acquire))
        pthread_once(&draw_once, draw_key);
    return process_key;
}

const uint64_t *dfl__hash_words(void) {
    return key() + 2;
}

uint64_t dfl__hash(const void *p, size_t n) {
    return dfl__siphash(key(), p, n);
}

uint32_t dfl__hash_long(const void *p, size_t n) {
    return (uint32_t)dfl__hash(p, n);
}
