/* The commands besides compiling: each returns the exit status. */
#ifndef DFLC_CMD_H
#define DFLC_CMD_H

#include "ast.h"
#include "cost.h"
#include "graph.h"
#include "options.h"
#include "profile_file.h"

/* The exit status of every command. */
enum { DONE = 0, BAD_INPUT = 1, BAD_USE = 2 };

/* Lays a file out (it has no syntax error): to standard output, into the file, or as a check. */
int cmd_fmt(Compilation *comp, const Options *options, const AstFile *file);
/* Draws the program on standard output. */
int cmd_graph(Compilation *comp, const Options *options, const Program *program,
              const ProgramCosts *costs);
/* Explains the program on standard output; advice: what the warnings say of its costs. */
int cmd_explain(Compilation *comp, const Options *options, const Program *program,
                const ProgramCosts *costs, Diags *advice);
/* Takes what cmd_explain shows itself out of what the warnings have found. */
Diags *explain_advice(Diags *diags);
/* Makes a project in a directory. */
int cmd_new(Arena *arena, const char *directory);
/* Shows a profile on standard output, or writes it. */
int cmd_profile(Compilation *comp, const Options *options, const ProfileFile *file);
/* Measures this machine. BAD_INPUT: it is noisy. */
int cmd_calibrate(Arena *arena, const Options *options);

/* Looks into a checkpoint store, or changes it. BAD_INPUT: what was asked for is not there, or damage. */
int cmd_store(Arena *arena, const Options *options);

/* Looks into a work queue in PostgreSQL, or changes it. BAD_INPUT: what was asked for is not there. */
int cmd_queue(Arena *arena, const Options *options);

/* Shows what the runs of programs do now, again and again. */
int cmd_top(Arena *arena, const Options *options);

/* Serves an editor over standard input and output. BAD_INPUT: it went away without a word. */
int cmd_lsp(const Options *options, const Machine *machine);

/* The graphs of the file, or the one called for with --graph, which may be an imported one. */
typedef struct GraphList {
    const Graph **all;
    size_t n, cap;
} GraphList;
/* False after a line on stderr: there is none of that name. */
bool choose_graphs(Arena *arena, const Options *options, const Program *program, GraphList *out);

/* Ends what a command wrote to standard output, which may be a full disk: DONE, or BAD_USE after a
 * line on stderr. */
int end_of_output(void);

#endif
