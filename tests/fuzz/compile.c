// Any text as a .dfl file, through all that dflc does with one: compiled, drawn, laid out, and again; what comes of it is C.
// corpus: tests/exec/*.dfl tests/reject/*.dfl tests/warn/*.dfl tests/fmt/*.dfl tests/emit/*.dfl samples/*/*.dfl
// quick: 400; full: 2000000
#define _GNU_SOURCE
#include "fuzz.h"

#include "ast.h"
#include "codegen/codegen.h"
#include "compilation.h"
#include "cost.h"
#include "draw.h"
#include "draw/html.h"
#include "draw/scene.h"
#include "draw/svg.h"
#include "fmt/fmt.h"
#include "plan.h"
#include "sema/sema.h"
#include "warn/warn.h"

/* Files that it imports are not read: it says where it lies. */
static const char path[] = "/nonexistent/fuzz.dfl";

static Compilation begin(Arena *arena) {
    return (Compilation){arena, interner_new(arena), diags_new(arena)};
}

static FmtText laid_out(Arena *arena, const char *text, size_t n) {
    Compilation comp = begin(arena);
    AstFile *file = ast_parse(&comp, source_from_text(arena, path, text, n));
    MUST(diags_errors(comp.diags) == 0);
    return fmt_file(&comp, file);
}

static void check_layout(Compilation *comp, const AstFile *file) {
    FmtText once = fmt_file(comp, file), again = laid_out(comp->arena, once.text, once.n);
    MUST(again.n == once.n && memcmp(again.text, once.text, once.n) == 0);
}

static void draw_each(Compilation *comp, const Program *program, const ProgramCosts *costs) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    Options options = {.costs = true};
    Drawing d = {.comp = comp, .options = &options, .program = program, .costs = costs};
    MUST(out);
    for (size_t i = 0; i < program->n_graphs; i++)
        ARENA_PUSH(comp->arena, d.graphs, d.n_graphs, d.cap_graphs, program->graphs[i]);
    draw_json(&d, out);
    drawing_expand(&d);
    d.out = cwriter_new(comp->arena);
    draw_dot(&d);
    draw_mermaid(&d);
    svg_write(scene_of(&d), false, out);
    MUST(html_write(scene_of(&d), out));
    fclose(out);
    free(text);
}

/* ---- what is accepted compiles without a warning ---- */

/* C of the author's own may be anything. */
static bool has_foreign_c(const char *text, size_t n) {
    return memmem(text, n, "{%", 2) || memmem(text, n, "include", 7) || memmem(text, n, "handle", 6);
}

static void write_text(const char *path_, const CWriter *w) {
    FILE *out = fopen(path_, "w");
    MUST(out && fwrite(w->text, 1, w->n, out) == w->n);
    MUST(fclose(out) == 0);
}

/* A compiler takes a thousand times as long as dflc: every few of the inputs that come so far, $FUZZ_COMPILES in all. */
static bool is_due(void) {
    static unsigned long accepted, compiled;
    const char *most = getenv("FUZZ_COMPILES");
    if (!most || accepted++ % 5 != 0 || compiled >= strtoul(most, NULL, 10))
        return false;
    compiled++;
    return true;
}

static void check_c(const Output *out) {
    char command[4096];
    const char *here = __FILE__;
    write_text("fuzz.h", out->header);
    write_text("fuzz.c", out->source);
    snprintf(command, sizeof command,
             "${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -I'%.*s../../runtime' "
             "fuzz.c", (int)(strrchr(here, '/') + 1 - here), here);
    MUST(system(command) == 0);
}

static void compile(Compilation *comp, AstFile *file, bool plain) {
    Program *program = sema_program(comp, file, NULL, 0);
    if (diags_errors(comp->diags) > 0)
        return;
    graph_check(program);
    const ProgramCosts *costs = cost_program(comp, program, (CostOptions){.machine = machine_default()});
    warn_program(comp, program, costs);
    if (diags_errors(comp->diags) > 0)
        return;
    Plan *plan = plan_program(comp, program, costs);
    plan->stem = "fuzz";
    plan->c_path = "fuzz.c";
    plan->lines = true;
    Output out = codegen_program(comp, plan);
    MUST(out.source->n > 0 && out.header->n > 0);
    draw_each(comp, program, costs);
    if (plain && is_due())
        check_c(&out);
}

static void fuzz_one(const uint8_t *data, size_t n) {
    Arena *arena = arena_new();
    Compilation comp = begin(arena);
    AstFile *file = ast_parse(&comp, source_from_text(arena, path, (const char *)data, n));
    if (diags_errors(comp.diags) == 0) {
        check_layout(&comp, file);
        compile(&comp, file, !has_foreign_c((const char *)data, n));
    }
    arena_free(arena);
}
