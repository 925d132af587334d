#include "options.h"

#include <string.h>

#define VERSION "0.1.0"

/* What is being read: `error` is set once, by the first misuse. */
typedef struct Reader {
    Arena *arena;
    Options *options;
    const char *error;
    bool help, version;
} Reader;

typedef enum FlagForm {
    FLAG_ALONE,  /* --no-lines */
    FLAG_APART,  /* -o FILE, -oFILE */
    FLAG_JOINED, /* --color=WHEN, -Wno-NAME */
} FlagForm;

typedef struct Flag {
    const char *name;
    FlagForm form;
    const char *value; /* how --help calls it */
    const char *help;
    void (*set)(Reader *r, const char *value);
} Flag;

static void misuse(Reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void misuse(Reader *r, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    if (!r->error)
        r->error = arena_vprintf(r->arena, fmt, args);
    va_end(args);
}

/* ---- what the flags set ---- */

static void set_output(Reader *r, const char *value) {
    size_t n = strlen(value);
    if (n < 3 || strcmp(value + n - 2, ".c") != 0)
        misuse(r, "-o names the C file, so '%s' should end in .c", value);
    r->options->output = value;
}

static void set_directory(Reader *r, const char *value) {
    r->options->directory = value;
}

static void add_include_dir(Reader *r, const char *value) {
    Options *o = r->options;
    ARENA_PUSH(r->arena, o->include_dirs, o->n_include_dirs, o->cap_include_dirs, value);
}

static void set_no_lines(Reader *r, const char *value) {
    (void)value;
    r->options->no_lines = true;
}

/* The position of value in a NULL-terminated list, or -1 and a misuse that shows the list. */
static int choice(Reader *r, const char *flag, const char *value, const char *const *list) {
    const char *all = "";
    for (int i = 0; list[i]; i++) {
        if (strcmp(value, list[i]) == 0)
            return i;
        all = arena_printf(r->arena, "%s%s%s", all, i ? ", " : "", list[i]);
    }
    misuse(r, "unknown value '%s' of %s; it is one of %s", value, flag, all);
    return -1;
}

static void set_sections(Reader *r, const char *value) {
    static const char *const list[] = {"auto", "inline", "threads", NULL};
    static const SectionMode modes[] = {SECTION_AUTO, SECTION_INLINE, SECTION_THREADS};
    int i = choice(r, "-fsections", value, list);
    r->options->sections = i < 0 ? SECTION_AUTO : modes[i];
}

static void set_color(Reader *r, const char *value) {
    static const char *const list[] = {"auto", "always", "never", NULL};
    static const ColorMode modes[] = {COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER};
    int i = choice(r, "--color", value, list);
    r->options->color = i < 0 ? COLOR_AUTO : modes[i];
}

static void set_dump(Reader *r, const char *value) {
    static const char *const list[] = {"ast", "graph", "plan", NULL};
    static const DumpKind kinds[] = {DUMP_AST, DUMP_GRAPH, DUMP_PLAN};
    int i = choice(r, "--dump", value, list);
    r->options->dump = i < 0 ? DUMP_NOTHING : kinds[i];
}

static void set_help(Reader *r, const char *value) {
    (void)value;
    r->help = true;
}

static void set_version(Reader *r, const char *value) {
    (void)value;
    r->version = true;
}

/* ---- warnings ---- */

static void add_switch(Reader *r, const char *name, WarnMode mode) {
    Options *o = r->options;
    WarningSwitch change = {name, mode};
    ARENA_PUSH(r->arena, o->warnings, o->n_warnings, o->cap_warnings, change);
}

static void add_named(Reader *r, const char *flag, const char *name, WarnMode mode) {
    Nearest nearest = nearest_to(name);
    for (const char *const *known = diag_warning_names(); *known; known++) {
        if (strcmp(*known, name) == 0) {
            add_switch(r, name, mode);
            return;
        }
        nearest_try(&nearest, *known);
    }
    misuse(r, "no warning is called '%s' (in %s%s)%s", name, flag, name,
           nearest_hint(&nearest, r->arena));
}

static void set_all_off(Reader *r, const char *value) {
    (void)value;
    add_switch(r, NULL, WARN_OFF);
}

static void set_all_errors(Reader *r, const char *value) {
    (void)value;
    add_switch(r, NULL, WARN_ERROR);
}

static void set_no_errors(Reader *r, const char *value) {
    (void)value;
    add_switch(r, NULL, WARN_NOT_ERROR);
}

static void set_error(Reader *r, const char *name) {
    add_named(r, "-Werror=", name, WARN_ERROR);
}

static void set_not_error(Reader *r, const char *name) {
    add_named(r, "-Wno-error=", name, WARN_NOT_ERROR);
}

static void set_warning_off(Reader *r, const char *name) {
    add_named(r, "-Wno-", name, WARN_OFF);
}

static void set_warning_on(Reader *r, const char *name) {
    add_named(r, "-W", name, WARN_ON);
}

/* ---- the table ---- */

/* Where one name begins another the longer one stands first: the first match wins. */
static const Flag flags[] = {
    {"-o", FLAG_APART, "FILE.c", "write FILE.c, and FILE.h beside it", set_output},
    {"-d", FLAG_APART, "DIR", "write into DIR; without -o and -d, beside the input", set_directory},
    {"-I", FLAG_APART, "DIR", "look for imports in DIR too", add_include_dir},
    {"--no-lines", FLAG_ALONE, NULL, "no #line for C bodies", set_no_lines},
    {"-fsections=", FLAG_JOINED, "MODE", "auto, inline or threads: overrides the analysis",
     set_sections},
    {"-Werror=", FLAG_JOINED, "NAME", "make one warning an error", set_error},
    {"-Werror", FLAG_ALONE, NULL, "make all warnings errors", set_all_errors},
    {"-Wno-error=", FLAG_JOINED, "NAME", "leave one warning a warning", set_not_error},
    {"-Wno-error", FLAG_ALONE, NULL, "leave all warnings warnings", set_no_errors},
    {"-Wno-", FLAG_JOINED, "NAME", "turn one warning off", set_warning_off},
    {"-W", FLAG_JOINED, "NAME", "turn one warning on (all are, by default)", set_warning_on},
    {"-w", FLAG_ALONE, NULL, "turn all warnings off", set_all_off},
    {"--color=", FLAG_JOINED, "WHEN", "auto, always or never", set_color},
    {"--dump=", FLAG_JOINED, "STAGE", "print ast, graph or plan instead of writing C", set_dump},
    {"-h", FLAG_ALONE, NULL, "the same as --help", set_help},
    {"--help", FLAG_ALONE, NULL, "print this", set_help},
    {"--version", FLAG_ALONE, NULL, "print the version", set_version},
};
enum { N_FLAGS = sizeof flags / sizeof *flags };

static void print_help(void) {
    puts("dflc compiles a graph (.dfl) to C.\n\n"
         "usage: dflc [options] FILE.dfl       write FILE.c and FILE.h\n"
         "       dflc [options] check FILE...  report errors and warnings, write nothing\n\n"
         "FILE may be '-', standard input; compiling it needs -o.\n\n"
         "options:");
    for (size_t i = 0; i < N_FLAGS; i++) {
        const Flag *flag = &flags[i];
        const char *gap = flag->form == FLAG_APART ? " " : "";
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", flag->name, gap, flag->value ? flag->value : "");
        printf("  %-18s %s\n", left, flag->help);
    }
    puts("\nwarnings:");
    for (const char *const *name = diag_warning_names(); *name; name++)
        printf("  %s\n", *name);
    puts("\nexit status: 0, 1 (errors in the input), 2 (usage, or a file that cannot be read or "
         "written)");
}

/* ---- reading ---- */

static const char *equals_hint(Arena *arena, const char *arg) {
    for (size_t i = 0; i < N_FLAGS; i++) {
        size_t n = strlen(flags[i].name);
        bool takes_equals = flags[i].name[n - 1] == '=';
        if (takes_equals && strlen(arg) == n - 1 && strncmp(arg, flags[i].name, n - 1) == 0)
            return arena_printf(arena, ", did you mean '%s%s'?", flags[i].name, flags[i].value);
    }
    return NULL;
}

static void unknown(Reader *r, const char *arg) {
    const char *hint = equals_hint(r->arena, arg);
    const char *equals = strchr(arg, '=');
    size_t n = equals ? (size_t)(equals - arg) + 1 : strlen(arg); /* --colr=auto: of --colr= */
    Nearest nearest = nearest_to(arena_strndup(r->arena, arg, n));
    for (size_t i = 0; i < N_FLAGS; i++)
        nearest_try(&nearest, flags[i].name);
    misuse(r, "unknown option '%s'%s", arg, hint ? hint : nearest_hint(&nearest, r->arena));
}

static const Flag *find_flag(const char *arg) {
    for (size_t i = 0; i < N_FLAGS; i++) {
        size_t n = strlen(flags[i].name);
        bool exact = strcmp(arg, flags[i].name) == 0;
        bool begins = strncmp(arg, flags[i].name, n) == 0;
        if (flags[i].form == FLAG_JOINED ? begins && arg[n] != '\0'
                                         : exact || (flags[i].form == FLAG_APART && begins))
            return &flags[i];
    }
    return NULL;
}

/* Reads the option at argv[i]; returns the index of the last argument that it took. */
static int read_option(Reader *r, int argc, char **argv, int i) {
    const Flag *flag = find_flag(argv[i]);
    if (!flag) {
        unknown(r, argv[i]);
        return i;
    }
    const char *value = argv[i] + strlen(flag->name);
    if (flag->form == FLAG_APART && *value == '\0') {
        if (i + 1 == argc) {
            misuse(r, "%s needs a value: %s %s", flag->name, flag->name, flag->value);
            return i;
        }
        value = argv[++i];
    }
    flag->set(r, value);
    return i;
}

static void read_word(Reader *r, const char *word) {
    Options *o = r->options;
    if (o->n_files == 0 && o->command == CMD_COMPILE && strcmp(word, "check") == 0)
        o->command = CMD_CHECK;
    else
        ARENA_PUSH(r->arena, o->files, o->n_files, o->cap_files, word);
}

static void read_all(Reader *r, int argc, char **argv) {
    bool options_end = false;
    for (int i = 1; i < argc && !r->error; i++) {
        const char *arg = argv[i];
        if (options_end || arg[0] != '-' || arg[1] == '\0')
            read_word(r, arg);
        else if (strcmp(arg, "--") == 0)
            options_end = true;
        else
            i = read_option(r, argc, argv, i);
    }
}

static bool ends_in(const char *s, const char *end) {
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

/* What no single option could know. */
static void check_together(Reader *r) {
    const Options *o = r->options;
    if (o->n_files == 0) {
        misuse(r, "no input file");
        return;
    }
    if (o->command == CMD_CHECK || o->dump != DUMP_NOTHING) {
        if (o->output || o->directory)
            misuse(r, "nothing is written here; %s has no use", o->output ? "-o" : "-d");
        return;
    }
    const char *file = o->files[0];
    if (o->n_files > 1)
        misuse(r, "one file at a time; '%s' is a second one", o->files[1]);
    else if (o->output && o->directory)
        misuse(r, "-o already says where; -d has no use");
    else if (strcmp(file, "-") == 0 && !o->output)
        misuse(r, "standard input has no name; say with -o what to write");
    else if (strcmp(file, "-") != 0 && !o->output && !ends_in(file, ".dfl"))
        misuse(r, "'%s' does not end in .dfl; say with -o what to write", file);
}

int options_parse(Arena *arena, int argc, char **argv, Options *options) {
    Reader r = {.arena = arena, .options = options};
    read_all(&r, argc, argv);
    if (!r.error && r.help) {
        print_help();
        return 0;
    }
    if (!r.error && r.version) {
        puts("dflc " VERSION);
        return 0;
    }
    check_together(&r);
    if (!r.error)
        return -1;
    fprintf(stderr, "dflc: %s (see dflc --help)\n", r.error);
    return 2;
}
