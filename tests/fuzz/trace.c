// Any text as a trace, laid over a drawing of the program that made the traces of the corpus.
// corpus: tests/fuzz/trace/*
// quick: 1000; full: 5000000
#define _GNU_SOURCE
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "ast.h"
#include "draw/html.h"
#include "draw/scene.h"
#include "sema/sema.h"
#include "trace/overlay.h"

static const char program_text[] =
    "graph traced {\n"
    "    state { n : i64; total : i64 merge sum; xs : i64[]; }\n"
    "    node first (inout n); node again (inout n); node left (out total); node right (out total);\n"
    "    node each_one (in x : i64, out total); node last (in total, inout n);\n"
    "    start -> first -> again -> when { n < 3 -> again; else -> fan; }\n"
    "    fan : [left, right] -> each x in xs [each_one] -> last -> end;\n"
    "    limit steps 100;\n"
    "}\n";

static void lay(Arena *arena, Trace *trace) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    Options options = {0};
    const char *why = NULL;
    char *text = NULL;
    size_t n = 0;
    AstFile *file = ast_parse(&comp, source_from_text(arena, "traced.dfl", program_text, sizeof program_text - 1));
    Program *program = sema_program(&comp, file, NULL, 0);
    MUST(diags_errors(comp.diags) == 0);
    graph_check(program);
    const ProgramCosts *costs = cost_program(&comp, program, (CostOptions){.machine = machine_default()});
    Drawing d = {.comp = &comp, .options = &options, .program = program, .costs = costs};
    ARENA_PUSH(arena, d.graphs, d.n_graphs, d.cap_graphs, program->graphs[0]);
    drawing_expand(&d);
    d.overlay = overlay_lay(&d, trace, 0, &why);
    MUST(d.overlay || (why && *why));
    if (!d.overlay)
        return;
    FILE *out = open_memstream(&text, &n);
    MUST(out && html_write(scene_of(&d), out));
    fclose(out);
    free(text);
}

static void fuzz_one(const uint8_t *data, size_t n) {
    char path[64];
    const char *why = NULL;
    int fd = memfd_create("trace", 0);
    MUST(fd >= 0 && write(fd, data, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    Arena *arena = arena_new();
    Trace *trace = trace_read(arena, path, &why);
    MUST(trace || (why && *why));
    if (trace)
        lay(arena, trace);
    arena_free(arena);
    close(fd);
}
