#include "machine_file.h"

#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "units.h"

/* ---- the keys ---- */

typedef struct FigureInfo {
    const char *key, *meaning;
    size_t offset; /* in Machine */
} FigureInfo;

/* By Figure. */
static const FigureInfo figures[] = {
    {"publish_ns", "the caller hands out a section", offsetof(Machine, publish_ns)},
    {"hand_over_ns", "until an awake worker has seen it", offsetof(Machine, hand_over_ns)},
    {"stagger_ns", "until the next one has, and the next", offsetof(Machine, stagger_ns)},
    {"claim_ns", "to take a chunk of it", offsetof(Machine, claim_ns)},
    {"join_ns", "until the caller sees that a worker is done", offsetof(Machine, join_ns)},
    {"branch_ns", "a branch's frame, there and back", offsetof(Machine, branch_ns)},
    {"wake_100us_caller_ns", "to wake a worker after 100 us, for the caller",
     offsetof(Machine, after_100us.caller_ns)},
    {"wake_100us_latency_ns", "and until that worker runs",
     offsetof(Machine, after_100us.latency_ns)},
    {"wake_2ms_caller_ns", "to wake a worker after 2 ms, for the caller",
     offsetof(Machine, after_2ms.caller_ns)},
    {"wake_2ms_latency_ns", "and until that worker runs", offsetof(Machine, after_2ms.latency_ns)},
    {"copy_ns_per_kib", "to copy a field, a KiB", offsetof(Machine, copy_ns_per_kib)},
    {"save_ns", "until 256 bytes are durable", offsetof(Machine, save_ns)},
    {"save_ns_per_kib", "and each KiB more", offsetof(Machine, save_ns_per_kib)},
    {"rank_chunk_ns", "a chunk on a rank, besides its work", offsetof(Machine, rank_chunk_ns)},
    {"rank_ns_per_kib", "and each KiB that goes there or comes back", offsetof(Machine, rank_ns_per_kib)},
};
_Static_assert(sizeof figures / sizeof *figures == N_FIGURES, "one row a figure");

const char *figure_key(Figure figure) {
    return figures[figure].key;
}

const char *figure_meaning(Figure figure) {
    return figures[figure].meaning;
}

int64_t *figure_of(Machine *machine, Figure figure) {
    return (int64_t *)(void *)((char *)machine + figures[figure].offset);
}

bool figure_is_of_ranks(Figure figure) {
    return figure == FIG_RANK_CHUNK || figure == FIG_RANK_PER_KIB;
}

/* All keys: first the figures, then the others. */
enum { KEY_FORMAT = N_FIGURES, KEY_NAME, KEY_CPUS, KEY_NOISY, KEY_MTBF, KEY_RANKS, N_KEYS };

static const char *const other_keys[] = {"format", "name", "cpus", "noisy", "mtbf", "ranks"};

static const char *key_text(int key) {
    return key < N_FIGURES ? figures[key].key : other_keys[key - N_FIGURES];
}

static bool is_of_ranks(int key) {
    return key == KEY_RANKS || (key < N_FIGURES && figure_is_of_ranks((Figure)key));
}

/* ---- reading ---- */

typedef struct FileReader {
    Compilation *comp;
    const Source *source;
    Machine *machine;
    Span seen[N_KEYS]; /* where each key stands; source NULL: not yet */
    bool foreign;      /* of another format: no line behind that means anything */
} FileReader;

/* Far above what anybody writes, and a bound for the number of messages. */
static const size_t MOST_BYTES = 64 * 1024;

static Diag *error_at(FileReader *f, Span at, const char *text) {
    return diag_error(f->comp->diags, at, "%s", text);
}

static const char *text_of(FileReader *f, Span at) {
    return arena_strndup(f->comp->arena, f->source->text + at.begin, at.end - at.begin);
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* Without the white space at both ends. */
static Span trimmed(const Source *source, size_t begin, size_t end) {
    while (begin < end && is_space(source->text[begin]))
        begin++;
    while (end > begin && is_space(source->text[end - 1]))
        end--;
    return (Span){source, (uint32_t)begin, (uint32_t)end};
}

/* Letters, digits and `extra`. */
static bool is_word(const char *s, size_t n, const char *extra) {
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    (c && strchr(extra, c));
        if (!good)
            return false;
    }
    return n > 0;
}

bool machine_name_ok(const char *name, size_t n) {
    enum { LONGEST = 64 };
    return n <= LONGEST && is_word(name, n, "._-");
}

/* A key, or -1 after an error. */
static int read_key(FileReader *f, Span at) {
    const char *text = text_of(f, at);
    Nearest nearest = nearest_to(text);
    if (!is_word(text, at.end - at.begin, "_")) {
        error_at(f, at, "expected 'key = value'");
        return -1;
    }
    for (int key = 0; key < N_KEYS; key++) {
        if (strcmp(text, key_text(key)) == 0)
            return key;
        nearest_try(&nearest, key_text(key));
    }
    diag_error(f->comp->diags, at, "a machine has no '%.64s'%s", text,
               nearest_hint(&nearest, f->comp->arena));
    return -1;
}

/* A whole number from 0 to `most`, or -1 after an error. */
static int64_t read_number(FileReader *f, int key, Span at, int64_t most) {
    int64_t value = 0;
    for (uint32_t i = at.begin; i < at.end; i++) {
        char c = f->source->text[i];
        if (c < '0' || c > '9') {
            diag_error(f->comp->diags, at, "'%s' is a whole number%s", key_text(key),
                       key < N_FIGURES ? ", in nanoseconds" : "");
            return -1;
        }
        value = value * 10 + (c - '0');
        if (value > most) {
            diag_error(f->comp->diags, at, "'%s' is at most %lld", key_text(key), (long long)most);
            return -1;
        }
    }
    return value;
}

static void read_format(FileReader *f, Span at) {
    int64_t format = read_number(f, KEY_FORMAT, at, INT32_MAX);
    f->foreign = format != MACHINE_FORMAT;
    if (format >= 0 && f->foreign)
        diag_error(f->comp->diags, at, "this dflc reads format %d; 'dflc calibrate' writes it anew",
                   MACHINE_FORMAT);
}

static void read_name(FileReader *f, Span at) {
    const char *name = text_of(f, at);
    if (machine_name_ok(name, at.end - at.begin))
        f->machine->name = name;
    else
        error_at(f, at, "a name has letters, digits, '.', '_' and '-', at most 64");
}

static void read_noisy(FileReader *f, Span at) {
    const char *value = text_of(f, at);
    f->machine->noisy = strcmp(value, "yes") == 0;
    if (!f->machine->noisy && strcmp(value, "no") != 0)
        error_at(f, at, "'noisy' is yes or no");
}

static void read_mtbf(FileReader *f, Span at) {
    uint64_t ns;
    const char *wrong = literal_any_duration(f->source->text + at.begin, at.end - at.begin, &ns);
    f->machine->mtbf_ns = (int64_t)ns;
    if (wrong || ns == 0)
        error_at(f, at, "'mtbf' is a duration above 0, such as 24h or 90m");
}

static void read_value(FileReader *f, int key, Span at) {
    if (at.begin == at.end)
        diag_error(f->comp->diags, at, "'%s' has no value", key_text(key));
    else if (key < N_FIGURES)
        *figure_of(f->machine, (Figure)key) = read_number(f, key, at, MACHINE_MOST_NS);
    else if (key == KEY_FORMAT)
        read_format(f, at);
    else if (key == KEY_NAME)
        read_name(f, at);
    else if (key == KEY_CPUS)
        f->machine->cpus = (uint32_t)read_number(f, key, at, MACHINE_MOST_CPUS);
    else if (key == KEY_RANKS)
        f->machine->ranks = (uint32_t)read_number(f, key, at, MACHINE_MOST_RANKS);
    else if (key == KEY_MTBF)
        read_mtbf(f, at);
    else
        read_noisy(f, at);
}

/* The key stands here; false after an error if it did elsewhere. */
static bool first_time(FileReader *f, int key, Span at) {
    if (f->seen[key].source) {
        Diag *diag = diag_error(f->comp->diags, at, "'%s' is given twice", key_text(key));
        diag_note(diag, f->seen[key], "the first one is here");
        return false;
    }
    f->seen[key] = at;
    return true;
}

static void read_line(FileReader *f, size_t begin, size_t end) {
    const char *text = f->source->text, *comment = memchr(text + begin, '#', end - begin);
    if (comment)
        end = (size_t)(comment - text);
    Span line = trimmed(f->source, begin, end);
    if (line.begin == line.end)
        return;
    const char *equals = memchr(text + line.begin, '=', line.end - line.begin);
    if (!equals) {
        error_at(f, line, "expected 'key = value'");
        return;
    }
    Span at = trimmed(f->source, line.begin, (size_t)(equals - text));
    int key = read_key(f, at.begin < at.end ? at : line);
    if (key >= 0 && first_time(f, key, at))
        read_value(f, key, trimmed(f->source, (size_t)(equals - text) + 1, line.end));
}

static void read_lines(FileReader *f) {
    const Source *source = f->source;
    static const char mark[] = "\xef\xbb\xbf"; /* that some editors begin UTF-8 with */
    size_t at = source->n >= 3 && memcmp(source->text, mark, 3) == 0 ? 3 : 0;
    while (at < source->n && !f->foreign) {
        const char *newline = memchr(source->text + at, '\n', source->n - at);
        size_t end = newline ? (size_t)(newline - source->text) : source->n;
        read_line(f, at, end);
        at = end + 1;
    }
}

/* Files may be older than what they lack; and what is said of ranks is all said, or nothing. */
static bool is_optional(const FileReader *f, int key) {
    if (is_of_ranks(key))
        return !f->seen[KEY_RANKS].source && !f->seen[FIG_RANK_CHUNK].source && !f->seen[FIG_RANK_PER_KIB].source;
    return key == KEY_NOISY || key == KEY_MTBF || key == FIG_SAVE_PER_KIB;
}

/* One message for all that is missing. */
static void check_complete(FileReader *f) {
    const char *missing = NULL;
    for (int key = 0; key < N_KEYS; key++)
        if (!f->seen[key].source && !is_optional(f, key))
            missing = missing ? arena_printf(f->comp->arena, "%s, '%s'", missing, key_text(key))
                              : arena_printf(f->comp->arena, "'%s'", key_text(key));
    if (missing)
        diag_error(f->comp->diags, (Span){f->source, 0, 0}, "this machine file lacks %s", missing);
}

const Machine *machine_read(Compilation *comp, const Source *source) {
    FileReader f = {.comp = comp, .source = source, .machine = ARENA_NEW(comp->arena, Machine)};
    size_t before = diags_errors(comp->diags);
    if (source->n > MOST_BYTES) {
        error_at(&f, (Span){source, 0, 0}, "this is no machine file: it is above 64 KiB");
        return NULL;
    }
    f.machine->save_ns_per_kib = machine_default()->save_ns_per_kib;
    read_lines(&f);
    if (diags_errors(comp->diags) == before)
        check_complete(&f);
    return diags_errors(comp->diags) == before ? f.machine : NULL;
}

/* ---- writing ---- */

static void write_figure(CWriter *w, const Machine *machine, Figure figure, const Spread *spread) {
    Machine copy = *machine;
    char value[32];
    snprintf(value, sizeof value, "%lld", (long long)*figure_of(&copy, figure));
    if (spread && spread->n > 0)
        cw_line(w, "%-21s = %-9s # %lld to %lld; %s", figure_key(figure), value,
                (long long)spread->low_ns, (long long)spread->high_ns, figure_meaning(figure));
    else
        cw_line(w, "%-21s = %-9s # %s%s", figure_key(figure), value, spread ? "not measured; " : "",
                figure_meaning(figure));
}

/* Which nothing can measure: it is a person's to say. */
static void write_mtbf(CWriter *w, const Machine *machine) {
    bool is_said = machine->mtbf_ns > 0;
    int64_t ns = is_said ? machine->mtbf_ns : machine_default()->mtbf_ns;
    cw_line(w, "%s%-*s = %-9s # %s", is_said ? "" : "# ", is_said ? 21 : 19, "mtbf",
            text_of_duration(w->arena, ns),
            is_said ? "between failures that end a run"
                    : "between failures that end a run, on average: yours to say");
}

static void write_ranks(CWriter *w, const Machine *machine, const Spread *spreads) {
    cw_blank(w);
    cw_line(w, "%-21s = %-9u # that serve: sections may go to them", key_text(KEY_RANKS), (unsigned)machine->ranks);
    for (Figure figure = 0; figure < N_FIGURES; figure++)
        if (figure_is_of_ranks(figure))
            write_figure(w, machine, figure, spreads ? &spreads[figure] : NULL);
}

void machine_write(CWriter *w, const Machine *machine, const Spread *spreads) {
    cw_line(w, "%-21s = %d", "format", MACHINE_FORMAT);
    cw_line(w, "%-21s = %s", "name", machine->name);
    cw_line(w, "%-21s = %u", "cpus", (unsigned)machine->cpus);
    cw_line(w, "%-21s = %s", "noisy", machine->noisy ? "yes" : "no");
    cw_blank(w);
    if (spreads)
        cw_line(w, "# the median of each, and where 90 of 100 samples lie");
    for (Figure figure = 0; figure < N_FIGURES; figure++)
        if (!figure_is_of_ranks(figure))
            write_figure(w, machine, figure, spreads ? &spreads[figure] : NULL);
    write_mtbf(w, machine);
    if (machine->ranks > 0)
        write_ranks(w, machine, spreads);
}
