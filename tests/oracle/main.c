/* Makes graphs by chance, and what is needed to test them:
 *
 *     oracle --seed N --from N --graphs N -o DIR     graphs of one file
 *     oracle --play FILE -o DIR                      one graph again, of choices that were noted
 *     oracle --shrink FILE --test COMMAND --keep FILE -o DIR
 *         the choices of a smaller one, for which COMMAND still exits as it does for the first; the
 *         smallest so far is always in the file to keep, so that this may be stopped
 *
 * In DIR: graphs.dfl, graphs_nodes.c, expected.txt, and gN.choices of each graph; in DIR/later the first three of a later
 * version of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "generate.h"
#include "interpret.h"
#include "later.h"
#include "print.h"

enum { INPUTS = 3 };

typedef struct Options {
    uint64_t seed;
    unsigned from, graphs;
    const char *dir, *play, *shrink, *test, *keep;
    int wanted;          /* status of the test */
} Options;

static FILE *open_in(const char *dir, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    if (!file) {
        fprintf(stderr, "oracle: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    return file;
}

static void write_version(const char *dir, const File *file) {
    FILE *dfl = open_in(dir, "graphs.dfl"), *nodes = open_in(dir, "graphs_nodes.c");
    FILE *expected = open_in(dir, "expected.txt");
    print_dfl(dfl, file);
    print_nodes(nodes, file, "graphs");
    fclose(dfl), fclose(nodes);
    for (unsigned i = 0; i < file->n_graphs; i++)
        for (unsigned input = 0; input < INPUTS && !file->graphs[i]->is_child; input++)
            interpret(expected, file->graphs[i], input);
    fclose(expected);
}

/* And, in DIR/later, as a later version has them. */
static void write_file(const char *dir, File *file) {
    char later[4096];
    write_version(dir, file);
    snprintf(later, sizeof later, "%s/later", dir);
    if (mkdir(later, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "oracle: %s: %s\n", later, strerror(errno));
        exit(2);
    }
    become_later(file);
    write_version(later, file);
}

static void note_choices(const char *dir, const char *name, const Choices *choices) {
    char path[64];
    snprintf(path, sizeof path, "%s.choices", name);
    FILE *out = open_in(dir, path);
    for (size_t i = 0; i < choices->n; i++)
        fprintf(out, "%u\n", choices->made[i]);
    fclose(out);
}

static void make_graphs(const Options *options) {
    File file = {0};
    for (unsigned i = options->from; i < options->from + options->graphs; i++) {
        Choices choices = choices_by_chance(options->seed, i);
        const Graph *graph = generate(&choices, &file, i);
        note_choices(options->dir, graph->name, &choices);
        choices_free(&choices);
    }
    write_file(options->dir, &file);
    room_clear();
}

/* ---- again, and smaller ---- */

typedef struct Noted {
    uint32_t *p;
    size_t n;
} Noted;

static Noted read_choices(const char *path) {
    FILE *in = fopen(path, "r");
    Noted noted = {malloc(1 << 20), 0};
    if (!in || !noted.p) {
        fprintf(stderr, "oracle: cannot read %s\n", path);
        exit(2);
    }
    while (noted.n < (1 << 20) / sizeof *noted.p && fscanf(in, "%u", &noted.p[noted.n]) == 1)
        noted.n++;
    fclose(in);
    return noted;
}

/* What was chosen then, which may be fewer than was noted. */
static Noted play(const Options *options, const Noted *noted) {
    File file = {0};
    Choices choices = choices_played(noted->p, noted->n);
    const Graph *graph = generate(&choices, &file, 0);
    note_choices(options->dir, graph->name, &choices);
    write_file(options->dir, &file);
    room_clear();
    return (Noted){choices.made, choices.n};
}

static int test(const Options *options, const Noted *noted, Noted *made) {
    *made = play(options, noted);
    return system(options->test);
}

static void keep(const Options *options, const Noted *best) {
    FILE *out = fopen(options->keep, "w");
    for (size_t i = 0; out && i < best->n; i++)
        fprintf(out, "%u\n", best->p[i]);
    if (!out || fclose(out) != 0) {
        fprintf(stderr, "oracle: cannot write %s\n", options->keep);
        exit(2);
    }
}

static size_t sum(const Noted *noted) {
    size_t n = 0;
    for (size_t i = 0; i < noted->n; i++)
        n += noted->p[i];
    return n;
}

/* Takes `changed` over when it is smaller and fails, too. */
static bool take_smaller(const Options *options, Noted *best, Noted changed) {
    Noted made;
    bool fails = test(options, &changed, &made) == options->wanted;
    free(changed.p);
    if (!fails || made.n > best->n || (made.n == best->n && sum(&made) >= sum(best))) {
        free(made.p);
        return false;
    }
    free(best->p);
    *best = made;
    keep(options, best);
    return true;
}

static Noted without(const Noted *noted, size_t at, size_t n) {
    Noted changed = {malloc((noted->n + 1) * sizeof *changed.p), 0};
    for (size_t i = 0; i < noted->n; i++)
        if (i < at || i >= at + n)
            changed.p[changed.n++] = noted->p[i];
    return changed;
}

static Noted with(const Noted *noted, size_t at, size_t n, uint32_t value) {
    Noted changed = without(noted, noted->n, 0);
    for (size_t i = at; i < at + n && i < changed.n; i++)
        changed.p[i] = value;
    return changed;
}

/* One pass of removals and of zeros, in pieces of n. */
static bool shrink_by(const Options *options, Noted *best, size_t n) {
    bool any = false;
    for (size_t at = 0; at < best->n;) {
        if (take_smaller(options, best, without(best, at, n)) ||
            take_smaller(options, best, with(best, at, n, 0)))
            any = true;
        else
            at += n;
    }
    return any;
}

static bool shrink_numbers(const Options *options, Noted *best) {
    bool any = false;
    for (size_t at = 0; at < best->n; at++)
        for (uint32_t value = best->p[at] / 2; at < best->n && best->p[at] > 0; value--) {
            bool smaller = value < best->p[at] && take_smaller(options, best, with(best, at, 1, value));
            any |= smaller;
            if (smaller || value == 0 || value + 2 < best->p[at] / 2)
                break;
        }
    return any;
}

static void shrink(Options *options) {
    Noted first = read_choices(options->shrink), best;
    options->wanted = test(options, &first, &best);
    free(first.p);
    if (options->wanted == 0) {
        fprintf(stderr, "oracle: it does not fail\n");
        exit(1);
    }
    keep(options, &best);
    bool any = true;
    while (any) {
        any = false;
        for (size_t n = best.n / 2; n > 0; n /= 2)
            any |= shrink_by(options, &best, n);
        any |= shrink_numbers(options, &best);
    }
    free(best.p);
}

/* ---- options ---- */

static void usage(void) {
    fprintf(stderr, "usage: oracle [--seed N] [--from N] [--graphs N] | --play FILE | "
                    "--shrink FILE --test COMMAND --keep FILE, -o DIR\n");
    exit(2);
}

static void read_option(Options *options, const char *name, const char *value) {
    if (strcmp(name, "--seed") == 0)
        options->seed = strtoull(value, NULL, 10);
    else if (strcmp(name, "--from") == 0)
        options->from = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(name, "--graphs") == 0)
        options->graphs = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(name, "--play") == 0)
        options->play = value;
    else if (strcmp(name, "--shrink") == 0)
        options->shrink = value;
    else if (strcmp(name, "--test") == 0)
        options->test = value;
    else if (strcmp(name, "--keep") == 0)
        options->keep = value;
    else if (strcmp(name, "-o") == 0)
        options->dir = value;
    else
        usage();
}

int main(int argc, char **argv) {
    Options options = {.seed = 1, .graphs = 1};
    for (int i = 1; i < argc; i += 2)
        read_option(&options, argv[i], i + 1 < argc ? argv[i + 1] : (usage(), NULL));
    if (!options.dir || (options.shrink && (!options.test || !options.keep)))
        usage();
    if (options.shrink) {
        shrink(&options);
    } else if (options.play) {
        Noted noted = read_choices(options.play), made = play(&options, &noted);
        free(noted.p);
        free(made.p);
    } else {
        make_graphs(&options);
    }
    return 0;
}
