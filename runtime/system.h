/* Calls of the system that a signal may break off, made until none has. */
#ifndef DFL_SYSTEM_H
#define DFL_SYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static inline int dfl__open_at(int dir, const char *name, int flags) {
    int fd;
    do
        fd = openat(dir, name, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* A file of a store, which may be a stranger's: a link there would have another file written, and a pipe waited for. */
static inline int dfl__open_inside(int dir, const char *name, int flags) {
    return dfl__open_at(dir, name, flags | O_NOFOLLOW | O_NONBLOCK);
}

static inline int dfl__truncate(int fd, off_t n) {
    int rc;
    do
        rc = ftruncate(fd, n);
    while (rc != 0 && errno == EINTR);
    return rc;
}

#endif
