// Any text as a profile; what is read is written, and read again to the same text.
// corpus: tests/fuzz/profile/*
// quick: 3000; full: 20000000
#define _GNU_SOURCE
#include "fuzz.h"

#include "profile_file.h"

static bool read_text(Arena *arena, const char *text, size_t n, ProfileFile *into) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    profile_file_read(&comp, source_from_text(arena, "fuzz", text, n), into);
    return diags_errors(comp.diags) == 0;
}

static char *written(const ProfileFile *file, size_t *n) {
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    MUST(out);
    profile_file_write(file, out);
    fclose(out);
    return text;
}

static void fuzz_one(const uint8_t *data, size_t n) {
    Arena *arena = arena_new();
    ProfileFile file = {0}, again = {0};
    if (read_text(arena, (const char *)data, n, &file)) {
        size_t n_once, n_twice;
        char *once = written(&file, &n_once), *twice;
        MUST(read_text(arena, once, n_once, &again));
        twice = written(&again, &n_twice);
        MUST(n_once == n_twice && memcmp(once, twice, n_once) == 0);
        free(once);
        free(twice);
    }
    arena_free(arena);
}
