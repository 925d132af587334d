#include "depfile.h"

#include <string.h>

#include "cwriter.h"

static void put(CWriter *w, const char *text) {
    cw_verbatim(w, text, strlen(text));
}

/* A path as make reads it. Backslashes count only before what they quote, so those before a space
 * are doubled. */
static void put_path(CWriter *w, const char *path) {
    size_t backslashes = 0;
    for (; *path; path++) {
        if (*path == ' ' || *path == '\t' || *path == '#') {
            for (; backslashes > 0; backslashes--)
                put(w, "\\");
            put(w, "\\");
        } else if (*path == '$') {
            put(w, "$");
        }
        backslashes = *path == '\\' ? backslashes + 1 : 0;
        cw_verbatim(w, path, 1);
    }
}

static bool is_file(const Source *source) {
    return strcmp(source->path, "<stdin>") != 0;
}

static void put_targets(CWriter *w, const Options *options, const char *c_path,
                        const char *h_path) {
    for (size_t i = 0; i < options->n_dep_targets; i++) {
        put(w, i ? " " : "");
        put(w, options->dep_targets[i]);
    }
    if (options->n_dep_targets > 0)
        return;
    put_path(w, c_path);
    put(w, " ");
    put_path(w, h_path);
}

/* Every file that was read besides the first; before each `before`, behind it `behind`. */
static void put_others(CWriter *w, const Options *options, const Program *program,
                       const char *before, const char *behind) {
    for (size_t i = 0; i < program->n_imports; i++) {
        put(w, before);
        put_path(w, program->imports[i]->path);
        put(w, behind);
    }
    const char *besides[] = {options->machine, options->profile};
    for (size_t i = 0; i < sizeof besides / sizeof *besides; i++) {
        if (!besides[i] || strcmp(besides[i], "-") == 0)
            continue;
        put(w, before);
        put_path(w, besides[i]);
        put(w, behind);
    }
}

OutFile depfile(Arena *arena, const Options *options, const Program *program, const char *c_path,
                const char *h_path) {
    CWriter *w = cwriter_new(arena);
    put_targets(w, options, c_path, h_path);
    put(w, ":");
    if (is_file(program->source)) {
        put(w, " ");
        put_path(w, program->source->path);
    }
    put_others(w, options, program, " \\\n ", "");
    put(w, "\n");
    if (options->dep_phony)
        put_others(w, options, program, "", ":\n");
    const char *path =
        options->dep_output ? options->dep_output : outfile_name(arena, c_path, NULL, ".d");
    return (OutFile){path, w->text, w->n};
}
