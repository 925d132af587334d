#define _GNU_SOURCE

#include "log_io.h"

#include <errno.h>
#include <unistd.h>

#include "dfl.h"

enum { ZEROES = 1 << 16 };

static const char zeroes[ZEROES];

/* What a write has come to: *n bytes are done, or it has failed. */
static int judge(ssize_t wrote, size_t *n) {
    *n = wrote > 0 ? (size_t)wrote : 0;
    if (wrote > 0 || (wrote < 0 && errno == EINTR))
        return DFL_OK;
    errno = wrote < 0 ? errno : EIO;
    return DFL_ESTORE;
}

int dfl__write_all(int fd, const void *p, size_t n, uint64_t offset) {
    const char *at = p;
    int status = DFL_OK;
    while (status == DFL_OK && n > 0) {
        size_t done;
        status = judge(pwrite(fd, at, n, (off_t)offset), &done);
        at += done;
        n -= done;
        offset += done;
    }
    return status;
}

static void step_over(struct iovec **parts, int *n_parts, size_t done) {
    while (*n_parts > 0 && done >= (*parts)->iov_len) {
        done -= (*parts)->iov_len;
        ++*parts;
        --*n_parts;
    }
    if (*n_parts > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + done;
        (*parts)->iov_len -= done;
    }
}

int dfl__write_parts(int fd, struct iovec *parts, int n_parts, uint64_t offset) {
    int status = DFL_OK;
    step_over(&parts, &n_parts, 0);
    while (status == DFL_OK && n_parts > 0) {
        size_t done;
        status = judge(pwritev(fd, parts, n_parts, (off_t)offset), &done);
        step_over(&parts, &n_parts, done);
        offset += done;
    }
    return status;
}

int dfl__write_zeroes(int fd, uint64_t from, uint64_t to) {
    int status = DFL_OK;
    while (status == DFL_OK && from < to) {
        size_t n = to - from < ZEROES ? (size_t)(to - from) : ZEROES;
        status = dfl__write_all(fd, zeroes, n, from);
        from += n;
    }
    return status;
}

int dfl__append_zeroes(int fd, uint64_t n) {
    int status = DFL_OK;
    while (status == DFL_OK && n > 0) {
        size_t done;
        status = judge(write(fd, zeroes, n < ZEROES ? (size_t)n : ZEROES), &done);
        n -= done;
    }
    return status;
}

int dfl__read_all(int fd, void *p, size_t *n, uint64_t offset) {
    char *at = p;
    size_t left = *n;
    while (left > 0) {
        ssize_t got = pread(fd, at, left, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return DFL_ESTORE;
        if (got == 0)
            break;
        at += got;
        left -= (size_t)got;
        offset += (uint64_t)got;
    }
    *n -= left;
    return DFL_OK;
}
