#define _POSIX_C_SOURCE 200809L

#include "whole_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "mem.h"

static int write_as(const char *fresh, const char *path, int (*write)(FILE *out, void *user),
                    void *user) {
    FILE *out = fopen(fresh, "w");
    int status, why;
    if (!out)
        return DFL_ESTORE;
    status = write(out, user);
    if (fflush(out) != 0 || ferror(out))
        status = status == DFL_OK ? DFL_ESTORE : status;
    if (fclose(out) != 0 && status == DFL_OK)
        status = DFL_ESTORE;
    if (status == DFL_OK && rename(fresh, path) != 0)
        status = DFL_ESTORE;
    why = errno;
    if (status != DFL_OK)
        (void)unlink(fresh);
    errno = why;
    return status;
}

int dfl__write_whole(const char *path, int (*write)(FILE *out, void *user), void *user) {
    static atomic_uint calls;
    size_t n = strlen(path) + 32;
    char *fresh = dfl__malloc(n);
    int status, why;
    if (!fresh)
        return DFL_ENOMEM;
    snprintf(fresh, n, "%s.%ld-%u.new", path, (long)getpid(), atomic_fetch_add(&calls, 1));
    status = write_as(fresh, path, write, user);
    why = errno;
    dfl__free(fresh);
    errno = why;
    return status;
}
