/* The canonical layout of a .dfl file.
 *
 * Works on the tokens of a file without syntax errors, so that every token keeps its spelling, and
 * on the comments between them. What is on a line and what is aligned depends on the tokens alone,
 * but for three things that are the author's: where a blank line stands (one is kept), whether an
 * enum, a struct or a state is on one line, and whether a comment stands on a line of its own,
 * behind the code of a line, or inside it. So the result, laid out again, stays as it is. */
#ifndef DFLC_FMT_H
#define DFLC_FMT_H

#include "dflc/ast.h"

typedef struct FmtText {
    const char *text;
    size_t n;
} FmtText;

/* The file laid out anew; false: that would lose a token or a comment. */
bool fmt_lay(Compilation *comp, const AstFile *file, FmtText *text);
/* The same. Aborts with a message if that would lose a token or a comment. */
FmtText fmt_file(Compilation *comp, const AstFile *file);

#endif
