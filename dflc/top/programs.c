#define _POSIX_C_SOURCE 200809L
#include "programs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../live/clock.h"

/* ---- one program ---- */

static void free_program(TopProgram *program) {
    if (program->file)
        dfl__live_unmap(program->file);
    if (program->fd >= 0)
        close(program->fd);
    free(program->path);
    free(program);
}

static char *join(const char *directory, const char *name) {
    size_t n = strlen(directory) + strlen(name) + 2;
    char *path = malloc(n);
    if (path)
        snprintf(path, n, "%s/%s", directory, name);
    return path;
}

static bool map_file(TopProgram *program, int dir, const char *name) {
    struct stat about;
    program->fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (program->fd < 0 || fstat(program->fd, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    program->device = (uint64_t)about.st_dev;
    program->inode = (uint64_t)about.st_ino;
    program->file = dfl__live_map(program->fd);
    return program->file && dfl__live_read_head(program->file, &program->head) == DFL_OK;
}

/* NULL: it cannot be read, or there is no memory. */
static TopProgram *new_program(int dir, const char *directory, const char *name) {
    TopProgram *program = calloc(1, sizeof *program);
    if (!program)
        return NULL;
    program->fd = -1;
    program->path = join(directory, name);
    if (program->path && map_file(program, dir, name))
        return program;
    free_program(program);
    return NULL;
}

static void add_up(TopProgram *program, int64_t before, int64_t now) {
    uint64_t steps = program->steps;
    program->runs = program->done = program->failed = program->paused = program->steps = 0;
    for (int i = 0; i < DFL__LIVE_RUNS; i++) {
        const dfl__live_run *run = &program->slots[i];
        program->runs += run->all_runs;
        program->done += run->all_done;
        program->failed += run->all_failed;
        program->paused += run->all_paused;
        program->steps += run->all_steps;
    }
    if (before && program->steps >= steps)
        rate_add(&program->rate, before, now, program->steps - steps);
}

/* False: its file is not what it was. A file that has become shorter cannot be read. */
static bool read_program(TopProgram *program, int64_t before, int64_t now) {
    struct stat about;
    bool is_new = program->runs == 0;
    if (fstat(program->fd, &about) != 0 ||
        about.st_size < DFL__LIVE_HEAD_BYTES + DFL__LIVE_RUNS * (off_t)sizeof(dfl__live_run))
        return false;
    program->is_gone = !dfl__live_held(program->fd);
    if (dfl__live_read_head(program->file, &program->head) != DFL_OK)
        return false;
    for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++)
        (void)dfl__live_read_run(program->file, i, program->is_gone, &program->slots[i]);
    add_up(program, is_new ? 0 : before, now);
    return !(program->is_gone && program->head.closed);
}

/* ---- all of them ---- */

static TopProgram *find_program(const TopPrograms *programs, const struct stat *about) {
    TopProgram *program = programs->first;
    while (program && (program->device != (uint64_t)about->st_dev ||
                       program->inode != (uint64_t)about->st_ino))
        program = program->next;
    return program;
}

static void add_program(TopPrograms *programs, TopProgram *program) {
    TopProgram **at = &programs->first;
    while (*at)
        at = &(*at)->next;
    *at = program;
}

static bool is_live_file(const char *name) {
    size_t n = strlen(name), m = strlen(DFL__LIVE_SUFFIX);
    return name[0] != '.' && n > m && strcmp(name + n - m, DFL__LIVE_SUFFIX) == 0;
}

static void see_file(TopPrograms *programs, int dir, const char *directory, const char *name) {
    struct stat about;
    TopProgram *program;
    if (!is_live_file(name) || fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    program = find_program(programs, &about);
    if (!program) {
        errno = 0;
        program = new_program(dir, directory, name);
        if (program)
            add_program(programs, program);
        else
            programs->unread += errno != ENOENT; /* just closed */
    }
    if (program)
        program->is_seen = true;
}

static void see_directory(TopPrograms *programs, const char *directory) {
    DIR *list = opendir(directory);
    const struct dirent *entry;
    if (!list)
        return;
    while ((entry = readdir(list)) != NULL)
        see_file(programs, dirfd(list), directory, entry->d_name);
    closedir(list);
}

void top_look(TopPrograms *programs) {
    int64_t before = programs->looked, now = live_now();
    programs->unread = 0;
    for (TopProgram *program = programs->first; program; program = program->next)
        program->is_seen = false;
    for (size_t i = 0; i < programs->n_directories; i++)
        see_directory(programs, programs->directories[i]);
    programs->n = 0;
    for (TopProgram **at = &programs->first, *program; (program = *at) != NULL;) {
        if (program->is_seen && read_program(program, before, now)) {
            at = &program->next;
            programs->n++;
        } else {
            *at = program->next;
            free_program(program);
        }
    }
    programs->looked = now;
}

void top_forget(const TopPrograms *programs) {
    for (const TopProgram *program = programs->first; program; program = program->next)
        if (program->is_gone)
            (void)unlink(program->path);
}

void top_programs_free(TopPrograms *programs) {
    for (TopProgram *program = programs->first, *next; program; program = next) {
        next = program->next;
        free_program(program);
    }
    programs->first = NULL;
}
