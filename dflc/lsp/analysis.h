/* The stages of the compiler, but for writing C, over a text that is being
 * written. */
#ifndef DFLC_LSP_ANALYSIS_H
#define DFLC_LSP_ANALYSIS_H

#include "dflc/ast.h"
#include "dflc/cost.h"
#include "dflc/diag_list.h"
#include "dflc/graph.h"
#include "dflc/options.h"

struct Index;

typedef struct Analysis {
    Arena *arena;
    Compilation comp;
    Source *source;
    AstFile *file;
    bool parses;               /* it has no syntax error */
    Program *program;          /* NULL: it has errors */
    const ProgramCosts *costs; /* NULL likewise */
    Diag *const *diags;        /* as on the command line, in their order */
    size_t n_diags;
    struct Index *index; /* made when it is asked for (index.h) */
} Analysis;

/* view: what stands before the files of the disk. */
Analysis *analysis_new(const Options *options, const Machine *machine, const FileView *view,
                       const char *path, const char *text, size_t n);
void analysis_free(Analysis *analysis);

#endif
