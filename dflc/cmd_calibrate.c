/* dflc calibrate: what threads and saves cost on this machine, as a file (formats.md).
 *
 * note [refusing noise]
 * A file is committed and believed for years. So a machine that was busy with something else gets
 * none, unless --noisy asks for it, and then the file says `noisy = yes`. The figures are shown
 * either way, with the reasons on standard error. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calibrate/calibrate.h"
#include "cmd.h"
#include "outfile.h"

static const int64_t MS = 1000000;

/* ---- measuring ---- */

typedef struct Measurement {
    bool (*measure)(Bench *bench, int64_t until_ns);
    unsigned share; /* of a round, in hundredths */
    bool threads;   /* it needs a second CPU */
} Measurement;

static const Measurement measurements[] = {
    {measure_hot, 8, true},     {measure_stagger, 6, true},     {measure_claim, 12, true},
    {measure_branch, 4, false}, {measure_wake_100us, 13, true}, {measure_wake_2ms, 35, true},
    {measure_copy, 4, false},   {measure_save, 18, false},
};
enum { N_MEASUREMENTS = sizeof measurements / sizeof *measurements };

static bool cannot_measure(const Bench *bench, const Measurement *m) {
    if (m->threads)
        fprintf(stderr, "dflc: cannot start a thread: %s\n", strerror(errno));
    else
        fprintf(stderr, "dflc: cannot save in '%s': %s\n", bench->directory, strerror(errno));
    return false;
}

static bool measure_round(Bench *bench, int64_t round_ns) {
    for (int i = 0; i < N_MEASUREMENTS; i++) {
        const Measurement *m = &measurements[i];
        bool possible = !m->threads || bench->cpus > 1;
        if (possible && !m->measure(bench, clock_ns() + round_ns * m->share / 100))
            return cannot_measure(bench, m);
    }
    for (Figure figure = 0; figure < N_FIGURES; figure++)
        if (!figure_is_of_ranks(figure))
            samples_end_round(&bench->figures[figure]);
    return true;
}

/* See note [rounds]. A machine on which a round takes far too long gets fewer of them. */
static bool measure_all(Bench *bench, bool quick) {
    int64_t begin = clock_ns(), whole = (quick ? 500 : 3000) * MS, latest = 4000 * MS;
    for (int round = 0; round < N_ROUNDS; round++) {
        if (clock_ns() - begin > latest)
            break;
        if (!measure_round(bench, whole / N_ROUNDS))
            return false;
    }
    return true;
}

static Bench bench_new(Arena *arena, const char *directory) {
    Bench bench = {
        .arena = arena, .work = work_calibrate(), .directory = directory, .cpus = cpus_usable()};
    for (Figure figure = 0; figure < N_FIGURES; figure++)
        bench.figures[figure].arena = arena;
    bench.round_trip.arena = arena;
    bench.save_fd = -1;
    return bench;
}

/* ---- what came of it ---- */

static Machine machine_of(const Bench *bench, const char *name, uint32_t ranks, Spread *spreads) {
    Machine machine = *machine_default();
    machine.name = name;
    machine.cpus = bench->cpus;
    machine.ranks = ranks;
    machine.mtbf_ns = 0; /* no clock tells */
    for (Figure figure = 0; figure < N_FIGURES; figure++) {
        const Samples *samples = &bench->figures[figure];
        int64_t median = samples_at(samples, 50);
        spreads[figure] = (Spread){samples_at(samples, 5), samples_at(samples, 95), samples->n};
        if (samples->n > 0)
            *figure_of(&machine, figure) = median < MACHINE_MOST_NS ? median : MACHINE_MOST_NS;
    }
    return machine;
}

/* Hundredths of what the CPUs could have done. */
static unsigned part(const Bench *bench, const Noise *noise, int64_t ns) {
    int64_t whole = noise->wall_ns / 100 * bench->cpus;
    return whole > 0 && ns > 0 ? (unsigned)(ns / whole) : 0;
}

typedef struct Reasons {
    Arena *arena;
    const char **texts;
    size_t n, cap;
} Reasons;

static void reason(Reasons *reasons, const char *text) {
    ARENA_PUSH(reasons->arena, reasons->texts, reasons->n, reasons->cap, text);
}

/* How far the medians of rounds may lie apart, in hundredths. What one CPU does alone is even. A cache
 * line takes now one way and now another: on a virtual machine with nothing else on it rounds differed
 * by up to 1.9, and by 2.1 where the kernel wakes. */
static unsigned allowed_disagreement(Figure figure) {
    bool alone = figure == FIG_BRANCH || figure == FIG_COPY;
    bool kernel = figure == FIG_SAVE ||
                  (figure >= FIG_WAKE_100US_CALLER && figure <= FIG_WAKE_2MS_LATENCY) ||
                  figure_is_of_ranks(figure);
    return alone ? 140 : kernel ? 250 : 200;
}

/* See note [noise]. */
static Reasons reasons_of(const Bench *bench, const Noise *noise) {
    enum { MOST_OTHER = 5, MOST_STOLEN = 1, MOST_SWITCHES_A_SECOND = 60 };
    Arena *arena = bench->arena;
    Reasons reasons = {.arena = arena};
    unsigned other = part(bench, noise, noise->other_ns);
    unsigned stolen = part(bench, noise, noise->stolen_ns);
    int64_t a_second = noise->switches * 1000 / (noise->wall_ns / MS + 1);
    if (other > MOST_OTHER)
        reason(&reasons, arena_printf(arena, "other programs used %u %% of its CPUs", other));
    if (stolen > MOST_STOLEN)
        reason(&reasons, arena_printf(arena, "its host took %u %% of its CPUs away", stolen));
    if (a_second > MOST_SWITCHES_A_SECOND)
        reason(&reasons, arena_printf(arena, "the measurement was interrupted %lld times a second",
                                      (long long)a_second));
    for (Figure figure = 0; figure < N_FIGURES; figure++) {
        unsigned disagree = samples_disagree(&bench->figures[figure]);
        /* A small difference of two large times: it decides nothing. */
        if (figure != FIG_SAVE_PER_KIB && disagree > allowed_disagreement(figure))
            reason(&reasons,
                   arena_printf(arena, "%s differed by a factor of %u.%02u between rounds",
                                figure_key(figure), disagree / 100, disagree % 100));
    }
    return reasons;
}

static void write_cpus(CWriter *w, const Bench *bench) {
    unsigned quota = cpus_quota_percent();
    if (quota > 0)
        cw_line(w, "# CPUs: %u allowed, a quota of %u.%02u", cpus_allowed(), quota / 100,
                quota % 100);
    else
        cw_line(w, "# CPUs: %u allowed, no quota", cpus_allowed());
    if (bench->cpus < 2)
        cw_line(w, "# One CPU: threads never pay, and their figures are those of the default.");
}

static void write_noise(CWriter *w, const Bench *bench, const Noise *noise,
                        const Reasons *reasons) {
    if (noise->other_ns >= 0)
        cw_line(w, "# other programs: %u %% of the CPUs; stolen: %u %%; interruptions: %lld",
                part(bench, noise, noise->other_ns), part(bench, noise, noise->stolen_ns),
                (long long)noise->switches);
    for (size_t i = 0; i < reasons->n; i++)
        cw_line(w, "# noisy: %s", reasons->texts[i]);
}

/* "ci/build-server.machine" to "build-server"; the host's own name is nobody's business. */
static const char *name_of(Arena *arena, const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL, *base = slash ? slash + 1 : path;
    size_t n = base ? strcspn(base, ".") : 0;
    return base && machine_name_ok(base, n) ? arena_strndup(arena, base, n) : "measured";
}

static OutFile text_of(const Bench *bench, const RanksBench *ranks, const Options *options, const Noise *noise,
                       const Reasons *reasons) {
    Spread spreads[N_FIGURES];
    Machine machine = machine_of(bench, name_of(bench->arena, options->output), ranks->n, spreads);
    const Samples *trip = &bench->round_trip;
    CWriter *w = cwriter_new(bench->arena);
    machine.noisy = reasons->n > 0;
    cw_line(w,
            "# What threads and saves cost on a machine: measured by 'dflc calibrate%s%s', read by",
            options->quick ? " --quick" : "", options->mpi ? " --mpi" : "");
    cw_line(w, "# 'dflc --machine FILE'. The format is described in dflc/formats.md.");
    write_cpus(w, bench);
    if (trip->n > 0)
        cw_line(w, "# a cache line, there and back: %lld ns (%lld to %lld)",
                (long long)samples_at(trip, 50), (long long)samples_at(trip, 5),
                (long long)samples_at(trip, 95));
    write_noise(w, bench, noise, reasons);
    if (options->mpi)
        cw_line(w, "# ranks: %lu samples, one rank at a time, started by '%s'",
                (unsigned long)bench->figures[FIG_RANK_CHUNK].n, ranks->launch);
    cw_blank(w);
    machine_write(w, &machine, spreads);
    return (OutFile){options->output, w->text, w->n};
}

/* ---- the command ---- */

static const char *directory_of(Arena *arena, const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

static void report(const Bench *bench, const Reasons *reasons) {
    if (bench->cpus < 2)
        fprintf(stderr, "dflc: there is but one CPU to be had: threads never pay\n");
    if (reasons->n > 0)
        fprintf(stderr, "dflc: this machine is noisy:\n");
    for (size_t i = 0; i < reasons->n; i++)
        fprintf(stderr, "dflc:   %s\n", reasons->texts[i]);
}

/* Writes the file, or says why not. */
static int deliver(Arena *arena, const Options *options, OutFile file, bool noisy) {
    bool kept = options->output && (!noisy || options->noisy);
    fwrite(file.text, 1, file.n, stdout);
    if (end_of_output() != DONE || (kept && !outfiles_write(arena, &file, 1)))
        return BAD_USE;
    if (!noisy || kept)
        return DONE;
    if (options->output)
        fprintf(stderr,
                "dflc: '%s' is not written; when the machine is quiet, try again, or say "
                "--noisy\n",
                options->output);
    return BAD_INPUT;
}

int cmd_calibrate(Arena *arena, const Options *options) {
    Bench bench = bench_new(arena, directory_of(arena, options->output));
    RanksBench ranks = {.arena = arena, .launch = options->mpi, .quick = options->quick};
    Noise noise = noise_begin();
    bool measured = measure_all(&bench, options->quick);
    noise_end(&noise);
    if (bench.save_fd >= 0)
        close(bench.save_fd);
    /* Not before: what others do while ranks are at work is their own doing. */
    if (!measured || (options->mpi && !measure_ranks(&ranks, &bench)))
        return BAD_USE;
    Reasons reasons = reasons_of(&bench, &noise);
    report(&bench, &reasons);
    OutFile file = text_of(&bench, &ranks, options, &noise, &reasons);
    return deliver(arena, options, file, reasons.n > 0);
}
