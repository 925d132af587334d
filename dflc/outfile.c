#define _XOPEN_SOURCE 700 /* realpath, lstat, and POSIX 2008 */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is written under `temporary`, and will be `target`. */
typedef struct Pending {
    const char *target, *temporary;
    bool exists; /* the temporary file does */
} Pending;

static bool complain(const char *path, int error) {
    fprintf(stderr, "dflc: cannot write '%s': %s\n", path, strerror(error));
    return false;
}

/* Where a symbolic link leads, so that the link itself survives the rename. */
static const char *follow(Arena *arena, const char *path) {
    char *real = realpath(path, NULL);
    if (!real)
        return path;
    const char *copy = arena_strndup(arena, real, strlen(real));
    free(real);
    return copy;
}

static bool write_all(int fd, const char *text, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, text, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text += written;
        n -= (size_t)written;
    }
    return true;
}

/* Creates the temporary file; a name left over by a process that was killed is not taken. */
static int create_beside(Arena *arena, Pending *pending) {
    for (unsigned try = 0; try < 100; try++) {
        pending->temporary =
            arena_printf(arena, "%s.%ld-%u.tmp", pending->target, (long)getpid(), try);
        int fd = open(pending->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool write_pending(Arena *arena, const OutFile *file, Pending *pending) {
    pending->target = follow(arena, file->path);
    if (is_directory(pending->target))
        return complain(file->path, EISDIR);
    int fd = create_beside(arena, pending);
    if (fd < 0)
        return complain(file->path, errno);
    pending->exists = true;
    bool good = write_all(fd, file->text, file->n);
    int error = errno;
    if (close(fd) != 0 && good) {
        good = false;
        error = errno;
    }
    return good || complain(file->path, error);
}

static bool rename_pending(const OutFile *file, Pending *pending) {
    if (rename(pending->temporary, pending->target) != 0)
        return complain(file->path, errno);
    pending->exists = false;
    return true;
}

bool outfiles_write(Arena *arena, const OutFile *files, size_t n_files) {
    Pending *pending = ARENA_ARRAY(arena, Pending, n_files);
    bool good = true;
    for (size_t i = 0; i < n_files && good; i++)
        good = write_pending(arena, &files[i], &pending[i]);
    for (size_t i = 0; i < n_files && good; i++)
        good = rename_pending(&files[i], &pending[i]);
    for (size_t i = 0; i < n_files; i++)
        if (pending[i].exists)
            unlink(pending[i].temporary);
    return good;
}

const char *outfile_name(Arena *arena, const char *path, const char *directory,
                         const char *ending) {
    const char *slash = strrchr(path, '/');
    const char *base = directory && slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    int n = (int)(dot && (!slash || dot > slash) ? (size_t)(dot - base) : strlen(base));
    bool gap = directory && *directory && directory[strlen(directory) - 1] != '/';
    return arena_printf(arena, "%s%s%.*s%s", directory ? directory : "", gap ? "/" : "", n, base,
                        ending);
}
