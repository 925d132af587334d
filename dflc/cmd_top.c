/* dflc top: what the runs of programs do now. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "top/top.h"

enum { HALF_A_SECOND = 500000000 };

/* Where programs are that name no directory. NULL after a line on standard error. */
static const char *usual_directory(Arena *arena) {
    char path[4096];
    if (dfl__live_directory(path, sizeof path))
        return arena_strndup(arena, path, strlen(path));
    fprintf(stderr, "dflc: the path in XDG_RUNTIME_DIR is too long\n");
    return NULL;
}

static bool is_directory(const char *path) {
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return true;
    fprintf(stderr, "dflc: there is no directory '%s'\n", path);
    return false;
}

/* False after a line on standard error. */
static bool find_directories(Arena *arena, const Options *options, TopPrograms *programs) {
    programs->directories = options->files;
    programs->n_directories = options->n_files;
    for (size_t i = 0; i < options->n_files; i++)
        if (!is_directory(options->files[i]))
            return false;
    if (options->n_files > 0)
        return true;
    programs->directories = (const char **)arena_alloc(arena, sizeof *programs->directories);
    programs->directories[0] = usual_directory(arena);
    programs->n_directories = 1;
    return programs->directories[0] != NULL;
}

bool top_is_over(const Top *top) {
    return top->count && top->looks >= top->count;
}

int cmd_top(Arena *arena, const Options *options) {
    Top top = {.interval_ns = options->interval_ns ? options->interval_ns : HALF_A_SECOND,
               .count = options->count,
               .json = options->json};
    Screen *screen;
    if (!find_directories(arena, options, &top.programs))
        return BAD_USE;
    screen = top.json ? NULL : screen_open();
    if (screen)
        top_on_screen(&top, screen);
    else
        top_lines(&top);
    screen_close(screen);
    top_programs_free(&top.programs);
    return end_of_output();
}
