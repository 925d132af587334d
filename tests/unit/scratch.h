/* A directory of a test's own, under $TMPDIR or /tmp. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_dir[256];
static char scratch_name[512];

/* A path in it, valid until the next call. */
static inline const char *scratch_path(const char *name) {
    int n = snprintf(scratch_name, sizeof scratch_name, "%s/%s", scratch_dir, name);
    return n < (int)sizeof scratch_name ? scratch_name : "";
}

static inline void scratch_remove(const char *path) {
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        char inner[1024];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner)
            continue;
        if (unlink(inner) != 0)
            scratch_remove(inner);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static inline void scratch_end(void) {
    if (scratch_dir[0])
        scratch_remove(scratch_dir);
    scratch_dir[0] = '\0';
}

static inline void scratch_begin(void) {
    const char *tmp = getenv("TMPDIR");
    scratch_end();
    snprintf(scratch_dir, sizeof scratch_dir, "%s/dflc-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(scratch_dir))
        scratch_dir[0] = '\0';
}

/* Of a case: a directory of its own. */
static inline int scratch_setup(void **state) {
    (void)state;
    scratch_begin();
    return 0;
}

static inline int scratch_teardown(void **state) {
    (void)state;
    scratch_end();
    return 0;
}

#endif
