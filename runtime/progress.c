/* Progress: a line on a terminal that tells how far runs are, drawn by a thread of its own. The runs only
 * count: a terminal that is slow or stopped keeps none of them waiting.
 *
 *     finance: assess, step 7, 3.2 s, about 1.5 s left
 *
 * Shown is the run that has been under way longest, and in the end what all of them came to. */
#define _DEFAULT_SOURCE /* winsize */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cpus.h"
#include "internal.h"
#include "mem.h"
#include "outlook.h"
#include "park.h"
#include "stdio_out.h"

enum {
    DRAW_NS = 100000000,
    SHOW_LEFT_NS = 50000000, /* what is less is no news */
    TEXT_BYTES = 1024,
    RUN_LISTS = 64,
    COLUMNS = 80 /* where nobody says */
};

/* A run that is under way. */
typedef struct Run {
    struct Run *next; /* in its list */
    struct Run *older, *newer;
    uint64_t number, steps;
    int64_t began;
    const char *node; /* that was begun last; or NULL */
    dfl__way way;
} Run;

typedef enum Mood { UNDER_WAY, GOOD, BAD } Mood;

/* Begins with a name of `name` bytes, which has the colour. */
typedef struct Line {
    char text[TEXT_BYTES];
    size_t n, name;
    Mood mood;
} Line;

typedef struct Progress {
    dfl_hooks hooks;
    pthread_mutex_t lock; /* guards what follows, up to `wakes` */
    Run *runs[RUN_LISTS]; /* by number */
    Run *oldest, *newest;
    uint64_t n_runs, ended, failed, steps; /* under way; the rest of those that ended */
    int64_t busy_ns, busy_since;           /* while any was under way */
    const dfl_graph *graph;                /* of the run that ended last, and its outcome */
    int status;
    bool lost, is_idle; /* idle: the thread sleeps until a run begins */
    atomic_uint wakes;
    atomic_bool closing;
    pid_t process; /* that has the thread */
    pthread_t thread;
    /* The thread's; when it has ended, of whoever closes. */
    FILE *file;
    bool has_color;
    unsigned cpus;
    int failed_write; /* errno; nothing is written after it */
} Progress;

/* ---- runs ---- */

static Run **find_run(Progress *progress, uint64_t number) {
    Run **at = &progress->runs[number % RUN_LISTS];
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

static void add_run(Progress *progress, const dfl_event *event) {
    Run **at = find_run(progress, event->run), *run = dfl__zalloc(sizeof *run);
    if (!run || !dfl__way_begin(&run->way, event->graph)) {
        dfl__free(run);
        progress->lost = true;
        return;
    }
    run->number = event->run;
    run->began = event->ns;
    run->older = progress->newest;
    *(progress->newest ? &progress->newest->newer : &progress->oldest) = run;
    progress->newest = run;
    *at = run;
    if (progress->n_runs++ == 0)
        progress->busy_since = event->ns;
}

static void free_run(Progress *progress, Run **at) {
    Run *run = *at;
    *at = run->next;
    *(run->older ? &run->older->newer : &progress->oldest) = run->newer;
    *(run->newer ? &run->newer->older : &progress->newest) = run->older;
    dfl__way_free(&run->way);
    dfl__free(run);
}

static void end_run(Progress *progress, const dfl_event *event) {
    Run **at = find_run(progress, event->run);
    if (!*at)
        return;
    progress->ended++;
    progress->failed += event->status < 0;
    progress->steps += (*at)->steps;
    progress->graph = event->graph;
    progress->status = event->status;
    free_run(progress, at);
    if (--progress->n_runs == 0)
        progress->busy_ns += event->ns - progress->busy_since;
}

static void note_step(Progress *progress, const dfl_event *event) {
    Run *run = *find_run(progress, event->run);
    if (!run)
        return;
    if (event->kind == DFL_EVENT_NODE_START) {
        run->steps += event->attempt <= 1;
        run->node = event->path;
    }
    dfl__way_event(&run->way, event);
}

/* Whether the thread has to be told. */
static bool note(Progress *progress, const dfl_event *event) {
    bool was_idle = progress->is_idle;
    if (event->kind == DFL_EVENT_RUN_START)
        add_run(progress, event);
    else if (event->kind == DFL_EVENT_RUN_END)
        end_run(progress, event);
    else
        note_step(progress, event);
    progress->is_idle = was_idle && progress->n_runs == 0;
    return was_idle && !progress->is_idle;
}

static void wake(Progress *progress) {
    atomic_fetch_add(&progress->wakes, 1);
    dfl__park_wake(&progress->wakes, 1);
}

static void on_event(void *user, const dfl_event *event) {
    Progress *progress = user;
    bool wakes;
    pthread_mutex_lock(&progress->lock);
    wakes = note(progress, event);
    pthread_mutex_unlock(&progress->lock);
    if (wakes)
        wake(progress);
}

/* ---- words ---- */

static void say(Line *line, const char *fmt, ...) DFL__PRINTF(2, 3);
static void say(Line *line, const char *fmt, ...) {
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(line->text + line->n, sizeof line->text - line->n, fmt, args);
    va_end(args);
    if (n > 0)
        line->n +=
            (size_t)n < sizeof line->text - line->n ? (size_t)n : sizeof line->text - line->n - 1;
}

/* "3.2 s", "2:05", "1:00:05". */
static void say_time(Line *line, int64_t ns) {
    long long seconds = ns / 1000000000;
    if (seconds < 60)
        say(line, "%lld.%d s", seconds, (int)(ns / 100000000 % 10));
    else if (seconds < 3600)
        say(line, "%lld:%02d", seconds / 60, (int)(seconds % 60));
    else
        say(line, "%lld:%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static void say_name(Line *line, const dfl_graph *graph, Mood mood) {
    say(line, "%s", graph->name);
    line->name = line->n;
    line->mood = mood;
}

static void say_count(Line *line, const char *before, uint64_t n, const char *what) {
    say(line, "%s%llu %s%s", before, (unsigned long long)n, what, n == 1 ? "" : "s");
}

static void say_run(Progress *progress, Line *line, const Run *run) {
    int64_t now = dfl__now(), left = dfl__way_left(&run->way, now, progress->cpus);
    say_name(line, run->way.graph, UNDER_WAY);
    say(line, ": %s%sstep %llu, ", run->node ? run->node : "", run->node ? ", " : "",
        (unsigned long long)run->steps);
    say_time(line, now - run->began);
    if (left >= SHOW_LEFT_NS) {
        say(line, ", about ");
        say_time(line, left);
        say(line, " left");
    }
    if (progress->n_runs > 1 || progress->ended > 0)
        say(line, " (%llu under way, %llu ended, %llu failed)",
            (unsigned long long)progress->n_runs, (unsigned long long)progress->ended,
            (unsigned long long)progress->failed);
}

/* What all runs came to. */
static void say_end(const Progress *progress, Line *line) {
    if (progress->ended == 0)
        return;
    say_name(line, progress->graph, progress->failed ? BAD : GOOD);
    if (progress->ended == 1) {
        say(line, ": %s", dfl_strerror(progress->status));
    } else {
        say_count(line, ": ", progress->ended, "run");
        say(line, ", %llu failed", (unsigned long long)progress->failed);
    }
    say_count(line, ", ", progress->steps, "step");
    say(line, ", ");
    say_time(line, progress->busy_ns);
}

/* ---- the terminal ---- */

static size_t columns_of(FILE *file) {
    struct winsize size;
    if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS;
    return size.ws_col;
}

/* A line that wraps cannot be drawn over; and what moves the cursor is no text. */
static void fit(Line *line, size_t columns) {
    size_t i, shown = 0;
    for (i = 0; i < line->n; i++) {
        uint8_t c = (uint8_t)line->text[i];
        if (c < 0x20 || c == 0x7f)
            line->text[i] = ' ';
        if ((c & 0xc0) != 0x80 && ++shown >= columns)
            break;
    }
    line->n = i;
    line->name = line->name < i ? line->name : i;
}

static void draw(Progress *progress, const Line *line, const char *end) {
    static const char *const colors[] = {"\033[1m", "\033[1;32m", "\033[1;31m"};
    char text[TEXT_BYTES + 64];
    bool color = progress->has_color;
    int n = snprintf(text, sizeof text, "\r\033[K%s%.*s%s%.*s%s", color ? colors[line->mood] : "",
                     (int)line->name, line->text, color ? "\033[0m" : "",
                     (int)(line->n - line->name), line->text + line->name, end);
    if (!progress->failed_write)
        progress->failed_write = dfl__stdio_write(progress->file, text, (size_t)n);
    if (!progress->failed_write)
        progress->failed_write = dfl__stdio_flush(progress->file);
}

/* ---- the thread ---- */

static void draw_now(Progress *progress) {
    Line line = {.n = 0};
    pthread_mutex_lock(&progress->lock);
    progress->is_idle = progress->n_runs == 0;
    if (progress->oldest)
        say_run(progress, &line, progress->oldest);
    else
        say_end(progress, &line);
    pthread_mutex_unlock(&progress->lock);
    if (line.n == 0)
        return;
    fit(&line, columns_of(progress->file));
    draw(progress, &line, "");
}

static bool is_idle(Progress *progress) {
    bool idle;
    pthread_mutex_lock(&progress->lock);
    idle = progress->is_idle;
    pthread_mutex_unlock(&progress->lock);
    return idle;
}

/* Until a run is under way, and then as long as it takes to see the next picture. */
static void wait_for_news(Progress *progress) {
    int64_t from;
    for (;;) {
        unsigned seen = atomic_load(&progress->wakes);
        if (atomic_load(&progress->closing) || !is_idle(progress))
            break;
        dfl__park_wait(&progress->wakes, seen, -1);
    }
    from = dfl__now();
    for (;;) {
        unsigned seen = atomic_load(&progress->wakes);
        int64_t left = DRAW_NS - (dfl__now() - from);
        if (atomic_load(&progress->closing) || left <= 0)
            return;
        dfl__park_wait(&progress->wakes, seen, left);
    }
}

static void *draw_until_closed(void *arg) {
    Progress *progress = arg;
    for (;;) {
        wait_for_news(progress);
        if (atomic_load(&progress->closing))
            return NULL;
        draw_now(progress);
    }
}

/* Signals are for the threads of the program. 0, or errno. */
static int begin_thread(Progress *progress) {
    sigset_t all, old;
    int why;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    why = pthread_create(&progress->thread, NULL, draw_until_closed, progress);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    progress->process = getpid();
    return why;
}

/* ---- the hook ---- */

static bool can_draw_on(FILE *file) {
    const char *term = getenv("TERM");
    int fd = fileno(file);
    return fd >= 0 && isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_color(void) {
    const char *no_color = getenv("NO_COLOR");
    return !(no_color && *no_color);
}

/* On a terminal. 0, or errno. */
static int set_up(Progress *progress) {
    int why = pthread_mutex_init(&progress->lock, NULL);
    if (why)
        return why;
    progress->has_color = wants_color();
    progress->cpus = dfl__cpus();
    progress->is_idle = true;
    why = begin_thread(progress);
    if (why)
        pthread_mutex_destroy(&progress->lock);
    else
        progress->hooks.mask = DFL_EV_RUN | DFL_EV_NODE | DFL_EV_SECTION;
    return why;
}

dfl_hooks *dfl_progress_open(FILE *file) {
    Progress *progress = file ? dfl__zalloc(sizeof *progress) : NULL;
    int why;
    if (!progress) {
        errno = file ? ENOMEM : EINVAL;
        return NULL;
    }
    progress->hooks = (dfl_hooks){.on_event = on_event, .user = progress, .quick = true};
    progress->file = file;
    why = can_draw_on(file) ? set_up(progress) : 0;
    if (why) {
        dfl__free(progress);
        errno = why;
        return NULL;
    }
    return &progress->hooks;
}

/* In the child of a fork() there is no thread, and nothing of what the parent drew is its own. */
static void end_thread(Progress *progress) {
    Line line = {.n = 0};
    if (progress->process != getpid())
        return;
    atomic_store(&progress->closing, true);
    wake(progress);
    pthread_join(progress->thread, NULL);
    say_end(progress, &line);
    fit(&line, columns_of(progress->file));
    if (line.n > 0)
        draw(progress, &line, "\n");
}

int dfl_progress_close(dfl_hooks *hooks) {
    Progress *progress = (Progress *)hooks;
    int status, why;
    if (!hooks)
        return DFL_OK;
    if (progress->process) {
        end_thread(progress);
        pthread_mutex_destroy(&progress->lock);
    }
    why = progress->failed_write;
    status = why ? DFL_ESTORE : progress->lost ? DFL_ENOMEM : DFL_OK;
    while (progress->oldest)
        free_run(progress, find_run(progress, progress->oldest->number));
    dfl__free(progress);
    errno = why ? why : errno;
    return status;
}
