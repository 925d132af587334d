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

static inline int dfl__truncate(int fd, off_t n) {
    int rc;
    do
        rc = ftruncate(fd, n);
    while (rc != 0 && errno == EINTR);
    return rc;
}

#endif
