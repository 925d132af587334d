/* dflc store: the verbs, what each takes, and the store that it is about. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "diag.h"
#include "printable.h"
#include "store/tool.h"

typedef struct Verb {
    const char *name, *words; /* behind the store, for a misuse */
    size_t least, most;
    bool makes;   /* the store, where there is none */
    bool goes_on; /* until somebody ends it */
    int (*run)(Tool *tool);
} Verb;

static const Verb verbs[] = {
    {"ls", "", 0, 0, false, false, store_ls},
    {"watch", "", 0, 0, false, true, store_watch},
    {"history", " THREAD", 1, 1, false, false, store_history},
    {"show", " THREAD [ID]", 1, 2, false, false, store_show},
    {"diff", " THREAD [ID [ID]]", 1, 3, false, false, store_diff},
    {"fork", " THREAD ID NEW", 3, 3, false, false, store_fork},
    {"rm", " THREAD", 1, 1, false, false, store_rm},
    {"prune", " THREAD KEEP", 2, 2, false, false, store_prune},
    {"verify", "", 0, 0, false, false, store_verify},
    {"compact", "", 0, 0, false, false, store_compact},
    {"export", " [THREAD]", 0, 1, false, false, store_export},
    {"import", "", 0, 0, true, false, store_import},
};
enum { N_VERBS = sizeof verbs / sizeof *verbs, SECOND_NS = 1000000000 };

static const Verb *find_verb(Arena *arena, const char *name) {
    Nearest nearest = nearest_to(name);
    for (int i = 0; i < N_VERBS; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
        nearest_try(&nearest, verbs[i].name);
    }
    fprintf(stderr, "dflc: a store has no verb '%s'%s (see dflc store --help)\n", name,
            nearest_hint(&nearest, arena));
    return NULL;
}

int tool_failed(const Tool *tool, const char *thread, int status) {
    bool is_found = status != DFL_ENOTFOUND && status != DFL_ECORRUPT && status != DFL_ESCHEMA;
    if (status == DFL_ENOTFOUND && thread)
        fprintf(stderr, "dflc: the store '%s' has no such checkpoint of thread '%s'\n", tool->path,
                printable(tool->arena, thread));
    else if (status == DFL_ESCHEMA)
        fprintf(stderr,
                "dflc: thread '%s': the store does not tell what the checkpoint consists "
                "of\n",
                thread ? thread : "");
    else
        fprintf(stderr, "dflc: the store '%s': %s%s%s\n", tool->path, dfl_strerror(status),
                status == DFL_ESTORE ? ": " : "", status == DFL_ESTORE ? strerror(errno) : "");
    return is_found ? BAD_USE : BAD_INPUT;
}

bool tool_number(const Tool *tool, size_t i, uint64_t *number) {
    const char *word = tool->words[i];
    char *end;
    errno = 0;
    *number = strtoull(word, &end, 10);
    if (*word >= '0' && *word <= '9' && !*end && errno == 0 && *number > 0)
        return true;
    fprintf(stderr, "dflc: '%s' is no number above 0\n", word);
    return false;
}

/* What is damaged is told, and what is intact is shown. */
static void tell_damage(void *user, const dfl_damage *damage) {
    enum { MOST = 100 };
    Tool *tool = user;
    const char *line = arena_printf(
        tool->arena, "%s%s%s%s in file %" PRIu32 " at byte %" PRIu64 ", %" PRIu64 " bytes",
        damage->what, damage->thread[0] ? " of thread '" : "",
        printable(tool->arena, damage->thread), damage->thread[0] ? "'" : "", damage->file,
        damage->offset, damage->bytes);
    if (!tool->holds_damage)
        fprintf(stderr, "dflc: damage: %s\n", line);
    else if (tool->n_held < MOST)
        ARENA_PUSH(tool->arena, tool->held, tool->n_held, tool->cap_held, line);
    else
        tool->n_untold++;
}

void tool_tell_held(Tool *tool) {
    for (size_t i = 0; i < tool->n_held; i++)
        fprintf(stderr, "dflc: damage: %s\n", tool->held[i]);
    if (tool->n_untold > 0)
        fprintf(stderr, "dflc: damage: and %zu more\n", tool->n_untold);
    tool->n_held = tool->n_untold = 0;
}

/* The options that only a verb which goes on has a use for. */
static bool takes_options(const Verb *verb, const Options *options) {
    const char *flag = options->interval_ns ? "--interval" : options->count ? "--count" : NULL;
    if (!flag || verb->goes_on)
        return true;
    fprintf(stderr, "dflc: %s has no use in 'dflc store %s'; it belongs to 'dflc store watch'\n",
            flag, verb->name);
    return false;
}

int cmd_store(Arena *arena, const Options *options) {
    const Verb *verb = find_verb(arena, options->files[0]);
    Tool tool = {.arena = arena,
                 .json = options->json,
                 .words = options->files + 2,
                 .interval_ns = options->interval_ns ? options->interval_ns : SECOND_NS,
                 .count = options->count};
    dfl_error error;
    dfl_store_options how = {.on_damage = tell_damage, .user = &tool, .error = &error};
    if (!verb)
        return BAD_USE;
    tool.n_words = options->n_files > 2 ? options->n_files - 2 : 0;
    if (options->n_files < 2 || tool.n_words < verb->least || tool.n_words > verb->most) {
        fprintf(stderr, "dflc: usage: dflc store %s STORE%s\n", verb->name, verb->words);
        return BAD_USE;
    }
    if (!takes_options(verb, options))
        return BAD_USE;
    tool.path = options->files[1];
    how.must_exist = !verb->makes;
    if (dfl_store_open(tool.path, &how, &tool.store) != DFL_OK) {
        fprintf(stderr, "dflc: %s\n", error.message);
        return BAD_USE;
    }
    int status = verb->run(&tool);
    dfl_store_close(tool.store);
    int written = end_of_output();
    return written > status ? written : status;
}
