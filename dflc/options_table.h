/* The commands and flags of dflc as options.c has them, for those who tell of them. */
#ifndef DFLC_OPTIONS_TABLE_H
#define DFLC_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct CommandInfo {
    const char *name; /* NULL: what dflc does without one */
    const char *words, *help;
    const char *more; /* what its own --help says besides */
    const char *one;  /* what exit status 1 means; NULL: errors in the input */
} CommandInfo;

typedef enum FlagForm {
    FLAG_ALONE,  /* --no-lines */
    FLAG_APART,  /* -o FILE, -oFILE */
    FLAG_JOINED, /* --color=WHEN, -Wno-NAME */
    FLAG_LONG,   /* --format=F, --format F */
} FlagForm;

struct Reader;

typedef struct Flag {
    const char *name;
    unsigned commands; /* that have it: one bit for each Command */
    FlagForm form;
    const char *value; /* how --help calls it */
    const char *help;  /* NULL: not told to people */
    void (*set)(struct Reader *r, const char *value);
} Flag;

/* By Command, the first being what dflc does without one; NULL behind the last. */
const CommandInfo *options_command(size_t i);
/* In the order of --help; NULL behind the last. A name may come again, for other commands. */
const Flag *options_flag(size_t i);
/* Whether --help of the command tells of it. */
bool flag_is_of(const Flag *flag, size_t command);
/* The i-th of the words that its value is one of; NULL behind the last, or when it may be anything. */
const char *flag_word(const Flag *flag, size_t i);

#endif
