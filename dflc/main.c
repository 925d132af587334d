/* The driver: the options, the stages in their order, the exit status.
 *
 *     0  done        1  errors in the input        2  usage, or a file that cannot be used */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ast.h"
#include "cmd.h"
#include "codegen/codegen.h"
#include "compat.h"
#include "depfile.h"
#include "machine_file.h"
#include "options.h"
#include "outfile.h"
#include "plan.h"
#include "profile.h"
#include "sema/sema.h"
#include "warn/warn.h"

/* What one run of the command is about. */
typedef struct Driver {
    const Options *options;
    const Machine *machine; /* that decisions are made for */
    Sarif *sarif; /* collects everything; NULL: each stage's findings are printed at once */
} Driver;

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

/* Says what the stages have found so far, and whether to stop. */
static bool failed(Driver *driver, Compilation *comp) {
    if (driver->sarif)
        sarif_add(driver->sarif, comp->diags);
    else if (driver->options->diagnostics == DIAG_JSON)
        diags_write_json(comp->diags, stderr);
    else
        diags_print(comp->diags, stderr, use_color(driver->options));
    return diags_errors(comp->diags) > 0;
}

static int cannot_read(const char *path) {
    fprintf(stderr, "dflc: cannot read '%s': %s\n", path, strerror(errno));
    return BAD_USE;
}

/* stdout may be a full disk. */
int end_of_output(void) {
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

/* Nothing escapes a character of an #include. */
static bool can_be_included(const char *stem) {
    if (!stem[strcspn(stem, "\"\\\n")])
        return true;
    fprintf(stderr, "dflc: C cannot include a header called '%s.h': choose another name with -o\n", stem);
    return false;
}

static int write_output(Compilation *comp, const Options *options, Plan *plan, const char *path) {
    const char *named = options->output ? options->output : path;
    const char *directory = options->output ? NULL : options->directory;
    const char *c_path = outfile_name(comp->arena, named, directory, ".c");
    plan->stem = stem_of(comp->arena, c_path);
    if (!can_be_included(plan->stem))
        return BAD_USE;
    plan->lines = !options->no_lines;
    plan->instrument = options->instrument;
    plan->no_events = options->no_events;
    plan->no_checkpoints = options->no_checkpoints;
    plan->path_maps = options->path_maps;
    plan->static_bytes = options->static_bytes;
    plan->usdt = options->usdt;
    plan->c_path = arena_printf(comp->arena, "%s.c", plan->stem);
    Output out = codegen_program(comp, plan);
    const char *h_path = outfile_name(comp->arena, named, directory, ".h");
    OutFile files[] = {
        {c_path, out.source->text, out.source->n},
        {h_path, out.header->text, out.header->n},
        depfile(comp->arena, options, plan->program, c_path, h_path),
    };
    return outfiles_write(comp->arena, files, options->depfile ? 3 : 2) ? DONE : BAD_USE;
}

/* Held against the program, which is what tells what of it is stale. */
static int read_profile(Driver *driver, Compilation *comp, const Program *program,
                        const Profile **profile) {
    Source *source = source_read(comp->arena, driver->options->profile);
    ProfileFile file = {0};
    if (!source)
        return cannot_read(driver->options->profile);
    profile_file_read(comp, source, &file);
    if (diags_errors(comp->diags) == 0)
        *profile = profile_fit(comp, &file, program);
    return failed(driver, comp) ? BAD_INPUT : DONE;
}

/* The older version, read for itself: nothing is said of it but its errors. */
static int check_compat(Driver *driver, Compilation *comp, const Program *program) {
    const Options *options = driver->options;
    Compilation older = compilation_new(comp->arena, options);
    Source *source = source_read(comp->arena, options->compat);
    if (!source)
        return cannot_read(options->compat);
    AstFile *file = ast_parse(&older, source);
    if (failed(driver, &older))
        return BAD_INPUT;
    Program *was = sema_program(&older, file, options->include_dirs, options->n_include_dirs);
    if (failed(driver, &older))
        return BAD_INPUT;
    graph_check(was);
    compat_check(comp, was, program);
    return failed(driver, comp) ? BAD_INPUT : DONE;
}

/* What an option leaves out, and a section with `ranks` cannot do without. */
static void check_ranks(Compilation *comp, const Options *options, const Program *program) {
    if (options->no_checkpoints)
        ranks_refuse(comp, program, "-fno-checkpoints", "what goes to a rank is written as checkpoints are");
    if (options->static_bytes)
        ranks_refuse(comp, program, "-fstatic-memory", "what goes to a rank takes a heap");
}

/* The stages, one after another; each begins only where those before it found no error. */
static int compile(Driver *driver, Arena *arena, const char *path) {
    const Options *options = driver->options;
    Compilation comp = compilation_new(arena, options);
    Source *source = source_read(arena, path);
    if (!source)
        return cannot_read(path);

    AstFile *file = ast_parse(&comp, source);
    if (failed(driver, &comp))
        return BAD_INPUT;
    if (options->command == CMD_FMT)
        return cmd_fmt(&comp, options, file);
    if (options->dump == DUMP_AST) {
        ast_dump(file, stdout);
        return end_of_output();
    }
    Program *program = sema_program(&comp, file, options->include_dirs, options->n_include_dirs);
    if (diags_errors(comp.diags) == 0)
        check_ranks(&comp, options, program);
    if (failed(driver, &comp))
        return BAD_INPUT;
    graph_check(program);
    if (options->dump == DUMP_GRAPH) {
        graph_dump(program, stdout);
        return end_of_output();
    }
    const Profile *profile = NULL;
    if (options->profile) {
        int status = read_profile(driver, &comp, program, &profile);
        if (status != DONE)
            return status;
    }
    CostOptions cost_by = {.sections = options->sections,
                           .no_threads = options->static_bytes > 0,
                           .no_checkpoints = options->no_checkpoints,
                           .machine = driver->machine,
                           .profile = profile,
                           .mtbf_ns = options->mtbf_ns,
                           .save_price_ns = options->save_price_ns};
    const ProgramCosts *costs = cost_program(&comp, program, cost_by);
    warn_program(&comp, program, costs);
    Diags *advice = options->command == CMD_EXPLAIN ? explain_advice(comp.diags) : NULL;
    if (failed(driver, &comp))
        return BAD_INPUT;
    if (options->command == CMD_CHECK)
        return options->compat ? check_compat(driver, &comp, program) : DONE;
    if (options->command == CMD_EXPLAIN)
        return cmd_explain(&comp, options, program, costs, advice);
    if (options->command == CMD_GRAPH)
        return cmd_graph(&comp, options, program, costs);

    Plan *plan = plan_program(&comp, program, costs);
    if (options->dump == DUMP_PLAN) {
        plan_dump(plan, stdout);
        return end_of_output();
    }
    return write_output(&comp, options, plan, path);
}

/* The machine file, read once for all of the files; NULL with *status set when it is of no use. */
static const Machine *read_machine(Driver *driver, Arena *arena, int *status) {
    Compilation comp = compilation_new(arena, driver->options);
    Source *source = source_read(arena, driver->options->machine);
    if (!source) {
        *status = cannot_read(driver->options->machine);
        return NULL;
    }
    const Machine *machine = machine_read(&comp, source);
    *status = failed(driver, &comp) ? BAD_INPUT : DONE;
    return machine;
}

/* The profiles are read one after another into one. */
static int profile(Driver *driver, Arena *arena) {
    const Options *options = driver->options;
    Compilation comp = compilation_new(arena, options);
    ProfileFile file = {0};
    for (size_t i = 0; i < options->n_files; i++) {
        Source *source = source_read(arena, options->files[i]);
        if (!source)
            return cannot_read(options->files[i]);
        profile_file_read(&comp, source, &file);
    }
    return failed(driver, &comp) ? BAD_INPUT : cmd_profile(&comp, options, &file);
}

/* Each file is a compilation of its own; the worst status is that of the whole. */
static int compile_all(Driver *driver) {
    int worst = DONE;
    for (size_t i = 0; i < driver->options->n_files; i++) {
        Arena *arena = arena_new();
        int status = compile(driver, arena, driver->options->files[i]);
        worst = status > worst ? status : worst;
        arena_free(arena);
    }
    return worst;
}

static int run(Arena *arena, const Options *options) {
    Driver driver = {options, machine_default(), NULL};
    int status = DONE;
    if (options->command == CMD_NEW)
        return cmd_new(arena, options->files[0]);
    if (options->command == CMD_CALIBRATE)
        return cmd_calibrate(arena, options);
    if (options->command == CMD_STORE)
        return cmd_store(arena, options);
    if (options->command == CMD_QUEUE)
        return cmd_queue(arena, options);
    if (options->command == CMD_TOP)
        return cmd_top(arena, options);
    if (options->command == CMD_PROFILE)
        return profile(&driver, arena);
    if (options->diagnostics == DIAG_SARIF)
        driver.sarif = sarif_new(arena);
    if (options->machine)
        driver.machine = read_machine(&driver, arena, &status);
    if (driver.machine)
        status = options->command == CMD_LSP ? cmd_lsp(options, driver.machine) : compile_all(&driver);
    if (driver.sarif) {
        sarif_write(driver.sarif, stdout, status);
        int written = end_of_output();
        status = written > status ? written : status;
    }
    return status;
}

int main(int argc, char **argv) {
    Arena *arena = arena_new();
    Options options = {.command = CMD_COMPILE};
    int status = options_parse(arena, argc, argv, &options);
    if (status < 0)
        status = run(arena, &options);
    arena_free(arena);
    return status;
}
