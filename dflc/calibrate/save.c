/* A checkpoint in a file that was filled with zeros ahead, until it is durable. */
#define _XOPEN_SOURCE 700
#ifdef __APPLE__
#define _DARWIN_C_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "calibrate.h"

/* The log writes zeroes ahead, which for large records is as much again. */
enum { RECORD = 256, LARGE_KIB = 64, LARGE_BYTES = 2 * LARGE_KIB * 1024, FILE_BYTES = 256 * 1024 };
enum { MOST_SAMPLES = 500, SMALL_ONES = 4 };

static bool make_durable(int fd) {
#ifdef __APPLE__
    return fcntl(fd, F_FULLFSYNC) == 0;
#else
    return fdatasync(fd) == 0;
#endif
}

static bool write_at(int fd, const char *bytes, size_t n, off_t at) {
    ssize_t written = pwrite(fd, bytes, n, at);
    if (written >= 0 && (size_t)written < n)
        errno = ENOSPC;
    return written >= 0 && (size_t)written == n;
}

/* Its name is gone before anybody could see it for long. */
static int open_scratch(Bench *bench) {
    const char *path =
        arena_printf(bench->arena, "%s/.dflc-calibrate-%ld", bench->directory, (long)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    char *zeros = arena_alloc(bench->arena, FILE_BYTES);
    bench->record = arena_alloc(bench->arena, LARGE_BYTES);
    if (fd < 0)
        return -1;
    unlink(path);
    if (write_at(fd, zeros, FILE_BYTES, 0) && make_durable(fd))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Writes n bytes somewhere in the file, other ones each time; the time until they are durable, -1: failed. */
static int64_t time_save(Bench *bench, size_t n) {
    char *record = bench->record;
    size_t number = bench->n_saves++, at = number * n % FILE_BYTES;
    memset(record, (int)(number % 255) + 1, n);
    int64_t begin = clock_ns();
    if (!write_at(bench->save_fd, record, n, (off_t)at) || !make_durable(bench->save_fd))
        return -1;
    return clock_ns() - begin;
}

/* One large save after some small ones: what it takes more than the last of those. */
bool measure_save(Bench *bench, int64_t until_ns) {
    if (bench->save_fd < 0)
        bench->save_fd = open_scratch(bench);
    if (bench->save_fd < 0)
        return false;
    for (int i = 0; i < MOST_SAMPLES && (i == 0 || clock_ns() < until_ns); i++) {
        int64_t small = -1, large;
        for (int k = 0; k < SMALL_ONES; k++) {
            small = time_save(bench, RECORD);
            if (small < 0)
                return false;
            samples_add(&bench->figures[FIG_SAVE], small);
        }
        large = time_save(bench, LARGE_BYTES);
        if (large < 0)
            return false;
        samples_add(&bench->figures[FIG_SAVE_PER_KIB], (large - small) / LARGE_KIB);
    }
    return true;
}
