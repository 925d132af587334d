/* What ranks of an MPI job take: measured by dflc-ranks, a program of libdflrt-mpi (runtime/mpi/tool), as dflc itself is
 * not linked to MPI. It is started by the words that start the user's own programs, `mpirun -n 16` for instance, without a
 * shell. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calibrate.h"

extern char **environ;

static const char tool[] = "dflc-ranks";

/* ---- what is started ---- */

static bool is_program(const char *path) {
    return access(path, X_OK) == 0;
}

static const char *own_directory(Arena *arena) {
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;
    if (n < 0)
        return NULL;
    self[n] = '\0';
    slash = strrchr(self, '/');
    return slash ? arena_strndup(arena, self, (size_t)(slash - self)) : NULL;
}

/* Beside dflc, as in a build, or where libraries are that were installed with it, which some systems part by processors. */
static const char *near_dflc(Arena *arena) {
    static const char *const places[] = {"", "../lib/dflc/", "../lib/*/dflc/"};
    const char *own = own_directory(arena), *path = NULL;
    for (size_t i = 0; own && !path && i < sizeof places / sizeof *places; i++) {
        glob_t found;
        if (glob(arena_printf(arena, "%s/%s%s", own, places[i], tool), 0, NULL, &found) != 0)
            continue;
        if (is_program(found.gl_pathv[0]))
            path = arena_strndup(arena, found.gl_pathv[0], strlen(found.gl_pathv[0]));
        globfree(&found);
    }
    return path;
}

static const char *in_path(Arena *arena) {
    const char *path = getenv("PATH");
    for (size_t n; path && *path; path += n + (path[n] == ':')) {
        n = strcspn(path, ":");
        const char *file = arena_printf(arena, "%.*s/%s", (int)n, path, tool);
        if (n > 0 && is_program(file))
            return file;
    }
    return NULL;
}

static const char *find_tool(Arena *arena) {
    const char *path = near_dflc(arena);
    return path ? path : in_path(arena);
}

typedef struct Words {
    char **all;
    size_t n, cap;
} Words;

static void add_word(Arena *arena, Words *words, const char *text, size_t n) {
    ARENA_PUSH(arena, words->all, words->n, words->cap, arena_strndup(arena, text, n));
}

/* Its words, and NULL. */
static Words command_of(const RanksBench *ranks, const char *path) {
    static const char blank[] = " ";
    Words words = {0};
    const char *numbers[] = {arena_printf(ranks->arena, "%d", N_ROUNDS),
                             arena_printf(ranks->arena, "%d", ranks->quick ? 10 : 100)};
    for (const char *at = ranks->launch + strspn(ranks->launch, blank); *at; at += strspn(at, blank)) {
        size_t n = strcspn(at, blank);
        add_word(ranks->arena, &words, at, n);
        at += n;
    }
    add_word(ranks->arena, &words, path, strlen(path));
    for (size_t i = 0; i < 2; i++)
        add_word(ranks->arena, &words, numbers[i], strlen(numbers[i]));
    ARENA_PUSH(ranks->arena, words.all, words.n, words.cap, NULL);
    return words;
}

/* Its output is *out; 0, or an errno. */
static int start(const Words *words, pid_t *pid, FILE **out) {
    posix_spawn_file_actions_t actions;
    int ends[2], error;
    if (pipe(ends) != 0)
        return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    error = posix_spawnp(pid, words->all[0], &actions, NULL, words->all, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *out = error == 0 ? fdopen(ends[0], "r") : NULL;
    if (!*out)
        close(ends[0]);
    return error;
}

/* ---- what it says ---- */

/* "chunk 2400" */
static bool take_number(const char *line, const char *word, int64_t most, int64_t *value) {
    size_t n = strlen(word);
    char *end;
    if (strncmp(line, word, n) != 0 || line[n] != ' ' || line[n + 1] < '0' || line[n + 1] > '9')
        return false;
    errno = 0;
    *value = strtoll(line + n + 1, &end, 10);
    return errno == 0 && strcmp(end, "\n") == 0 && *value <= most;
}

static void end_round(Bench *bench) {
    for (Figure figure = 0; figure < N_FIGURES; figure++)
        if (figure_is_of_ranks(figure))
            samples_end_round(&bench->figures[figure]);
}

static bool take_line(RanksBench *ranks, Bench *bench, const char *line) {
    int64_t value;
    if (take_number(line, "ranks", MACHINE_MOST_RANKS, &value))
        ranks->n = (uint32_t)value;
    else if (take_number(line, "chunk", INT64_MAX, &value))
        samples_add(&bench->figures[FIG_RANK_CHUNK], value);
    else if (take_number(line, "kib", INT64_MAX, &value))
        samples_add(&bench->figures[FIG_RANK_PER_KIB], value);
    else if (strcmp(line, "round\n") == 0 && bench->figures[FIG_RANK_CHUNK].n_rounds < N_ROUNDS)
        end_round(bench);
    else
        return false;
    return true;
}

/* mpirun itself may have something to say before. */
static bool read_samples(RanksBench *ranks, Bench *bench, FILE *out) {
    char line[256];
    bool begun = false, good = true;
    while (fgets(line, sizeof line, out)) {
        if (begun)
            good = take_line(ranks, bench, line) && good;
        else
            begun = strcmp(line, "dflc-ranks 1\n") == 0;
    }
    return begun && good;
}

static bool fail(const RanksBench *ranks, const char *why) {
    fprintf(stderr, "dflc: '%s %s' %s\n", ranks->launch, tool, why);
    return false;
}

static const char *how_it_ended(Arena *arena, int status) {
    if (WIFSIGNALED(status))
        return arena_printf(arena, "was ended by signal %d", WTERMSIG(status));
    return arena_printf(arena, "has failed, with exit status %d", WEXITSTATUS(status));
}

static bool run_tool(RanksBench *ranks, Bench *bench, const Words *words) {
    FILE *out = NULL;
    pid_t pid = 0;
    int status = 0, error = start(words, &pid, &out);
    if (error != 0) {
        fprintf(stderr, "dflc: cannot start '%s': %s\n", words->all[0], strerror(error));
        return false;
    }
    bool good = out && read_samples(ranks, bench, out);
    if (out)
        fclose(out);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (status != 0)
        return fail(ranks, how_it_ended(ranks->arena, status));
    if (!good)
        return fail(ranks, "has said what dflc does not understand: is it of another version?");
    return true;
}

bool measure_ranks(RanksBench *ranks, Bench *bench) {
    const char *path = find_tool(ranks->arena);
    if (!path) {
        fprintf(stderr,
                "dflc: there is no '%s' near dflc or in PATH: it comes with libdflrt-mpi, which is made where "
                "pkg-config knows Open MPI or MPICH\n",
                tool);
        return false;
    }
    Words words = command_of(ranks, path);
    if (!run_tool(ranks, bench, &words))
        return false;
    if (ranks->n == 0)
        return fail(ranks, "has run one process alone: say how many there are, as in --mpi='mpirun -n 16', with the mpirun "
                           "of the MPI that dflrt-mpi was built with");
    if (bench->figures[FIG_RANK_CHUNK].n == 0)
        return fail(ranks, "has measured nothing");
    return true;
}
