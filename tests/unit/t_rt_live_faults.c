// Each call of the system by which a live file is made fails in turn: there is no live file then, no other file and no
// descriptor is left, and the next one is made; the files of programs that are gone are only ever removed too late.
// link: -Wl,--wrap=mkdir,--wrap=fstat,--wrap=openat,--wrap=fdopendir,--wrap=write,--wrap=fcntl,--wrap=renameat,--wrap=pread,--wrap=mmap
#include "rt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "live.h"
#include "scratch.h"

static int left = -1; /* calls before the one that fails; less than 0: none does */
static int why;
static bool has_failed;

static bool fails(void) {
    if (left < 0 || left-- > 0)
        return false;
    errno = why;
    return has_failed = true;
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode) {
    return fails() ? -1 : __real_mkdir(path, mode);
}

int __real_fstat(int fd, struct stat *about);
int __wrap_fstat(int fd, struct stat *about);
int __wrap_fstat(int fd, struct stat *about) {
    return fails() ? -1 : __real_fstat(fd, about);
}

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...) {
    va_list args;
    int mode;
    va_start(args, flags);
    mode = va_arg(args, int);
    va_end(args);
    return fails() ? -1 : __real_openat(dir, name, flags, mode);
}

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd) {
    return fails() ? NULL : __real_fdopendir(fd);
}

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n) {
    return fails() ? -1 : __real_write(fd, p, n);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
    va_list args;
    void *arg;
    va_start(args, command);
    arg = va_arg(args, void *);
    va_end(args);
    return fails() ? -1 : __real_fcntl(fd, command, arg);
}

int __real_renameat(int from, const char *name, int to, const char *new_name);
int __wrap_renameat(int from, const char *name, int to, const char *new_name);
int __wrap_renameat(int from, const char *name, int to, const char *new_name) {
    return fails() ? -1 : __real_renameat(from, name, to, new_name);
}

ssize_t __real_pread(int fd, void *p, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t offset) {
    return fails() ? -1 : __real_pread(fd, p, n, offset);
}

void *__real_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    return fails() ? MAP_FAILED : __real_mmap(at, n, protection, flags, fd, offset);
}

/* ---- what is there ---- */

static int count_files(const char *path) {
    DIR *dir = opendir(path);
    const struct dirent *entry;
    int n = 0;
    while (dir && (entry = readdir(dir)) != NULL)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (dir)
        closedir(dir);
    return n;
}

/* The lowest number that no file has. */
static int free_descriptor(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

/* Two files of a program that has died, one of them before it was whole. */
static void leave_behind(const char *path, int i) {
    char name[600];
    int fd;
    (void)__real_mkdir(path, 0700);
    snprintf(name, sizeof name, "%s/.0-1a-%d.live", path, i);
    close(open(name, O_CREAT | O_WRONLY, 0600));
    snprintf(name, sizeof name, "%s/0-1a-%d.live", path, i);
    fd = open(name, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(__real_write(fd, DFL__LIVE_MAGIC, sizeof DFL__LIVE_MAGIC),
                     sizeof DFL__LIVE_MAGIC);
    close(fd);
}

/* directory: NULL for the user's own, which then is in scratch_path("run"). */
static void fails_in_turn(const char *directory, const char *path, int with) {
    dfl_hooks *hooks = NULL;
    int fd, before, n = 0;
    why = with;
    for (bool done = false; !done; n++) {
        leave_behind(path, n);
        fd = free_descriptor();
        before = count_files(path);
        left = n, has_failed = false;
        hooks = dfl_live_open(directory);
        left = -1;
        done = !has_failed;
        assert_true(hooks || has_failed);
        if (hooks)
            dfl_live_close(hooks);
        assert_int_equal(free_descriptor(), fd);
        assert_true(count_files(path) <= before);
        assert_true(n < 1000);
    }
    assert_true(n > 8);
    hooks = dfl_live_open(directory);
    assert_non_null(hooks);
    dfl_live_close(hooks);
    assert_true(count_files(path) <= DFL__LIVE_LEFT);
}

/* ---- tests ---- */

static void in_a_directory_that_is_given(void **state) {
    static const int reasons[] = {EIO, ENOSPC, EACCES, EINTR};
    (void)state;
    for (size_t i = 0; i < COUNT(reasons); i++) {
        char path[512];
        scratch_begin();
        snprintf(path, sizeof path, "%s", scratch_dir);
        fails_in_turn(path, path, reasons[i]);
        scratch_end();
    }
}

static void in_the_user_s_own(void **state) {
    char path[512];
    (void)state;
    scratch_begin();
    setenv("XDG_RUNTIME_DIR", scratch_dir, 1);
    snprintf(path, sizeof path, "%s", scratch_path("dfl-live"));
    fails_in_turn(NULL, path, EIO);
    scratch_end();
}

static void in_one_whose_name_is_too_long(void **state) {
    static char name[5000];
    (void)state;
    memset(name, 'x', sizeof name - 1);
    setenv("XDG_RUNTIME_DIR", name, 1);
    errno = 0;
    assert_null(dfl_live_open(NULL));
    assert_int_equal(errno, ENAMETOOLONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_a_directory_that_is_given),
        cmocka_unit_test(in_the_user_s_own),
        cmocka_unit_test(in_one_whose_name_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
