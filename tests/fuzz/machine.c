// Any text as a machine file; what is read is written, and read again to the same text.
// corpus: tests/fuzz/machine/*
// quick: 3000; full: 20000000
#include "fuzz.h"

#include "machine_file.h"

static const Machine *read_text(Arena *arena, const char *text, size_t n) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    const Machine *machine = machine_read(&comp, source_from_text(arena, "fuzz", text, n));
    MUST((machine != NULL) == (diags_errors(comp.diags) == 0));
    return machine;
}

static CWriter *written(Arena *arena, const Machine *machine) {
    CWriter *w = cwriter_new(arena);
    machine_write(w, machine, NULL);
    return w;
}

static void fuzz_one(const uint8_t *data, size_t n) {
    Arena *arena = arena_new();
    const Machine *machine = read_text(arena, (const char *)data, n);
    if (machine) {
        CWriter *once = written(arena, machine);
        const Machine *again = read_text(arena, once->text, once->n);
        MUST(again);
        CWriter *twice = written(arena, again);
        MUST(once->n == twice->n && memcmp(once->text, twice->text, once->n) == 0);
    }
    arena_free(arena);
}
