#include "diag.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "diag_list.h"
#include "excerpt.h"

/* Of each: what nobody reads is not worth a scroll of it. */
enum { MOST_SHOWN = 50 };

typedef struct Warning {
    const char *name; /* NULL: the switch for all */
    bool off_set, off, error_set, error;
} Warning;

struct Diags {
    Arena *arena;
    Diag **all;
    size_t n, cap;
    size_t n_errors, n_arrived;
    const Source **sources;
    size_t n_sources, cap_sources;
    Warning *switches;
    size_t n_switches, cap_switches;
};

Diags *diags_new(Arena *arena) {
    Diags *diags = ARENA_NEW(arena, Diags);
    diags->arena = arena;
    return diags;
}

/* ---- warning switches ---- */

typedef struct WarningName {
    const char *name, *help;
} WarningName;

/* In the order of the manual. */
static const WarningName warnings[] = {
    {"unused-field", "a field that is never read, or never written and without a default"},
    {"dead-write", "a value that is overwritten on every path before it is read"},
    {"unset-read", "a field that is read on some path before anything wrote it"},
    {"unbounded-loop", "a cycle with neither 'max' nor 'limit steps'"},
    {"unreachable-arm", "a guard that can never be the first true one"},
    {"missing-cost", "a branch without a cost: inline or threads is a guess"},
    {"small-parallel", "a section that runs inline because it would lose by threading"},
    {"unbalanced-parallel", "one branch is most of a section: more threads cannot help"},
    {"large-copy", "a fork that must copy more than 64 KiB"},
    {"cheap-checkpoint", "a save that costs more than the work it protects"},
    {"effect-unsaved", "an 'effect' in a graph that never checkpoints"},
    {"could-parallel", "adjacent nodes without dependences whose costs would pay for a fork"},
    {"stale-profile", "a profile of a graph that has changed since: what no longer fits"},
};
enum { N_WARNINGS = sizeof warnings / sizeof *warnings };

const char *diag_warning_name(size_t i) {
    return i < N_WARNINGS ? warnings[i].name : NULL;
}

const char *diag_warning_help(size_t i) {
    return warnings[i].help;
}

static bool same_switch(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static Warning *find_switch(const Diags *diags, const char *name) {
    for (size_t i = 0; i < diags->n_switches; i++)
        if (same_switch(diags->switches[i].name, name))
            return &diags->switches[i];
    return NULL;
}

void diags_warning_switch(Diags *diags, const char *name, WarnMode mode) {
    Warning *warning = find_switch(diags, name);
    if (!warning) {
        Warning fresh = {.name = name};
        ARENA_PUSH(diags->arena, diags->switches, diags->n_switches, diags->cap_switches, fresh);
        warning = &diags->switches[diags->n_switches - 1];
    }
    if (mode == WARN_ON || mode == WARN_OFF) {
        warning->off_set = true;
        warning->off = mode == WARN_OFF;
        return;
    }
    warning->error_set = true;
    warning->error = mode == WARN_ERROR;
    if (name && mode == WARN_ERROR) { /* -Werror=NAME also turns the warning on, as in gcc */
        warning->off_set = true;
        warning->off = false;
    }
}

static bool warning_is_off(const Diags *diags, const char *name) {
    const Warning *own = find_switch(diags, name), *all = find_switch(diags, NULL);
    return own && own->off_set ? own->off : all && all->off;
}

static bool warning_is_error(const Diags *diags, const char *name) {
    const Warning *own = find_switch(diags, name), *all = find_switch(diags, NULL);
    return own && own->error_set ? own->error : all && all->error;
}

/* ---- collecting ---- */

/* Diagnostics without a place come first; the sources follow in order of first use. */
static size_t source_rank(Diags *diags, const Source *source) {
    if (!source)
        return 0;
    for (size_t i = diags->n_sources; i > 0; i--)
        if (diags->sources[i - 1] == source)
            return i;
    ARENA_PUSH(diags->arena, diags->sources, diags->n_sources, diags->cap_sources, source);
    return diags->n_sources;
}

static Diag *add(Diags *diags, Span at, bool is_error, const char *fmt, va_list args) {
    Diag *diag = ARENA_NEW(diags->arena, Diag);
    diag->arena = diags->arena;
    diag->severity = is_error ? "error" : "warning";
    diag->text = arena_vprintf(diags->arena, fmt, args);
    diag->at = at;
    diag->is_error = is_error;
    diag->source_rank = source_rank(diags, at.source);
    diag->number = diags->n_arrived++;
    diags->n_errors += is_error;
    ARENA_PUSH(diags->arena, diags->all, diags->n, diags->cap, diag);
    return diag;
}

Diag *diag_error(Diags *diags, Span at, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    Diag *diag = add(diags, at, true, fmt, args);
    va_end(args);
    return diag;
}

Diag *diag_warning(Diags *diags, Span at, const char *name, const char *fmt, ...) {
    if (warning_is_off(diags, name))
        return NULL;
    bool is_error = warning_is_error(diags, name);
    va_list args;
    va_start(args, fmt);
    Diag *diag = add(diags, at, is_error, fmt, args);
    va_end(args);
    diag->warning = name;
    return diag;
}

void diag_also(Diag *diag, Span span) {
    if (diag)
        diag->also = span;
}

void diag_note(Diag *diag, Span at, const char *fmt, ...) {
    if (!diag)
        return;
    va_list args;
    va_start(args, fmt);
    Note note = {at, arena_vprintf(diag->arena, fmt, args)};
    va_end(args);
    ARENA_PUSH(diag->arena, diag->notes, diag->n_notes, diag->cap_notes, note);
}

static bool is_one_of(const Diag *diag, const char *const *names) {
    for (; *names && diag->warning && !diag->is_error; names++)
        if (strcmp(diag->warning, *names) == 0)
            return true;
    return false;
}

Diags *diags_split(Diags *diags, const char *const *names) {
    Diags *apart = diags_new(diags->arena);
    size_t kept = 0;
    for (size_t i = 0; i < diags->n; i++) {
        if (is_one_of(diags->all[i], names))
            ARENA_PUSH(apart->arena, apart->all, apart->n, apart->cap, diags->all[i]);
        else
            diags->all[kept++] = diags->all[i];
    }
    diags->n = kept;
    return apart;
}

size_t diags_errors(const Diags *diags) {
    return diags->n_errors;
}

/* ---- printing ---- */

typedef struct Paint {
    const char *place, *error, *warning, *note, *off;
} Paint;

/* gcc's default colors. */
static const Paint colors = {"\33[1m", "\33[1;31m", "\33[1;35m", "\33[1;36m", "\33[m"};
static const Paint plain = {"", "", "", "", ""};

/* "review.dfl:14:15:", or "dflc:" for what has no place. */
static void print_place(FILE *out, Span at, const Paint *paint) {
    fputs(paint->place, out);
    if (at.source) {
        uint32_t line, column;
        source_position(at.source, at.begin, &line, &column);
        fprintf(out, "%s:%u:%u:", at.source->path, (unsigned)line, (unsigned)column);
    } else {
        fputs("dflc:", out);
    }
    fprintf(out, "%s ", paint->off);
}

static void print_note(FILE *out, const Note *note, const Paint *paint) {
    print_place(out, note->at, paint);
    fprintf(out, "%snote:%s %s\n", paint->note, paint->off, note->text);
}

static void print_diag(FILE *out, const Diag *diag, const Paint *paint) {
    const char *color = diag->is_error ? paint->error : paint->warning;
    print_place(out, diag->at, paint);
    fprintf(out, "%s%s:%s %s", color, diag->severity, paint->off, diag->text);
    if (diag->warning)
        fprintf(out, " [%s-W%s%s%s]", color, diag->is_error ? "error=" : "", diag->warning,
                paint->off);
    fputc('\n', out);
    if (diag->at.source)
        excerpt_print(out, diag->at, diag->also, color, paint->off);
    for (size_t i = 0; i < diag->n_notes; i++)
        print_note(out, &diag->notes[i], paint);
}

static int by_place(const void *a, const void *b) {
    const Diag *x = *(Diag *const *)a, *y = *(Diag *const *)b;
    if (x->source_rank != y->source_rank)
        return x->source_rank < y->source_rank ? -1 : 1;
    if (x->at.begin != y->at.begin)
        return x->at.begin < y->at.begin ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

Diag *const *diags_take(Diags *diags, size_t *n) {
    Diag **all = diags->all;
    *n = diags->n;
    if (*n)
        qsort(all, *n, sizeof *all, by_place);
    diags->all = NULL;
    diags->n = diags->cap = 0;
    return all;
}

static void print_rest(FILE *out, const char *what, size_t n) {
    if (n > MOST_SHOWN)
        fprintf(out, "dflc: %zu more %s%s not shown\n", n - MOST_SHOWN, what,
                n == MOST_SHOWN + 1 ? "" : "s");
}

void diags_print(Diags *diags, FILE *out, bool color) {
    size_t n, n_errors = 0, n_warnings = 0;
    Diag *const *all = diags_take(diags, &n);
    for (size_t i = 0; i < n; i++) {
        size_t *of_its_kind = all[i]->is_error ? &n_errors : &n_warnings;
        if (++*of_its_kind <= MOST_SHOWN)
            print_diag(out, all[i], color ? &colors : &plain);
    }
    print_rest(out, "warning", n_warnings);
    print_rest(out, "error", n_errors);
}
