/* One run of a generated graph: what is expected of it, what is seen, and what differs. */
#ifndef ORACLE_SEEN_H
#define ORACLE_SEEN_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "nodes.h"

/* A graph that is tested; see DEFINE_GRAPH. */
typedef struct Tested {
    const char *name;
    const dfl_graph *graph;
    size_t size;
    void (*init)(void *state);
    void (*free)(void *state);
    void (*input)(void *state, Dice *dice);
    void (*set_all)(void *state, Dice *dice);
    int (*run)(void *state, const dfl_run *run);
    int (*resume)(void *state, const dfl_run *run);
    int (*update)(const dfl_run *run, const void *state, uint32_t place);
    size_t (*questions)(void *state, const dfl_question **out);
    bool has_threads;       /* some section says so */
} Tested;

/* Where a state has its values when it is not to take any from the heap. */
static inline void *behind(void *state, size_t size) {
    return (char *)state + (size + 15) / 16 * 16;
}

/* BYTES: of them; BEGIN: what initialises `state`. */
#define DEFINE_GRAPH(G, THREADS, BYTES, BEGIN)                                                     \
    static void G##_init(void *state) { BEGIN; }                                                   \
    static void G##_free(void *state) { G##_state_free(state); }                                   \
    static int G##_do_run(void *state, const dfl_run *run) { return G##_run(state, run); }         \
    static int G##_do_resume(void *state, const dfl_run *run) { return G##_resume(state, run); }   \
    static int G##_do_update(const dfl_run *run, const void *state, uint32_t place) {              \
        return G##_update(run, state, (G##_node)place);                                            \
    }                                                                                              \
    static size_t G##_do_ask(void *state, const dfl_question **out) {                              \
        return G##_questions(state, out);                                                          \
    }                                                                                              \
    static const Tested G##_tested = {                                                             \
        #G,        &G##_graph,  sizeof(G##_state) + 16 + (BYTES), G##_init, G##_free, G##_input,   \
        G##_set_all, G##_do_run, G##_do_resume, G##_do_update, G##_do_ask, THREADS};

/* ---- text ---- */

typedef struct Text {
    char *p;
    size_t n, room;
} Text;

__attribute__((format(printf, 2, 3))) static void add(Text *text, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    size_t n = (size_t)vsnprintf(NULL, 0, fmt, args);
    if (text->n + n + 1 > text->room) {
        text->room = 2 * (text->n + n + 1);
        text->p = (char *)realloc(text->p, text->room);
        if (!text->p)
            abort();
    }
    vsnprintf(text->p + text->n, n + 1, fmt, again);
    text->n += n;
    va_end(args);
    va_end(again);
}

static const char *shown(const Text *text) {
    return text->p ? text->p : "";
}

/* ---- what is expected ---- */

/* Of one graph and one input. The pointers are into the file's text. */
typedef struct Expected {
    char name[32];
    unsigned input;
    char update[32];       /* THREAD/NODE: the run goes on as if that had just finished; "-": from the start; "~": and
                            * what an earlier version kept of a run in a section or subgraph is refused */
    char *end, *trace;     /* the lines before, and behind "trace" */
    int status;
} Expected;

/* Reads the next; what is returned is behind it, or NULL: there is none. */
static char *read_expected(char *at, Expected *out) {
    if (sscanf(at, "graph %31s input %u update %31s\nstatus %d\n", out->name, &out->input, out->update,
               &out->status) != 4)
        return NULL;
    out->end = strchr(at, '\n') + 1;
    out->trace = strstr(out->end, "\ntrace\n") + 1;
    char *next = strstr(out->trace, "\n.\n");
    out->trace[-0] = '\0';
    out->trace += strlen("trace\n");
    next[1] = '\0';
    return next + 3;
}

static char *read_all(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t n = 0;
    if (!file || getdelim(&text, &n, '\0', file) < 0)
        exit(2);
    fclose(file);
    return text;
}

/* ---- one run ---- */

/* A save, and how much of the trace had been seen by then. */
typedef struct Save {
    uint64_t id;
    size_t seen;
} Save;

/* Where a run ends before its end: at an event, or as it waits before an attempt. */
typedef struct Stop {
    uint64_t event, retry; /* the number of the event; of the event of a retry; 0: none */
    int64_t time_ns;       /* not by a cancel, but by the run's timeout, which is over then; 0: by a cancel */
} Stop;

typedef struct Seen {
    Text trace;
    Save *saves;
    size_t n_saves, room_saves;
    uint64_t sequence, retries;
    bool broken, paused;   /* the run, or a branch that its section did without */
    dfl_cancel cancel;
    Stop stop;
} Seen;

typedef struct Case {
    const Tested *tested;
    const Expected *expected;
    const char *how;        /* which way of running it */
    dfl_pool *pool;         /* more threads than CPUs */
    bool show;
    bool stopped;           /* the run that is compared was */
    unsigned wrong;
} Case;

static void see_node(Text *trace, const dfl_event *event) {
    if (event->kind == DFL_EVENT_NODE_START || event->kind == DFL_EVENT_NODE_END ||
        event->kind == DFL_EVENT_NODE_ERROR || event->kind == DFL_EVENT_RETRY)
        add(trace, " attempt %u", event->attempt);
    else if (event->status)
        add(trace, " status %d", event->status);
}

static void see_save(Seen *seen, const dfl_event *event) {
    if (event->kind == DFL_EVENT_LOADED)
        return;
    if (seen->n_saves == seen->room_saves) {
        seen->room_saves = 2 * seen->room_saves + 16;
        seen->saves = (Save *)realloc(seen->saves, seen->room_saves * sizeof *seen->saves);
        if (!seen->saves)
            abort();
    }
    seen->saves[seen->n_saves++] = (Save){event->checkpoint, seen->trace.n};
}

static void add_value(Text *out, const char *name, const dfl_type *type, const void *value) {
    dfl_buf json = {NULL, 0, 0};
    if (dfl_value_json(type, value, &json) != DFL_OK)
        abort();
    add(out, " %s = %.*s", name, (int)json.n, (const char *)json.p);
    dfl_buf_free(&json);
}

static void see_updates(Text *trace, const dfl_event *event) {
    for (uint32_t i = 0; i < event->n_values; i++)
        add_value(trace, event->values[i].name, event->values[i].type, event->values[i].value);
}

static void see_values(Text *trace, const dfl_event *event) {
    const dfl_type *type = event->graph->state;
    for (uint32_t i = 0; i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        if (!(member->flags & DFL_FIELD_LOCAL))
            add_value(trace, member->name, member->type, (const char *)event->state + member->offset);
    }
}

/* The run began before now. */
static void stop_run(Seen *seen) {
    if (seen->stop.time_ns == 0)
        dfl_cancel_now(&seen->cancel);
    else
        nanosleep(&(struct timespec){0, seen->stop.time_ns}, NULL);
}

static void see(void *user, const dfl_event *event) {
    Seen *seen = (Seen *)user;
    Text *trace = &seen->trace;
    seen->broken |= event->sequence != ++seen->sequence;
    seen->paused |= event->kind == DFL_EVENT_PAUSED;
    seen->retries += event->kind == DFL_EVENT_RETRY;
    if (seen->sequence == seen->stop.event ||
        (event->kind == DFL_EVENT_RETRY && seen->retries == seen->stop.retry))
        stop_run(seen);
    if (event->kind == DFL_EVENT_SAVED || event->kind == DFL_EVENT_LOADED) {
        see_save(seen, event);
        return;
    }
    add(trace, "%s %s", dfl_event_name(event->kind), event->path);
    if (event->to)
        add(trace, " -> %s", event->to);
    see_node(trace, event);
    if (event->kind == DFL_EVENT_CUSTOM)
        add(trace, " data %.*s", (int)event->data.n, (const char *)event->data.p);
    see_updates(trace, event);
    if (event->kind == DFL_EVENT_VALUES)
        see_values(trace, event);
    if (event->branch >= 0)
        add(trace, " branch %d", event->branch);
    if (event->index >= 0)
        add(trace, " element %lld", (long long)event->index);
    add(trace, "\n");
}

/* As interpret.c shows it. */
static void show_state(Text *out, const Tested *tested, const void *state) {
    const dfl_type *type = tested->graph->state;
    for (uint32_t i = 0; i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        dfl_buf json = {NULL, 0, 0};
        if (member->flags & DFL_FIELD_LOCAL)
            continue;
        if (dfl_value_json(member->type, (const char *)state + member->offset, &json) != DFL_OK)
            abort();
        add(out, "%s = %.*s\n", member->name, (int)json.n, (const char *)json.p);
        dfl_buf_free(&json);
    }
}

static void show_end(Text *out, const Tested *tested, const void *state, int status,
                     const dfl_error *error) {
    add(out, "status %d\n", status);
    if (status)
        add(out, "error %s code %d attempt %u element %lld: %s\n", error->node, error->code,
            error->attempt, (long long)error->index,
            status == DFL_EGUARD ? "*" : error->message);
    show_state(out, tested, state);
}

static void differs(Case *c, const char *what, const char *expected, const char *got) {
    if (c->wrong++ > 0 && !c->show)
        return;
    fprintf(stderr, "%s, input %u, %s: %s differs\n", c->tested->name, c->expected->input, c->how,
            what);
    while (*expected && *got) {
        size_t n = strcspn(expected, "\n"), m = strcspn(got, "\n");
        if (n != m || memcmp(expected, got, n) != 0)
            break;
        fprintf(stderr, "      %.*s\n", (int)n, expected);
        expected += n + (expected[n] != 0), got += m + (got[m] != 0);
    }
    fprintf(stderr, "  -   %.300s\n  +   %.300s\n", expected, got);
}

static void compare(Case *c, const char *what, const char *expected, const char *got) {
    if (strcmp(expected, got) != 0)
        differs(c, what, expected, got);
}

/* ---- traces ---- */

static const char *next_line(const char *line) {
    line += strcspn(line, "\n");
    return *line ? line + 1 : line;
}

static bool same_line(const char *a, const char *b) {
    size_t n = strcspn(a, "\n");
    return n == strcspn(b, "\n") && memcmp(a, b, n) == 0;
}

static bool tells(const char *line, const char *kind) {
    return strncmp(line, kind, strlen(kind)) == 0;
}

/* Behind the "?)" that belongs to the "?(" at `line`. */
static const char *behind_optional(const char *line) {
    unsigned depth = 0;
    do {
        depth += tells(line, "?(");
        depth -= tells(line, "?)");
        line = next_line(line);
    } while (depth > 0);
    return line;
}

/* What stands between "?(" and "?)" was seen as a whole or not at all. */
static void compare_trace(Case *c, const char *expected, const char *got) {
    const char *all = expected, *seen = got;
    while (*expected) {
        if (tells(expected, "?("))
            expected = same_line(next_line(expected), got) ? next_line(expected)
                                                           : behind_optional(expected);
        else if (tells(expected, "?)"))
            expected = next_line(expected);
        else if (same_line(expected, got))
            expected = next_line(expected), got = next_line(got);
        else
            break;
    }
    if (*expected || *got) {
        differs(c, "the trace", expected, got);
        if (c->show)
            fprintf(stderr, "---- expected\n%s---- got\n%s", all, seen);
    }
}

/* ---- running ---- */

static void *begin(const Case *c) {
    void *state = calloc(1, c->tested->size);
    if (!state)
        abort();
    c->tested->init(state);
    return state;
}

static void end(const Case *c, void *state) {
    c->tested->free(state);
    free(state);
}

enum { MOST_PAUSES = 2000 }; /* more than any run has */

typedef struct Ran {
    int status;
    bool stopped, refused; /* refused: what was kept within */
    unsigned pauses;
    Text end;
    Seen seen;
} Ran;

static void ran_free(Ran *ran) {
    free(ran->end.p);
    free(ran->seen.trace.p);
    free(ran->seen.saves);
}

/* To all questions that wait. */
typedef struct Answers {
    dfl_answer *all;
    size_t n;
} Answers;

static Answers answer(const Case *c, void *state) {
    const dfl_question *questions;
    Answers answers = {NULL, c->tested->questions(state, &questions)};
    answers.all = (dfl_answer *)calloc(answers.n + 1, sizeof *answers.all);
    for (size_t i = 0; i < answers.n; i++) {
        Text id = {NULL, 0, 0}, text = {NULL, 0, 0};
        add(&id, "%s", questions[i].id);
        add(&text, "yes %.*s", (int)questions[i].text.n, questions[i].text.p);
        answers.all[i] = (dfl_answer){id.p, {text.p, text.n}};
    }
    return answers;
}

static void forget(Answers *answers) {
    for (size_t i = 0; i < answers->n; i++) {
        free((void *)(uintptr_t)answers->all[i].id);
        free((void *)(uintptr_t)answers->all[i].text.p);
    }
    free(answers->all);
}

/* Whether the run is to go on; then nothing stops it any more. */
static bool has_stopped(Ran *ran) {
    bool stopped = ran->status == (ran->seen.stop.time_ns ? DFL_ETIMEOUT : DFL_ECANCELLED);
    ran->stopped |= stopped;
    ran->seen.sequence = 0;
    ran->seen.cancel.requested = 0;
    ran->seen.stop = (Stop){0, 0, 0};
    return (stopped || ran->status == DFL_PAUSED) && ran->pauses < MOST_PAUSES;
}

/* Runs or resumes, and sees what `mask` says (0: without hooks). Where it pauses, or is stopped, it is resumed: that
 * comes to the same end. */
static Ran run_stopped(const Case *c, int (*go)(void *state, const dfl_run *run), void *state, dfl_run run,
                         uint32_t mask, Stop stop) {
    Ran ran;
    memset(&ran, 0, sizeof ran);
    dfl_hooks hooks = {.mask = mask, .on_event = see, .user = &ran.seen, .ordered = stop.event == 0 && stop.retry == 0};
    dfl_error error = {0};
    run.error = &error;
    run.pool = c->pool;
    run.cancel = &ran.seen.cancel;
    run.timeout_ns = stop.time_ns;
    ran.seen.stop = stop;
    if (mask)
        run.hooks = &hooks;
    ran.status = go(state, &run);
    for (run.checkpoint = NULL, run.timeout_ns = 0; has_stopped(&ran); ran.pauses++) {
        Answers answers = answer(c, state);
        run.answers = answers.all;
        run.n_answers = answers.n;
        if (run.store) /* as another process would */
            c->tested->free(state), c->tested->init(state);
        ran.status = c->tested->resume(state, &run);
        forget(&answers);
    }
    ran.refused = ran.status == DFL_ESCHEMA && tells(error.message, "what was kept of a ");
    show_end(&ran.end, c->tested, state, ran.status, &error);
    return ran;
}

static Ran run_by(const Case *c, int (*go)(void *state, const dfl_run *run), void *state, dfl_run run,
                  uint32_t mask) {
    return run_stopped(c, go, state, run, mask, (Stop){0, 0, 0});
}

#endif
