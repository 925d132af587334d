#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "completions.h"
#include "literal.h"
#include "manual.h"
#include "options_table.h"
#include "version.h"

/* What is being read: `error` is set once, by the first misuse. */
typedef struct Reader {
    Arena *arena;
    Options *options;
    const char *error;
    bool help, version;
    void (*listing)(FILE *out); /* what is made of the tables below; NULL: nothing */
    const struct Flag **given; /* those seen, in order */
    size_t n_given, cap_given;
} Reader;

/* ---- the commands ---- */

/* Where a flag makes sense: one bit a command. */
enum {
    COMPILE = 1u << CMD_COMPILE,
    CHECK = 1u << CMD_CHECK,
    EXPLAIN = 1u << CMD_EXPLAIN,
    GRAPH = 1u << CMD_GRAPH,
    FMT = 1u << CMD_FMT,
    NEW = 1u << CMD_NEW,
    LSP = 1u << CMD_LSP,
    FILES = COMPILE | CHECK | EXPLAIN | GRAPH, /* what looks at more than the syntax of files */
    MEANING = FILES | LSP,                     /* or of what an editor has open */
    READING = FILES | FMT,                     /* what reads .dfl files */
    CALIBRATE = 1u << CMD_CALIBRATE,
    PROFILE = 1u << CMD_PROFILE,
    STORE = 1u << CMD_STORE,
    QUEUE = 1u << CMD_QUEUE,
    TOP = 1u << CMD_TOP,
    EVERY = READING | NEW | CALIBRATE | PROFILE | STORE | QUEUE | TOP | LSP,
};

/* By Command. */
static const CommandInfo commands[] = {
    {NULL, "FILE.dfl", "compile: write FILE.c and FILE.h", NULL, NULL},
    {"check", "FILE...", "report errors and warnings, write nothing", NULL, NULL},
    {"explain", "FILE", "say what was decided, and what everything is expected to cost",
     "Times are predicted, not measured: they rest on the 'cost' attributes of nodes, and on a "
     "model\nof threads. Nothing is written but to standard output.\n",
     NULL},
    {"graph", "FILE", "draw the graphs on standard output", NULL, NULL},
    {"fmt", "FILE...", "lay the text out in the canonical way",
     "The result goes to standard output, or with -i back into the file. A file with a syntax "
     "error\n"
     "is left alone. Comments stay where they are and C bodies as they are.\n",
     NULL},
    {"new", "DIR", "make a small project that builds and runs",
     "DIR is created where it does not exist; one that is not empty is left alone.\n", NULL},
    {"calibrate", "", "measure what threads and saves cost here",
     "The machine file goes to standard output, or with -o into FILE; --machine FILE compiles for "
     "that\n"
     "machine. It takes 3 seconds, and wants the machine for itself: where what it measures does "
     "not\n"
     "agree with itself, it says so, writes no FILE, and exits with 1. Saves are timed in the\n"
     "directory of FILE. With --mpi it starts 'dflc-ranks', which libdflrt-mpi brings, as LAUNCH starts\n"
     "your programs: then sections may go to the ranks of a job, where that pays.\n",
     "a noisy machine"},
    {"profile", "FILE...", "show what runs have measured, or merge it with -o",
     "A profile is written by dfl_profile_open and by graphs compiled with -finstrument; --profile "
     "FILE\nlets every other command count with it.\n",
     NULL},
    {"store", "VERB STORE ...", "look into a checkpoint store, or change it",
     "  ls STORE                          its threads, and where each stands\n"
     "  watch STORE                       its threads live, those that were saved last at the top\n"
     "  history STORE THREAD              the checkpoints of one, newest first\n"
     "  show STORE THREAD [ID]            a checkpoint with its state; the latest, if no ID is given\n"
     "  diff STORE THREAD [ID [ID]]       what has changed, field by field: from the one before\n"
     "  fork STORE THREAD ID NEW          begin the thread NEW at a checkpoint\n"
     "  rm STORE THREAD                   remove a thread\n"
     "  prune STORE THREAD KEEP           keep its newest KEEP checkpoints\n"
     "  verify STORE                      read all of it, and say what is damaged\n"
     "  compact STORE                     give back the room of what was removed\n"
     "  export STORE [THREAD]             write it as lines of JSON on standard output\n"
     "  import STORE                      read such lines from standard input\n"
     "\nNo program is needed: a store knows what its checkpoints consist of. Programs may use it\n"
     "meanwhile. Where standard input or output is no terminal, watch writes a line for each thread that\n"
     "has changed; with --json, a line for each look.\n",
     "no such thread or checkpoint, or damage"},
    {"queue", "VERB QUEUE ...", "look into a work queue in PostgreSQL, or change it",
     "  ls QUEUE [STATE]                  its runs that are not finished; those of one state, or of all\n"
     "  show QUEUE RUN                    a run, what it asks, and its state\n"
     "  submit QUEUE GRAPH [JSON]         a run of GRAPH, with inputs from a JSON object; '-': standard input\n"
     "  answer QUEUE RUN TEXT [QUESTION]  answer what a paused run asks, so that it goes on\n"
     "  retry QUEUE RUN                   try one again that is dead or waits for its time\n"
     "  cancel QUEUE RUN                  end one that is not finished\n"
     "  stats QUEUE                       how many there are, by graph and state\n"
     "  forget QUEUE DAYS                 remove those that ended so long ago, and their keys\n"
     "\nQUEUE says which server and database, as libpq has it: \"host=db.example dbname=work\", or an\n"
     "address that begins with postgresql://. RUN is a number, or the key of a run. States are ready, suspect,\n"
     "running, waiting, paused, dead, done, cancelled. Workers are programs: see dfl_pg.h.\n",
     "no such run, or it is in a state that does not allow that"},
    {"top", "[DIR...]", "show what the runs of programs do now",
     "A program is seen that calls dfl_live_open and gives its runs these hooks. DIR is where; if none is\n"
     "given, where programs are that name none: $XDG_RUNTIME_DIR/dfl-live, else /tmp/dfl-live-UID.\n"
     "A run that is 'gone' was under way when its program ended without a word: was killed, say.\n"
     "Where standard input or output is no terminal, a line tells of each run that has gone on; with\n"
     "--json, a line for each look tells everything.\n",
     "not used"},
    {"lsp", "", "serve an editor, as the Language Server Protocol has it",
     "The editor starts it, writes requests to its standard input and reads answers from its standard output.\n"
     "Files that it has open are taken from it, others from the disk.\n",
     "the editor went away without saying 'exit' after 'shutdown'"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void misuse(Reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void misuse(Reader *r, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    if (!r->error)
        r->error = arena_vprintf(r->arena, fmt, args);
    va_end(args);
}

/* ---- values that are one of a few words ---- */

static const char *const section_words[] = {"auto", "inline", "threads", NULL};
static const char *const color_words[] = {"auto", "always", "never", NULL};
static const char *const dump_words[] = {"ast", "graph", "plan", NULL};
static const char *const diagnostic_words[] = {"text", "json", "sarif", NULL};
static const char *const draw_words[] = {"dot", "mermaid", "json", "svg", "html", NULL};
static const char *const shell_words[] = {"bash", "zsh", "fish", NULL};

/* ---- what the flags set ---- */

static void set_output(Reader *r, const char *value) {
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
    static const SectionMode modes[] = {SECTION_AUTO, SECTION_INLINE, SECTION_THREADS};
    int i = choice(r, "-fsections", value, section_words);
    r->options->sections = i < 0 ? SECTION_AUTO : modes[i];
}

static void set_machine(Reader *r, const char *value) {
    r->options->machine = value;
}

static int64_t duration(Reader *r, const char *flag, const char *value) {
    uint64_t ns;
    const char *wrong = literal_any_duration(value, strlen(value), &ns);
    if (wrong || ns == 0)
        misuse(r, "'%s' of %s is no duration above 0, such as 24h or 100us", value, flag);
    return (int64_t)ns;
}

static void set_mtbf(Reader *r, const char *value) {
    r->options->mtbf_ns = duration(r, "--mtbf", value);
}

static void set_save_price(Reader *r, const char *value) {
    r->options->save_price_ns = duration(r, "--save-price", value);
}

static void set_quick(Reader *r, const char *value) {
    (void)value;
    r->options->quick = true;
}

static void set_noisy(Reader *r, const char *value) {
    (void)value;
    r->options->noisy = true;
}

static void set_mpi(Reader *r, const char *value) {
    if (*value != '\0' && (value[strspn(value, " ")] == '\0' || strpbrk(value, "\t\r\n")))
        misuse(r, "--mpi takes words on one line, such as --mpi='mpirun -n 16'");
    r->options->mpi = *value != '\0' ? value : "mpirun";
}

static void set_color(Reader *r, const char *value) {
    static const ColorMode modes[] = {COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER};
    int i = choice(r, "--color", value, color_words);
    r->options->color = i < 0 ? COLOR_AUTO : modes[i];
}

static void set_dump(Reader *r, const char *value) {
    static const DumpKind kinds[] = {DUMP_AST, DUMP_GRAPH, DUMP_PLAN};
    int i = choice(r, "--dump", value, dump_words);
    r->options->dump = i < 0 ? DUMP_NOTHING : kinds[i];
}

static void set_diagnostics(Reader *r, const char *value) {
    static const DiagFormat formats[] = {DIAG_TEXT, DIAG_JSON, DIAG_SARIF};
    int i = choice(r, "--diagnostics", value, diagnostic_words);
    r->options->diagnostics = i < 0 ? DIAG_TEXT : formats[i];
}

static void set_depfile(Reader *r, const char *value) {
    (void)value;
    r->options->depfile = true;
}

static void set_dep_output(Reader *r, const char *value) {
    r->options->dep_output = value;
}

static void add_dep_target(Reader *r, const char *value) {
    Options *o = r->options;
    ARENA_PUSH(r->arena, o->dep_targets, o->n_dep_targets, o->cap_dep_targets, value);
}

static void set_dep_phony(Reader *r, const char *value) {
    (void)value;
    r->options->dep_phony = true;
}

static void set_draw(Reader *r, const char *value) {
    static const DrawFormat formats[] = {DRAW_DOT, DRAW_MERMAID, DRAW_JSON, DRAW_SVG, DRAW_HTML};
    int i = choice(r, "--format", value, draw_words);
    r->options->draw = i < 0 ? DRAW_DOT : formats[i];
}

static void set_costs(Reader *r, const char *value) {
    (void)value;
    r->options->costs = true;
}

static void set_trace(Reader *r, const char *value) {
    r->options->trace = value;
}

static void set_store(Reader *r, const char *value) {
    r->options->store = value;
}

static void set_thread(Reader *r, const char *value) {
    r->options->thread = value;
}

/* Above 0. */
static uint64_t number(Reader *r, const char *flag, const char *value) {
    char *end;
    errno = 0;
    uint64_t n = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || n == 0)
        misuse(r, "'%s' of %s is no number above 0", value, flag);
    return n;
}

static void set_run(Reader *r, const char *value) {
    r->options->run = number(r, "--run", value);
}

static void set_graph(Reader *r, const char *value) {
    r->options->graph = value;
}

static void set_profile(Reader *r, const char *value) {
    r->options->profile = value;
}

static void set_instrument(Reader *r, const char *value) {
    (void)value;
    r->options->instrument = true;
}

static void set_no_events(Reader *r, const char *value) {
    (void)value;
    r->options->no_events = true;
}

static void set_no_checkpoints(Reader *r, const char *value) {
    (void)value;
    r->options->no_checkpoints = true;
}

static void add_path_map(Reader *r, const char *value) {
    PathMaps *maps = &r->options->path_maps;
    const char *equals = strchr(value, '=');
    if (!equals) {
        misuse(r, "'%s' of -ffile-prefix-map is not OLD=NEW", value);
        return;
    }
    PathMap map = {arena_strndup(r->arena, value, (size_t)(equals - value)), equals + 1};
    ARENA_PUSH(r->arena, maps->items, maps->n, maps->cap, map);
}

/* "65536", "64K" or "1M". */
static void set_static_memory(Reader *r, const char *value) {
    char *end;
    unsigned long long n = *value >= '0' && *value <= '9' ? strtoull(value, &end, 10) : 0;
    unsigned shift = 0;
    if (n > 0 && (*end == 'K' || *end == 'M'))
        shift = *end++ == 'K' ? 10 : 20;
    if (n == 0 || *end || n > (UINT64_C(1) << 40) >> shift)
        misuse(r, "'%s' of -fstatic-memory is no number of bytes, such as 4096 or 64K", value);
    else
        r->options->static_bytes = (uint64_t)n << shift;
}

static void set_usdt(Reader *r, const char *value) {
    (void)value;
    r->options->usdt = true;
}

static void set_compat(Reader *r, const char *value) {
    r->options->compat = value;
}

static void set_json(Reader *r, const char *value) {
    (void)value;
    r->options->json = true;
}

static void set_key(Reader *r, const char *value) {
    r->options->key = value;
}

static void set_priority(Reader *r, const char *value) {
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (!*value || *end || errno || n < INT32_MIN || n > INT32_MAX)
        misuse(r, "'%s' of --priority is no whole number", value);
    r->options->priority = (int32_t)n;
}

static void set_after(Reader *r, const char *value) {
    r->options->after_ns = duration(r, "--after", value);
}

static void set_interval(Reader *r, const char *value) {
    r->options->interval_ns = duration(r, "--interval", value);
    if (r->options->interval_ns < 10000000)
        misuse(r, "'%s' of --interval is less than 10ms", value);
}

static void set_count(Reader *r, const char *value) {
    r->options->count = number(r, "--count", value);
}

static void set_stdio(Reader *r, const char *value) {
    (void)r;
    (void)value;
}

static void set_fmt(Reader *r, FmtMode mode) {
    FmtMode before = r->options->fmt;
    if (before != FMT_PRINT && before != mode)
        misuse(r, "-i writes the files and --check does not; give one of them");
    r->options->fmt = mode;
}

static void set_in_place(Reader *r, const char *value) {
    (void)value;
    set_fmt(r, FMT_IN_PLACE);
}

static void set_fmt_check(Reader *r, const char *value) {
    (void)value;
    set_fmt(r, FMT_CHECK);
}

static void set_help(Reader *r, const char *value) {
    (void)value;
    r->help = true;
}

static void set_version(Reader *r, const char *value) {
    (void)value;
    r->version = true;
}

static void set_completions(Reader *r, const char *value) {
    static void (*const of[])(FILE *out) = {completions_bash, completions_zsh, completions_fish};
    int i = choice(r, "--completions", value, shell_words);
    r->listing = i < 0 ? NULL : of[i];
}

static void set_manual(Reader *r, const char *value) {
    (void)value;
    r->listing = manual_options;
}

/* ---- warnings ---- */

static void add_switch(Reader *r, const char *name, WarnMode mode) {
    Options *o = r->options;
    WarningSwitch change = {name, mode};
    ARENA_PUSH(r->arena, o->warnings, o->n_warnings, o->cap_warnings, change);
}

static void add_named(Reader *r, const char *flag, const char *name, WarnMode mode) {
    Nearest nearest = nearest_to(name);
    for (size_t i = 0; diag_warning_name(i); i++) {
        if (strcmp(diag_warning_name(i), name) == 0) {
            add_switch(r, name, mode);
            return;
        }
        nearest_try(&nearest, diag_warning_name(i));
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

/* Where one name begins another the longer one stands first: the first match wins. A name may stand
 * twice, for commands to which it means different things. */
static const Flag flags[] = {
    {"-o", COMPILE, FLAG_APART, "FILE.c", "write FILE.c, and FILE.h beside it", set_output},
    {"-o", CALIBRATE, FLAG_APART, "FILE", "write the machine file FILE", set_output},
    {"--quick", CALIBRATE, FLAG_ALONE, NULL,
     "measure for half a second: a look, not a file to keep", set_quick},
    {"--noisy", CALIBRATE, FLAG_ALONE, NULL, "write FILE even if the machine is noisy; it says so",
     set_noisy},
    {"--mpi=", CALIBRATE, FLAG_JOINED, "LAUNCH",
     "measure ranks too, started by LAUNCH, such as 'mpirun -n 16'", set_mpi},
    {"--mpi", CALIBRATE, FLAG_ALONE, NULL, "the same as --mpi=mpirun", set_mpi},
    {"-d", COMPILE, FLAG_APART, "DIR", "write into DIR; without -o and -d, beside the input",
     set_directory},
    {"-I", MEANING, FLAG_APART, "DIR", "look for imports in DIR too", add_include_dir},
    {"-MD", COMPILE, FLAG_ALONE, NULL, "write FILE.d too: what FILE.c depends on, for make",
     set_depfile},
    {"-MF", COMPILE, FLAG_APART, "FILE", "with -MD: write it to FILE", set_dep_output},
    {"-MT", COMPILE, FLAG_APART, "TARGET", "with -MD: what depends, instead of FILE.c FILE.h",
     add_dep_target},
    {"-MP", COMPILE, FLAG_ALONE, NULL, "with -MD: an empty rule for each of the other files",
     set_dep_phony},
    {"--no-lines", COMPILE, FLAG_ALONE, NULL, "no #line for C bodies", set_no_lines},
    {"-fsections=", COMPILE | EXPLAIN | GRAPH, FLAG_JOINED, "MODE",
     "auto, inline or threads: overrides the analysis", set_sections},
    {"--machine", MEANING, FLAG_LONG, "FILE",
     "decide for the machine that 'dflc calibrate' described in FILE", set_machine},
    {"--mtbf", MEANING, FLAG_LONG, "TIME",
     "the mean time between failures that 'checkpoint auto' reckons with, such as 1h", set_mtbf},
    {"--save-price", MEANING, FLAG_LONG, "TIME", "and what a save takes, such as 100us",
     set_save_price},
    {"--profile", MEANING, FLAG_LONG, "FILE",
     "count with what runs have measured; 'dflc profile' shows and merges such files", set_profile},
    {"-finstrument", COMPILE, FLAG_ALONE, NULL,
     "count and time every node; GRAPH_profile_write() writes what --profile reads", set_instrument},
    {"-fno-events", COMPILE, FLAG_ALONE, NULL,
     "no code for events: runs of these graphs take no hooks", set_no_events},
    {"-fno-checkpoints", COMPILE, FLAG_ALONE, NULL,
     "no code to save states: runs of these graphs take no store", set_no_checkpoints},
    {"-fstatic-memory=", COMPILE, FLAG_JOINED, "SIZE",
     "no heap: states live in buffers of the program's, of SIZE bytes (4096, 64K)",
     set_static_memory},
    {"-ffile-prefix-map=", COMPILE, FLAG_JOINED, "OLD=NEW",
     "in what is written, files whose names begin with OLD begin with NEW", add_path_map},
    {"-fusdt", COMPILE, FLAG_ALONE, NULL,
     "probes for bpftrace, SystemTap, perf and gdb; the C needs <sys/sdt.h>", set_usdt},
    {"--format", GRAPH, FLAG_LONG, "FORMAT", "dot (the default), mermaid, json, svg or html", set_draw},
    {"--costs", GRAPH, FLAG_ALONE, NULL,
     "show in svg and html what nodes cost, and how sections run and why", set_costs},
    {"--trace", GRAPH, FLAG_LONG, "FILE",
     "lay what happened over svg or html: FILE is of dfl_trace_open", set_trace},
    {"--store", GRAPH, FLAG_LONG, "DIR",
     "lay the history of a thread over svg or html: its checkpoints in the store DIR", set_store},
    {"--thread", GRAPH, FLAG_LONG, "ID", "with --store: the thread's id", set_thread},
    {"--run", GRAPH, FLAG_LONG, "N", "of a trace, only its run N", set_run},
    {"--compat", CHECK, FLAG_LONG, "OLD.dfl",
     "report what checkpoints that OLD.dfl has saved could not be read", set_compat},
    {"--graph", EXPLAIN | GRAPH, FLAG_LONG, "NAME", "only this one of the file's graphs",
     set_graph},
    {"-o", PROFILE, FLAG_APART, "FILE", "write the merged profile FILE, and show nothing",
     set_output},
    {"--json", EXPLAIN | PROFILE | STORE | QUEUE | TOP, FLAG_ALONE, NULL,
     "for programs; formats.md names every member", set_json},
    {"--key", QUEUE, FLAG_LONG, "KEY", "of submit: no second run of this key is taken", set_key},
    {"--priority", QUEUE, FLAG_LONG, "N", "of submit: higher ones are taken first; 0 if not given",
     set_priority},
    {"--after", QUEUE, FLAG_LONG, "TIME", "of submit: not before so much time has passed, such as 1h",
     set_after},
    {"--interval", STORE, FLAG_LONG, "TIME", "of watch: how often it looks; 1s if not given",
     set_interval},
    {"--interval", TOP, FLAG_LONG, "TIME", "how often it looks; 500ms if not given", set_interval},
    {"--count", STORE, FLAG_LONG, "N", "of watch: end after N looks", set_count},
    {"--count", TOP, FLAG_LONG, "N", "end after N looks", set_count},
    {"--stdio", LSP, FLAG_ALONE, NULL, "talk over standard input and output: as it always does", set_stdio},
    {"-i", FMT, FLAG_ALONE, NULL, "write the files in place", set_in_place},
    {"--check", FMT, FLAG_ALONE, NULL, "write nothing; exit with 1 and name the files that differ",
     set_fmt_check},
    {"-Werror=", MEANING, FLAG_JOINED, "NAME", "make one warning an error", set_error},
    {"-Werror", MEANING, FLAG_ALONE, NULL, "make all warnings errors", set_all_errors},
    {"-Wno-error=", MEANING, FLAG_JOINED, "NAME", "leave one warning a warning", set_not_error},
    {"-Wno-error", MEANING, FLAG_ALONE, NULL, "leave all warnings warnings", set_no_errors},
    {"-Wno-", MEANING, FLAG_JOINED, "NAME", "turn one warning off", set_warning_off},
    {"-W", MEANING, FLAG_JOINED, "NAME", "turn one warning on (all are, by default)",
     set_warning_on},
    {"-w", MEANING, FLAG_ALONE, NULL, "turn all warnings off", set_all_off},
    {"--diagnostics=", READING, FLAG_JOINED, "FORMAT",
     "text, json (a line each, on stderr) or sarif (on stdout)", set_diagnostics},
    {"--color=", READING, FLAG_JOINED, "WHEN", "auto, always or never", set_color},
    {"--dump=", COMPILE, FLAG_JOINED, "STAGE", "print ast, graph or plan instead of writing C",
     set_dump},
    {"-h", EVERY, FLAG_ALONE, NULL, "the same as --help", set_help},
    {"--help", EVERY, FLAG_ALONE, NULL, "print this", set_help},
    {"--version", EVERY, FLAG_ALONE, NULL, "print the version", set_version},
    /* For make install; --help is silent about them. */
    {"--completions=", COMPILE, FLAG_JOINED, "SHELL", NULL, set_completions},
    {"--manual", COMPILE, FLAG_ALONE, NULL, NULL, set_manual},
};
enum { N_FLAGS = sizeof flags / sizeof *flags };

/* ---- the tables, for others ---- */

const CommandInfo *options_command(size_t i) {
    return i < N_COMMANDS ? &commands[i] : NULL;
}

const Flag *options_flag(size_t i) {
    return i < N_FLAGS ? &flags[i] : NULL;
}

bool flag_is_of(const Flag *flag, size_t command) {
    return flag->help && (flag->commands & 1u << command);
}

const char *flag_word(const Flag *flag, size_t i) {
    static const struct {
        void (*set)(Reader *r, const char *value);
        const char *const *words;
    } lists[] = {
        {set_sections, section_words},         {set_color, color_words}, {set_dump, dump_words},
        {set_diagnostics, diagnostic_words},   {set_draw, draw_words},
    };
    if (flag->value && strcmp(flag->value, "NAME") == 0 && flag->form == FLAG_JOINED)
        return diag_warning_name(i);
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        if (lists[l].set == flag->set) {
            for (size_t j = 0; j < i; j++)
                if (!lists[l].words[j])
                    return NULL;
            return lists[l].words[i];
        }
    return NULL;
}

/* ---- help ---- */

static void print_usage(const char *before, const CommandInfo *command) {
    char left[80];
    snprintf(left, sizeof left, "%s%s [options] %s", command->name ? " " : "",
             command->name ? command->name : "", command->words);
    printf("%sdflc%-26s %s\n", before, left, command->help);
}

/* Those of one command. */
static void print_flags(Command command) {
    puts("\noptions:");
    for (size_t i = 0; i < N_FLAGS; i++) {
        const Flag *flag = &flags[i];
        const char *gap = flag->form == FLAG_APART || flag->form == FLAG_LONG ? " " : "";
        char left[64];
        if (!flag_is_of(flag, command))
            continue;
        snprintf(left, sizeof left, "%s%s%s", flag->name, gap, flag->value ? flag->value : "");
        printf("  %-21s %s\n", left, flag->help);
    }
}

static void print_warnings(void) {
    puts("\nwarnings:");
    for (size_t i = 0; diag_warning_name(i); i++)
        printf("  %-21s %s\n", diag_warning_name(i), diag_warning_help(i));
}

static void print_help(Command command) {
    const CommandInfo *info = &commands[command];
    if (info->name) {
        print_usage("usage: ", info);
        printf("%s%s", info->more ? "\n" : "", info->more ? info->more : "");
    } else {
        puts("dflc compiles a graph (.dfl) to C.\n");
        for (size_t i = 0; i < N_COMMANDS; i++)
            print_usage(i == 0 ? "usage: " : "       ", &commands[i]);
        puts(
            "\n'dflc COMMAND --help' lists what a command takes. FILE may be '-', standard input;\n"
            "compiling it needs -o.");
    }
    print_flags(command);
    if (MEANING & 1u << command)
        print_warnings();
    printf("\nexit status: 0, 1 (%s), 2 (usage, or a file that cannot be read or written)\n",
           info->one ? info->one : "errors in the input");
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
        if (flags[i].help)
            nearest_try(&nearest, flags[i].name);
    misuse(r, "unknown option '%s'%s", arg, hint ? hint : nearest_hint(&nearest, r->arena));
}

static bool is_flag(const Flag *flag, const char *arg) {
    size_t n = strlen(flag->name);
    bool begins = strncmp(arg, flag->name, n) == 0;
    switch (flag->form) {
    case FLAG_ALONE:
        return begins && arg[n] == '\0';
    case FLAG_APART:
        return begins;
    case FLAG_JOINED:
        return begins && arg[n] != '\0';
    case FLAG_LONG:
        return begins && (arg[n] == '\0' || arg[n] == '=');
    }
    return false;
}

/* That of the command, or else of another one. */
static const Flag *find_flag(const char *arg, Command command) {
    const Flag *other = NULL;
    for (size_t i = 0; i < N_FLAGS; i++) {
        if (!is_flag(&flags[i], arg) || (other && strcmp(other->name, flags[i].name) != 0))
            continue;
        if (flags[i].commands & 1u << command)
            return &flags[i];
        other = other ? other : &flags[i];
    }
    return other;
}

/* Reads the option at argv[i]; returns the index of the last argument that it took. */
static int read_option(Reader *r, int argc, char **argv, int i) {
    const Flag *flag = find_flag(argv[i], r->options->command);
    if (!flag) {
        unknown(r, argv[i]);
        return i;
    }
    const char *value = argv[i] + strlen(flag->name);
    if (*value == '\0' && (flag->form == FLAG_APART || flag->form == FLAG_LONG)) {
        if (i + 1 == argc) {
            misuse(r, "%s needs a value: %s %s", flag->name, flag->name, flag->value);
            return i;
        }
        value = argv[++i];
    } else if (flag->form == FLAG_LONG) {
        value++;
    }
    flag->set(r, value);
    ARENA_PUSH(r->arena, r->given, r->n_given, r->cap_given, flag);
    return i;
}

/* The first word may be a command. */
static void read_word(Reader *r, const char *word) {
    Options *o = r->options;
    for (size_t i = 1; i < N_COMMANDS; i++)
        if (o->n_files == 0 && o->command == CMD_COMPILE && strcmp(word, commands[i].name) == 0) {
            o->command = (Command)i;
            return;
        }
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

/* ---- what no single option could know ---- */

static bool ends_in(const char *s, const char *end) {
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

static const char *command_text(Reader *r, Command command) {
    return command == CMD_COMPILE ? "compiling"
                                  : arena_printf(r->arena, "'dflc %s'", commands[command].name);
}

static unsigned commands_with(const char *name) {
    unsigned with = 0;
    for (size_t i = 0; i < N_FLAGS; i++)
        with |= strcmp(flags[i].name, name) == 0 ? flags[i].commands : 0;
    return with;
}

/* An option of another command. */
static void check_given(Reader *r) {
    for (size_t i = 0; i < r->n_given; i++) {
        const Flag *flag = r->given[i];
        Command owner = CMD_COMPILE;
        if (commands_with(flag->name) & 1u << r->options->command)
            continue;
        while (!(flag->commands & 1u << owner))
            owner++;
        misuse(r, "%.*s has no use in %s; it belongs to %s", (int)strcspn(flag->name, "="),
               flag->name, command_text(r, r->options->command), command_text(r, owner));
        return;
    }
}

/* `dflc chekc a.dfl` reads as a file of that name. */
static bool is_misspelled_command(Reader *r) {
    const char *word = r->options->files[0];
    Nearest nearest = nearest_to(word);
    if (r->options->command != CMD_COMPILE || strpbrk(word, "./"))
        return false;
    for (size_t i = 1; i < N_COMMANDS; i++)
        nearest_try(&nearest, commands[i].name);
    if (nearest.best)
        misuse(r, "unknown command '%s'%s", word, nearest_hint(&nearest, r->arena));
    return nearest.best;
}

static void check_compile(Reader *r) {
    const Options *o = r->options;
    const char *file = o->files[0];
    bool is_stdin = strcmp(file, "-") == 0;
    if (o->output && !ends_in(o->output, ".c"))
        misuse(r, "-o names the C file, so '%s' should end in .c", o->output);
    else if (o->output && o->directory)
        misuse(r, "-o already says where; -d has no use");
    else if (is_stdin && !o->output)
        misuse(r, "standard input has no name; say with -o what to write");
    else if (!is_stdin && !o->output && !ends_in(file, ".dfl"))
        misuse(r, "'%s' does not end in .dfl; say with -o what to write", file);
    else if (o->instrument && o->no_events)
        misuse(r, "-finstrument counts events; with -fno-events there are none");
    else if (o->static_bytes && o->sections == SECTION_THREADS)
        misuse(r, "-fstatic-memory has no threads: -fsections=threads has no use");
    else if (o->static_bytes && o->instrument)
        misuse(r, "-finstrument counts on the heap; with -fstatic-memory there is none");
    else if (!o->depfile && (o->dep_output || o->n_dep_targets || o->dep_phony))
        misuse(r, "%s has no use without -MD",
               o->dep_output      ? "-MF"
               : o->n_dep_targets ? "-MT"
                                  : "-MP");
}

static void check_dump(Reader *r) {
    const Options *o = r->options;
    if (o->output || o->directory || o->depfile)
        misuse(r, "nothing is written here; %s has no use",
               o->output      ? "-o"
               : o->directory ? "-d"
                              : "-MD");
}

static void check_fmt(Reader *r) {
    const Options *o = r->options;
    for (size_t i = 0; i < o->n_files; i++)
        if (o->fmt == FMT_IN_PLACE && strcmp(o->files[i], "-") == 0)
            misuse(r, "standard input has no place to write to; leave out -i");
}

static void check_graph(Reader *r) {
    const Options *o = r->options;
    if ((o->trace || o->store) && o->draw != DRAW_SVG && o->draw != DRAW_HTML)
        misuse(r, "%s is laid over a picture; say --format svg or --format html",
               o->trace ? "--trace" : "--store");
    else if (o->trace && o->store)
        misuse(r, "--trace and --store tell of different runs; give one of them");
    else if (!o->store != !o->thread)
        misuse(r, o->store ? "--store needs a thread: --thread ID" : "--thread has no use without --store");
    else if (o->trace && strcmp(o->trace, "-") == 0 && strcmp(o->files[0], "-") == 0)
        misuse(r, "standard input cannot be the graph and the trace");
    else if (o->run && !o->trace)
        misuse(r, "--run has no use without --trace");
}

static void check_calibrate(Reader *r) {
    if (r->options->n_files > 0)
        misuse(r, "'dflc calibrate' reads no file; to write '%s', say -o", r->options->files[0]);
}

static void check_lsp(Reader *r) {
    if (r->options->n_files > 0)
        misuse(r, "'dflc lsp' is given its files by an editor; '%s' has no use", r->options->files[0]);
}

static void check_together(Reader *r) {
    const Options *o = r->options;
    bool own_stdout = o->command == CMD_EXPLAIN || o->command == CMD_GRAPH ||
                      o->command == CMD_FMT || o->dump != DUMP_NOTHING;
    bool one_only = o->command != CMD_CHECK && o->command != CMD_FMT &&
                    o->command != CMD_PROFILE && o->command != CMD_STORE && o->command != CMD_QUEUE &&
                    o->dump == DUMP_NOTHING;
    check_given(r);
    if (r->error)
        return;
    if (o->command == CMD_TOP)
        return;
    if (o->command == CMD_CALIBRATE)
        check_calibrate(r);
    else if (o->command == CMD_LSP)
        check_lsp(r);
    else if (o->n_files == 0)
        misuse(r, o->command == CMD_NEW     ? "no directory: dflc new DIR"
                  : o->command == CMD_STORE ? "no verb: dflc store VERB STORE ..."
                  : o->command == CMD_QUEUE ? "no verb: dflc queue VERB QUEUE ..."
                                            : "no input file");
    else if (is_misspelled_command(r))
        return;
    else if (one_only && o->n_files > 1)
        misuse(r, "one %s at a time; '%s' is a second one",
               o->command == CMD_NEW ? "directory" : "file", o->files[1]);
    else if (own_stdout && o->diagnostics == DIAG_SARIF)
        misuse(r, "sarif goes to standard output, which is taken here; 'dflc check' can write it");
    else if (o->dump != DUMP_NOTHING)
        check_dump(r);
    else if (o->command == CMD_COMPILE)
        check_compile(r);
    else if (o->command == CMD_FMT)
        check_fmt(r);
    else if (o->command == CMD_GRAPH)
        check_graph(r);
}

int options_parse(Arena *arena, int argc, char **argv, Options *options) {
    Reader r = {.arena = arena, .options = options};
    read_all(&r, argc, argv);
    if (!r.error && r.help) {
        print_help(options->command);
        return 0;
    }
    if (!r.error && r.listing) {
        r.listing(stdout);
        return 0;
    }
    if (!r.error && r.version) {
        puts("dflc " DFLC_VERSION);
        return 0;
    }
    check_together(&r);
    if (!r.error)
        return -1;
    fprintf(stderr, "dflc: %s (see dflc%s%s --help)\n", r.error,
            commands[options->command].name ? " " : "",
            commands[options->command].name ? commands[options->command].name : "");
    return 2;
}
