/* The command line. One table of flags serves reading it and --help. */
#ifndef DFLC_OPTIONS_H
#define DFLC_OPTIONS_H

#include "diag.h"
#include "graph.h"
#include "pathmap.h"

typedef enum Command {
    CMD_COMPILE,
    CMD_CHECK,
    CMD_EXPLAIN,
    CMD_GRAPH,
    CMD_FMT,
    CMD_NEW,
    CMD_CALIBRATE,
    CMD_PROFILE,
    CMD_STORE,
    CMD_QUEUE,
    CMD_TOP,
    CMD_LSP,
} Command;
typedef enum DumpKind { DUMP_NOTHING, DUMP_AST, DUMP_GRAPH, DUMP_PLAN } DumpKind;
typedef enum ColorMode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorMode;
typedef enum DiagFormat { DIAG_TEXT, DIAG_JSON, DIAG_SARIF } DiagFormat;
typedef enum DrawFormat { DRAW_DOT, DRAW_MERMAID, DRAW_JSON, DRAW_SVG, DRAW_HTML } DrawFormat;
typedef enum FmtMode { FMT_PRINT, FMT_IN_PLACE, FMT_CHECK } FmtMode;

typedef struct WarningSwitch {
    const char *name;        /* NULL: all */
    WarnMode mode;
} WarningSwitch;

typedef struct Options {
    Command command;
    const char **files;      /* as given; "-" is standard input. CMD_COMPILE, CMD_EXPLAIN and
                                CMD_GRAPH have exactly one; of CMD_PROFILE they are profiles; of CMD_NEW it is the directory;
                                CMD_CALIBRATE has none; of CMD_STORE and CMD_QUEUE they are the verb and its words;
                                of CMD_TOP directories, maybe none; CMD_LSP has none */
    size_t n_files, cap_files;
    const char *output;      /* -o FILE.c; NULL: named after the input. Of CMD_CALIBRATE the machine
                                file; NULL: standard output */
    const char *directory;   /* -d DIR */
    const char **include_dirs;
    size_t n_include_dirs, cap_include_dirs;
    bool no_lines;
    SectionMode sections;
    const char *machine;     /* --machine FILE; NULL: machine_default() */
    int64_t mtbf_ns, save_price_ns;   /* --mtbf, --save-price; 0: not given */
    const char *profile;     /* --profile FILE; NULL: none */
    bool instrument;         /* -finstrument */
    bool no_events;          /* -fno-events */
    bool no_checkpoints;     /* -fno-checkpoints */
    PathMaps path_maps;      /* -ffile-prefix-map, in order */
    uint64_t static_bytes;   /* -fstatic-memory; 0: not given */
    bool usdt;               /* -fusdt */
    bool quick, noisy;       /* of CMD_CALIBRATE */
    const char *mpi;         /* of it: what starts a program on all ranks; NULL: they are not measured */
    DumpKind dump;
    ColorMode color;
    DiagFormat diagnostics;
    bool depfile, dep_phony;       /* -MD, -MP */
    const char *dep_output;        /* -MF FILE */
    const char **dep_targets;      /* -MT TARGET, each as given */
    size_t n_dep_targets, cap_dep_targets;
    DrawFormat draw;
    bool costs;                    /* --costs, of graph */
    const char *trace;             /* --trace FILE, of graph; NULL: none */
    uint64_t run;                  /* --run N; 0: all */
    const char *store, *thread;    /* --store DIR, --thread ID; NULL: none */
    const char *graph;             /* --graph NAME; NULL: all of the file */
    const char *compat;            /* --compat OLD.dfl, of check; NULL: none */
    bool json;                     /* --json, of explain, profile, store, queue and top */
    const char *key;               /* --key, of queue submit; NULL: none */
    int32_t priority;              /* --priority, of it */
    int64_t after_ns;              /* --after, of it; 0: at once */
    int64_t interval_ns;           /* --interval, of what goes on; 0: not given */
    uint64_t count;                /* --count; 0: not given */
    FmtMode fmt;
    WarningSwitch *warnings;
    size_t n_warnings, cap_warnings;
} Options;

/* Returns -1 to go on, or the exit status: 0 after --help and --version (printed on stdout), 2
 * after a misuse (one line on stderr says which). */
int options_parse(Arena *arena, int argc, char **argv, Options *options);

#endif
