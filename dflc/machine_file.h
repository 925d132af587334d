/* The description of a machine as a file: what `dflc calibrate` writes and --machine reads.
 *
 *     format        = 1
 *     name          = build-server
 *     cpus          = 8
 *     noisy         = no
 *     publish_ns    = 40          # 38 to 55
 *
 * One `key = value` a line, in any order; `#` begins a comment. All keys are there once, but for
 * `noisy`, `save_ns_per_kib` and `mtbf`, which may be left out, and `ranks` with its two figures, which
 * may be left out together. The whole is in formats.md. */
#ifndef DFLC_MACHINE_FILE_H
#define DFLC_MACHINE_FILE_H

#include "compilation.h"
#include "cwriter.h"
#include "machine.h"

/* The figures of a machine, in the order of the file. */
typedef enum Figure {
    FIG_PUBLISH,
    FIG_HAND_OVER,
    FIG_STAGGER,
    FIG_CLAIM,
    FIG_JOIN,
    FIG_BRANCH,
    FIG_WAKE_100US_CALLER,
    FIG_WAKE_100US_LATENCY,
    FIG_WAKE_2MS_CALLER,
    FIG_WAKE_2MS_LATENCY,
    FIG_COPY,
    FIG_SAVE,
    FIG_SAVE_PER_KIB,
    FIG_RANK_CHUNK,
    FIG_RANK_PER_KIB,
    N_FIGURES,
} Figure;

enum { MACHINE_FORMAT = 1, MACHINE_MOST_CPUS = 4096, MACHINE_MOST_RANKS = 65535, MACHINE_MOST_NS = 1000000000 };

/* "publish_ns", and what it is in a few words. */
const char *figure_key(Figure figure);
const char *figure_meaning(Figure figure);
/* Where a machine keeps it. */
int64_t *figure_of(Machine *machine, Figure figure);
/* Of ranks: the file of a machine without any does not have it. */
bool figure_is_of_ranks(Figure figure);

/* A name that can stand in the file: letters, digits, `.`, `_` and `-`, at most 64. */
bool machine_name_ok(const char *name, size_t n);

/* The machine that the text describes, in the arena of `comp`; NULL after errors in its diags. The
 * text may be anything. */
const Machine *machine_read(Compilation *comp, const Source *source);

/* How far the samples of a figure lie apart: 5 and 95 of a hundred are below. n == 0: it could not
 * be measured, and is that of the default. */
typedef struct Spread {
    int64_t low_ns, high_ns;
    size_t n;
} Spread;

/* The file's text. spreads: by Figure, or NULL for none. */
void machine_write(CWriter *w, const Machine *machine, const Spread *spreads);

#endif
