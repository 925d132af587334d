/* noheap.c: in this program nobody has a heap. A C library that wants some bytes before `main` gets them from an
 * array; from `main` on whoever allocates ends the program. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "noheap.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void noheap_from_here_on(void) { /* a sanitizer's heap is its own */
}

#else

static _Alignas(max_align_t) char early[16384];
static size_t given;
static int closed;

void noheap_from_here_on(void) {
    closed = 1;
}

static void *take(size_t n) {
    static const char text[] = "sensor: something allocates\n";
    size_t room = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (closed || n > sizeof early || room > sizeof early - given) {
        ssize_t written = write(2, text, sizeof text - 1);
        _exit(written < 0 ? 98 : 99);
    }
    given += room;
    return early + given - room;
}

void *malloc(size_t n);
void *calloc(size_t k, size_t n);
void *realloc(void *p, size_t n);
void free(void *p);

void *malloc(size_t n) {
    return take(n);
}

void *calloc(size_t k, size_t n) {
    return take(k && n > SIZE_MAX / k ? SIZE_MAX : k * n); /* zero, as never given before */
}

void *realloc(void *p, size_t n) {
    void *new = take(n);
    size_t old = p ? (size_t)((char *)new - (char *)p) : 0; /* what lies between is at least all of it */
    return p ? memcpy(new, p, n < old ? n : old) : new;
}

void free(void *p) {
    (void)p;
}

#endif
