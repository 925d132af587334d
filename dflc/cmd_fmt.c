/* dflc fmt: the file laid out anew, to standard output, into the file, or only compared. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "fmt/fmt.h"
#include "outfile.h"

static int print_text(FmtText text) {
    fwrite(text.text, 1, text.n, stdout);
    return end_of_output();
}

/* A file that is laid out already keeps its time stamp. */
static int write_back(Compilation *comp, const char *path, FmtText text, bool same) {
    OutFile file = {path, text.text, text.n};
    return same || outfiles_write(comp->arena, &file, 1) ? DONE : BAD_USE;
}

static int report(const char *path, bool same) {
    if (same)
        return DONE;
    printf("%s\n", path);
    int status = end_of_output();
    return status == DONE ? BAD_INPUT : status;
}

int cmd_fmt(Compilation *comp, const Options *options, const AstFile *file) {
    const Source *source = file->source;
    FmtText text = fmt_file(comp, file);
    bool same = text.n == source->n && memcmp(text.text, source->text, text.n) == 0;
    switch (options->fmt) {
    case FMT_PRINT:
        return print_text(text);
    case FMT_IN_PLACE:
        return write_back(comp, source->path, text, same);
    case FMT_CHECK:
        return report(source->path, same);
    }
    return DONE;
}
