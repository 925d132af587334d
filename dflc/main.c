/* The driver: the options, the stages in their order, the exit status.
 *
 *     0  done        1  errors in the input        2  usage, or a file that cannot be used */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ast.h"
#include "codegen/codegen.h"
#include "options.h"
#include "outfile.h"
#include "plan.h"
#include "sema/sema.h"

enum { DONE = 0, BAD_INPUT = 1, BAD_USE = 2 };

static Compilation compilation_new(Arena *arena, const Options *options) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    for (size_t i = 0; i < options->n_warnings; i++)
        diags_warning_switch(comp.diags, options->warnings[i].name, options->warnings[i].mode);
    return comp;
}

static bool use_color(const Options *options) {
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

/* Prints what the stages have found so far; says whether to stop. */
static bool failed(Compilation *comp, const Options *options) {
    diags_print(comp->diags, stderr, use_color(options));
    return diags_errors(comp->diags) > 0;
}

static int cannot_read(const char *path) {
    fprintf(stderr, "dflc: cannot read '%s': %s\n", path, strerror(errno));
    return BAD_USE;
}

/* stdout may be a full disk. */
static int end_of_dump(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return DONE;
    fprintf(stderr, "dflc: cannot write to standard output: %s\n", strerror(errno));
    return BAD_USE;
}

/* "out/finance.c" to "finance": what the header's guard and the #include are named after. */
static const char *stem_of(Arena *arena, const char *c_path) {
    const char *slash = strrchr(c_path, '/'), *base = slash ? slash + 1 : c_path;
    const char *dot = strrchr(base, '.');
    return arena_strndup(arena, base, dot ? (size_t)(dot - base) : strlen(base));
}

static int write_output(Compilation *comp, const Options *options, Plan *plan, const char *path) {
    const char *named = options->output ? options->output : path;
    const char *directory = options->output ? NULL : options->directory;
    const char *c_path = outfile_name(comp->arena, named, directory, ".c");
    plan->stem = stem_of(comp->arena, c_path);
    plan->lines = !options->no_lines;
    plan->c_path = arena_printf(comp->arena, "%s.c", plan->stem);
    Output out = codegen_program(comp, plan);
    OutFile files[] = {
        {c_path, out.source->text, out.source->n},
        {outfile_name(comp->arena, named, directory, ".h"), out.header->text, out.header->n},
    };
    return outfiles_write(comp->arena, files, 2) ? DONE : BAD_USE;
}

/* The stages, one after another; each begins only where those before it found no error. */
static int compile(Arena *arena, const Options *options, const char *path) {
    Compilation comp = compilation_new(arena, options);
    Source *source = source_read(arena, path);
    if (!source)
        return cannot_read(path);

    AstFile *file = ast_parse(&comp, source);
    if (failed(&comp, options))
        return BAD_INPUT;
    if (options->dump == DUMP_AST) {
        ast_dump(file, stdout);
        return end_of_dump();
    }
    Program *program = sema_program(&comp, file);
    if (failed(&comp, options))
        return BAD_INPUT;
    graph_check(program);
    if (options->dump == DUMP_GRAPH) {
        graph_dump(program, stdout);
        return end_of_dump();
    }
    if (options->command == CMD_CHECK)
        return DONE;

    Plan *plan = plan_program(&comp, program, options->sections);
    if (options->dump == DUMP_PLAN) {
        plan_dump(plan, stdout);
        return end_of_dump();
    }
    return write_output(&comp, options, plan, path);
}

/* Each file is a compilation of its own; the worst status is that of the whole. */
static int compile_all(const Options *options) {
    int worst = DONE;
    for (size_t i = 0; i < options->n_files; i++) {
        Arena *arena = arena_new();
        int status = compile(arena, options, options->files[i]);
        worst = status > worst ? status : worst;
        arena_free(arena);
    }
    return worst;
}

int main(int argc, char **argv) {
    Arena *arena = arena_new();
    Options options = {.command = CMD_COMPILE};
    int status = options_parse(arena, argc, argv, &options);
    if (status < 0)
        status = compile_all(&options);
    arena_free(arena);
    return status;
}
