#include "manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "diag.h"
#include "options_table.h"

/* Text with what means something to scdoc as it is. */
static void put_text(FILE *out, const char *text) {
    for (; *text; text++)
        fprintf(out, "%s%c", strchr("_*\\`", *text) ? "\\" : "", *text);
}

static void put_marked(FILE *out, char mark, const char *text) {
    putc(mark, out);
    put_text(out, text);
    putc(mark, out);
}

/* "*-o* _FILE_", "*--color=*_WHEN_", "*-W*NAME": behind a letter scdoc takes no mark. */
static void put_flag(FILE *out, const Flag *flag) {
    bool is_joined = flag->form == FLAG_JOINED;
    put_marked(out, '*', flag->name);
    if (!flag->value)
        return;
    if (!is_joined)
        putc(' ', out);
    if (is_joined && isalnum((unsigned char)flag->name[strlen(flag->name) - 1]))
        put_text(out, flag->value);
    else
        put_marked(out, '_', flag->value);
}

static void put_flags(FILE *out, size_t command) {
    for (size_t i = 0; options_flag(i); i++) {
        const Flag *flag = options_flag(i);
        if (!flag_is_of(flag, command))
            continue;
        put_flag(out, flag);
        fputs("\n\t", out);
        put_text(out, flag->help);
        fputs("\n\n", out);
    }
}

/* What --help says besides, line by line as it is. */
static void put_literal(FILE *out, const char *text) {
    fputs("```\n", out);
    fputs(text, out);
    fputs("```\n\n", out);
}

static void put_command(FILE *out, size_t c) {
    const CommandInfo *command = options_command(c);
    fputs("## dflc ", out);
    if (command->name)
        fprintf(out, "%s ", command->name);
    fprintf(out, "[options] %s\n\n%c", command->words, toupper(*command->help));
    put_text(out, command->help + 1);
    fputs(".\n\n", out);
    if (command->more)
        put_literal(out, command->more);
    put_flags(out, c);
    if (command->one) {
        fputs("Exit status 1 means: ", out);
        put_text(out, command->one);
        fputs(".\n\n", out);
    }
}

void manual_options(FILE *out) {
    fputs("# COMMANDS AND OPTIONS\n\n", out);
    for (size_t c = 0; options_command(c); c++)
        put_command(out, c);
    fputs("# WARNINGS\n\n", out);
    for (size_t i = 0; diag_warning_name(i); i++) {
        put_marked(out, '*', diag_warning_name(i));
        fputs("\n\t", out);
        put_text(out, diag_warning_help(i));
        fputs("\n\n", out);
    }
}
