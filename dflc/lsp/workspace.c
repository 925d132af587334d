#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "workspace.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "uri.h"

enum { MOST_FILES = 5000, MOST_FOLDERS = 2000 };

typedef struct Finder {
    Arena *arena;
    const char *const *ends;
    PathList folders, files;
    StrMap seen; /* real paths of both */
    Interner *names;
} Finder;

static bool is_new(Finder *f, const char **real) {
    *real = intern_cstr(f->names, *real);
    return !strmap_put(&f->seen, f->arena, *real, f);
}

static void add_folder(Finder *f, const char *path) {
    const char *real = path_real(f->arena, path);
    if (f->folders.n < MOST_FOLDERS && is_new(f, &real))
        ARENA_PUSH(f->arena, f->folders.all, f->folders.n, f->folders.cap, real);
}

static void add_file(Finder *f, const char *path) {
    for (size_t i = 0; f->ends[i]; i++) {
        const char *real = path;
        if (path_ends_in(path, f->ends[i]) && f->files.n < MOST_FILES && is_new(f, &real))
            ARENA_PUSH(f->arena, f->files.all, f->files.n, f->files.cap, real);
    }
}

static bool is_left_out(const char *name) {
    return name[0] == '.' || strcmp(name, "node_modules") == 0 || strcmp(name, "build") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Sorted, so that answers do not depend on the file system. Links are not
 * followed. */
static void look_into(Finder *f, const char *folder) {
    struct dirent **all;
    int n = scandir(folder, &all, NULL, by_name);
    for (int i = 0; i < n; i++) {
        const char *path =
            arena_printf(f->arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, all[i]->d_name);
        struct stat about;
        if (!is_left_out(all[i]->d_name) && lstat(path, &about) == 0) {
            if (S_ISDIR(about.st_mode))
                add_folder(f, path);
            else if (S_ISREG(about.st_mode))
                add_file(f, path);
        }
        free(all[i]);
    }
    if (n >= 0)
        free(all);
}

PathList workspace_files(Request *r, const Document *document, const char *const *ends) {
    Finder f = {.arena = r->arena, .ends = ends, .names = interner_new(r->arena)};
    const Server *server = r->server;
    bool within = false;
    for (size_t i = 0; i < server->n_roots; i++)
        within = within || strncmp(document->path, server->roots[i], strlen(server->roots[i])) == 0;
    if (document->path[0] == '/') {
        const char *folder = path_directory(r->arena, document->path);
        if (within)
            add_folder(&f, folder);
        else
            look_into(&f,
                      arena_strndup(r->arena, folder, strlen(folder) > 1 ? strlen(folder) - 1 : 1));
    }
    for (size_t i = 0; i < server->n_roots; i++)
        add_folder(&f, server->roots[i]);
    for (size_t i = 0; i < f.folders.n; i++)
        look_into(&f, f.folders.all[i]);
    return f.files;
}
