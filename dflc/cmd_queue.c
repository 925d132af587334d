/* dflc queue: the verbs, what each takes, and the queue that it is about. */
#include <stdio.h>

#include "cmd.h"

#ifdef DFLC_PG

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "printable.h"
#include "queue/tool.h"

typedef struct Verb {
    const char *name, *words; /* behind the queue, for a misuse */
    size_t least, most;
    bool submits;
    int (*run)(QueueTool *tool);
} Verb;

static const Verb verbs[] = {
    {"ls", " [STATE]", 0, 1, false, queue_ls},
    {"show", " RUN", 1, 1, false, queue_show},
    {"submit", " GRAPH [JSON]", 1, 2, true, queue_submit},
    {"answer", " RUN TEXT [QUESTION]", 2, 3, false, queue_answer},
    {"retry", " RUN", 1, 1, false, queue_retry},
    {"cancel", " RUN", 1, 1, false, queue_cancel},
    {"stats", "", 0, 0, false, queue_stats},
    {"forget", " DAYS", 1, 1, false, queue_forget},
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

static const Verb *find_verb(Arena *arena, const char *name) {
    Nearest nearest = nearest_to(name);
    for (int i = 0; i < N_VERBS; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
        nearest_try(&nearest, verbs[i].name);
    }
    fprintf(stderr, "dflc: a queue has no verb '%s'%s (see dflc queue --help)\n", name,
            nearest_hint(&nearest, arena));
    return NULL;
}

int queue_failed(const QueueTool *tool, const char *run, int status) {
    if (status == DFL_ENOTFOUND && run) {
        fprintf(stderr, "dflc: the queue has no such run as '%s', or it is finished\n",
                printable(tool->arena, run));
        return BAD_INPUT;
    }
    fprintf(stderr, "dflc: the queue: %s\n", printable(tool->arena, dfl_work_error(tool->work)));
    return BAD_USE;
}

int queue_run_of(const QueueTool *tool, const char *word, uint64_t *id) {
    char *end;
    int status;
    errno = 0;
    *id = strtoull(word, &end, 10);
    if (*word >= '0' && *word <= '9' && !*end && errno == 0)
        return DONE;
    status = dfl_work_find(tool->work, word, id);
    return status == DFL_OK ? DONE : queue_failed(tool, word, status);
}

/* The options that only submit has a use for. */
static bool takes_options(const Verb *verb, const Options *options) {
    const char *flag = options->key        ? "--key"
                       : options->priority ? "--priority"
                       : options->after_ns ? "--after"
                                           : NULL;
    if (!flag || verb->submits)
        return true;
    fprintf(stderr, "dflc: %s has no use in 'dflc queue %s'; it belongs to 'dflc queue submit'\n",
            flag, verb->name);
    return false;
}

int cmd_queue(Arena *arena, const Options *options) {
    const Verb *verb = find_verb(arena, options->files[0]);
    QueueTool tool = {.arena = arena, .options = options, .words = options->files + 2};
    dfl_error error = {0};
    dfl_pg_options how = {.error = &error};
    if (!verb)
        return BAD_USE;
    tool.n_words = options->n_files > 2 ? options->n_files - 2 : 0;
    if (options->n_files < 2 || tool.n_words < verb->least || tool.n_words > verb->most) {
        fprintf(stderr, "dflc: usage: dflc queue %s QUEUE%s\n", verb->name, verb->words);
        return BAD_USE;
    }
    if (!takes_options(verb, options))
        return BAD_USE;
    if (dfl_work_open(options->files[1], &how, &tool.work) != DFL_OK) {
        fprintf(stderr, "dflc: %s\n", printable(arena, error.message));
        return BAD_USE;
    }
    int status = verb->run(&tool);
    dfl_work_close(tool.work);
    int written = end_of_output();
    return written > status ? written : status;
}

#else

int cmd_queue(Arena *arena, const Options *options) {
    (void)arena;
    (void)options;
    fprintf(stderr, "dflc: this dflc was built without libpq, which reaches PostgreSQL\n");
    return BAD_USE;
}

#endif
