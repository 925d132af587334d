// Every system call of the file store fails, each with every error, and every allocation, once and for good: the
// store says so, keeps what it had, leaves nothing behind, and goes on; but after a failed sync it is durable no more.
// quick: 300; full: 1000000; link: -Wl,--wrap=open,--wrap=openat,--wrap=close,--wrap=pread,--wrap=write,--wrap=pwrite,--wrap=pwritev,--wrap=fsync,--wrap=fdatasync,--wrap=syncfs,--wrap=ftruncate,--wrap=fallocate,--wrap=posix_fallocate,--wrap=fstat,--wrap=fstatat,--wrap=fcntl,--wrap=mmap,--wrap=munmap,--wrap=mkdir,--wrap=renameat,--wrap=unlinkat,--wrap=fdopendir,--wrap=readdir,--wrap=closedir,--wrap=getrandom,--wrap=pthread_create,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
#include <signal.h>

#include "calls.h"
#include "torture.h"

/* What the test itself needs is there. */
void *__real_malloc(size_t n);
void __real_free(void *p);
#define malloc __real_malloc
#define free   __real_free
#include "content.h"
#undef malloc
#undef free

#include "mem.h"

/* ---- faults ---- */

typedef struct Kind {
    const char *name;
    int error;
    bool late, half;
    unsigned at; /* calls that fail so for good; once, any call may */
} Kind;

#define AT(CALL) (1u << CALL_##CALL)
enum {
    CHANGES = AT(WRITE) | AT(TRUNCATE) | AT(ALLOCATE) | AT(MKDIR) | AT(RENAME) | AT(UNLINK),
    OPENS = AT(OPEN) | AT(DUP) | AT(LIST),
    ALL = (1u << N_CALLS) - 1
};

/* EINTR for good is 40 times: nothing is to be done but to try again. */
static const Kind kinds[] = {
    {"EIO", EIO, false, false, ALL & ~AT(CLOSE)},
    {"ENOSPC", ENOSPC, false, false, CHANGES},
    {"EDQUOT", EDQUOT, false, false, CHANGES},
    {"EINTR", EINTR, false, false,
     AT(OPEN) | AT(CLOSE) | AT(READ) | AT(WRITE) | AT(SYNC) | AT(TRUNCATE) | AT(ALLOCATE) |
         AT(LOCK) | AT(RANDOM)},
    {"EAGAIN", EAGAIN, false, false, AT(READ) | AT(WRITE) | AT(LOCK) | AT(MAP)},
    {"EMFILE", EMFILE, false, false, OPENS},
    {"EACCES", EACCES, false, false, CHANGES | AT(OPEN) | AT(LOCK)},
    {"EROFS", EROFS, false, false, CHANGES},
    {"ENOMEM", ENOMEM, false, false, OPENS | AT(MAP) | AT(STAT) | AT(LOCK)},
    {"EIO, but done", EIO, true, false, AT(READ) | CHANGES},
    {"half of it", 0, false, true, AT(READ) | AT(WRITE)},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds, INTERRUPTS = 40 };

/* Not of a call, but of an allocation. */
static const Kind no_memory = {"no memory", ENOMEM, false, false, 0};

/* The one that is injected. */
static struct {
    const Kind *kind; /* NULL: none, calls are only counted */
    bool for_good;
    long number, made;    /* the first that fails; those that were made */
    long allocations;     /* made, too */
    long failed, visible; /* and those that the store need not hide */
    bool is_over;
    Call call;        /* that failed last */
    bool sync_failed; /* and not with EINTR */
    Call seen[20000]; /* of a run without faults */
} fault;

static bool is_to_fail(Call call) {
    if (!fault.kind || fault.kind == &no_memory || fault.is_over || fault.made < fault.number)
        return false;
    if (!fault.for_good)
        return fault.made == fault.number;
    if (fault.kind->error == EINTR && fault.failed >= INTERRUPTS)
        return false;
    return fault.kind->at & 1u << call || fault.made == fault.number;
}

/* Calls that the system may break off for a signal: nothing may be seen of that. Short ones likewise. */
static bool is_to_be_hidden(Call call) {
    return fault.kind->half || call == CALL_CLOSE || call == CALL_RANDOM ||
           (fault.kind->error == EINTR && fault.kind->at & 1u << call);
}

static Fate fate_of(Call call) {
    Fate fate = {0};
    /* Without a thread to sync later, a save is synced at once, and calls always have the same numbers. */
    if (call == CALL_THREAD)
        return (Fate){.error = EAGAIN};
    if (is_to_fail(call)) {
        fate = (Fate){fault.kind->error, fault.kind->late, fault.kind->half};
        fault.failed++;
        fault.visible += !is_to_be_hidden(call);
        fault.call = call;
        if (call == CALL_SYNC && fate.error && fate.error != EINTR)
            fault.sync_failed = true;
    }
    if (!fault.kind && fault.made < (long)(sizeof fault.seen / sizeof *fault.seen))
        fault.seen[fault.made] = call;
    fault.made++;
    return fate;
}

/* ---- allocations ---- */

void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static atomic_long live; /* of this program and the store; not those within the C library */

static bool memory_fails(void) {
    long number;
    if (!calls.on)
        return false;
    number = fault.allocations++;
    if (fault.kind != &no_memory || fault.is_over || number < fault.number ||
        (number > fault.number && !fault.for_good))
        return false;
    fault.failed++;
    fault.visible++;
    errno = ENOMEM;
    return true;
}

static void *counted(void *p) {
    live += p != NULL;
    return p;
}

void *__wrap_malloc(size_t n) {
    return memory_fails() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size) {
    return memory_fails() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n) {
    if (memory_fails())
        return NULL;
    return p ? __real_realloc(p, n) : counted(__real_realloc(p, n));
}

void __wrap_free(void *p) {
    live -= p != NULL;
    __real_free(p);
}

static const char *fault_text(void) {
    static char text[160];
    if (fault.kind == &no_memory) {
        snprintf(text, sizeof text, "allocation %ld, %s", fault.number,
                 fault.for_good ? "for good" : "once");
        return text;
    }
    snprintf(text, sizeof text, "call %ld (%s), %s, %s", fault.number,
             fault.number >= 0 ? call_names[fault.seen[fault.number]] : "none",
             fault.kind ? fault.kind->name : "no fault", fault.for_good ? "for good" : "once");
    return text;
}

/* ---- what the store has to hold ---- */

/* A save or removal that failed may be there, or not. */
typedef enum Fact { SURE, MAYBE, GONE } Fact;

typedef struct Saved {
    uint64_t number, id;
    size_t n;
    Fact fact;
    bool seen;
} Saved;

enum { THREADS = 4, SAVES = 64 };
static const char *const thread_names[THREADS] = {"anna", "a thread of a longer name/..", "c",
                                                  "new"};

static struct {
    Saved saved[THREADS][SAVES];
    size_t n[THREADS];
    uint64_t last_number;
    Fact layout;
} model;

static Content content_with(const char *thread, uint64_t number, size_t n) {
    Content content = content_of(thread, number, 0, 0);
    content.n = n;
    return content;
}

/* ---- looking ---- */

typedef struct Look {
    dfl_store *store;
    int thread;
    uint64_t before; /* the id that was listed last; 0: none */
    int status;      /* of a read that failed */
} Look;

static Saved *saved_by_number(int thread, uint64_t number) {
    for (size_t i = 0; i < model.n[thread]; i++)
        if (model.saved[thread][i].number == number)
            return &model.saved[thread][i];
    return NULL;
}

static int look_at(void *user, const dfl_checkpoint *about) {
    Look *look = user;
    const char *name = thread_names[look->thread];
    Saved *saved = saved_by_number(look->thread, about->step);
    dfl_buf hold = {0};
    dfl_record record;
    MUST(saved, "%s: '%s' has %llu, which was never saved", fault_text(), name,
         (unsigned long long)about->step);
    MUST(look->before == 0 || about->id < look->before, "%s: history is out of order",
         fault_text());
    MUST(saved->fact != GONE, "%s: '%s' %llu was removed, and is there", fault_text(), name,
         (unsigned long long)about->step);
    MUST(saved->id == 0 || saved->id == about->id, "%s: '%s' %llu has another id", fault_text(),
         name, (unsigned long long)about->step);
    look->before = about->id;
    saved->seen = true;
    look->status = look->store->ops->read(look->store->self, name, about->id, &record, &hold);
    if (look->status == DFL_OK) {
        Content content = content_with(name, saved->number, saved->n);
        MUST(content_is_right(name, &record, &content), "%s: '%s' %llu reads wrong", fault_text(),
             name, (unsigned long long)about->step);
    }
    dfl_buf_free(&hold);
    return look->status != DFL_OK;
}

/* The last that is sure is there, and everything before it that is. */
static void check_seen(int thread, uint64_t latest) {
    uint64_t newest = 0;
    for (size_t i = 0; i < model.n[thread]; i++) {
        const Saved *saved = &model.saved[thread][i];
        MUST(saved->seen || saved->fact != SURE, "%s: '%s' %llu is lost", fault_text(),
             thread_names[thread], (unsigned long long)saved->number);
        if (saved->seen)
            newest = saved->number;
    }
    MUST(latest == newest, "%s: the latest of '%s' is %llu, not %llu", fault_text(),
         thread_names[thread], (unsigned long long)latest, (unsigned long long)newest);
}

static int look_at_thread(dfl_store *store, int thread) {
    Look look = {.store = store, .thread = thread, .status = DFL_OK};
    const char *name = thread_names[thread];
    dfl_checkpoint latest = {0};
    int status;
    for (size_t i = 0; i < model.n[thread]; i++)
        model.saved[thread][i].seen = false;
    status = dfl_store_history(store, name, 0, look_at, &look);
    if (status == DFL_OK)
        status = look.status;
    if (status == DFL_OK || status == DFL_ENOTFOUND) {
        int rc = dfl_store_latest(store, name, &latest);
        if (rc != DFL_OK && rc != DFL_ENOTFOUND)
            return rc;
        MUST(rc == status, "%s: history of '%s' is %d, latest %d", fault_text(), name, status, rc);
        check_seen(thread, latest.step);
        status = DFL_OK;
    }
    return status;
}

static int count_thread(void *user, const char *thread) {
    (void)thread;
    ++*(int *)user;
    return 0;
}

static int look_at_layout(dfl_store *store) {
    dfl_buf layout = {0};
    int status = store->ops->layout(store->self, 7, &layout);
    MUST(status != DFL_ENOTFOUND || model.layout != SURE, "%s: the layout is lost", fault_text());
    MUST(status != DFL_OK || (layout.n == 6 && !memcmp(layout.p, "seven\n", 6)),
         "%s: the layout reads wrong", fault_text());
    dfl_buf_free(&layout);
    return status == DFL_ENOTFOUND ? DFL_OK : status;
}

/* Everything that the store tells, compared with the model: DFL_OK, or the error of a call that failed. */
static int look(dfl_store *store) {
    int n = 0, status = DFL_OK;
    for (int thread = 0; thread < THREADS && status == DFL_OK; thread++)
        status = look_at_thread(store, thread);
    if (status == DFL_OK)
        status = dfl_store_threads(store, count_thread, &n);
    MUST(n <= THREADS, "%s: there are %d threads", fault_text(), n);
    return status == DFL_OK ? look_at_layout(store) : status;
}

/* ---- the scenario ---- */

typedef enum Act {
    END,
    OPEN_IT, /* n: keep_last */
    CLOSE_IT,
    LAYOUT,
    PUT,   /* n: bytes */
    ASYNC, /* the same */
    SYNC,
    DELETE,
    PRUNE, /* n: how many are kept */
    COMPACT,
    VERIFY,
    LOOK,
} Act;

typedef struct Step {
    Act act;
    int handle, thread;
    size_t n;
} Step;

/* Every size that is treated differently: within 4096 bytes on the stack, above, longer than a segment; and
 * segments of 64 KiB end all the time. The second handle sees what the first one does. */
static const Step steps[] = {
    {OPEN_IT, 0, 0, 0},  {LAYOUT, 0, 0, 0},    {PUT, 0, 0, 0},      {PUT, 0, 0, 100},
    {PUT, 0, 1, 3900},   {PUT, 0, 1, 5000},    {LOOK, 0, 0, 0},     {PUT, 0, 0, 30000},
    {PUT, 0, 1, 30000},  {PUT, 0, 0, 10},      {OPEN_IT, 1, 0, 0},  {LOOK, 1, 0, 0},
    {PUT, 1, 2, 200},    {PUT, 0, 2, 300},     {PUT, 1, 2, 100000}, {PUT, 0, 2, 20},
    {ASYNC, 0, 1, 50},   {ASYNC, 0, 1, 40000}, {SYNC, 0, 0, 0},     {DELETE, 1, 0, 0},
    {PUT, 0, 0, 60},     {PUT, 0, 0, 40000},   {PUT, 0, 0, 200},    {PRUNE, 0, 1, 2},
    {LOOK, 0, 0, 0},     {COMPACT, 0, 0, 0},   {LOOK, 1, 0, 0},     {PUT, 1, 1, 500},
    {VERIFY, 1, 0, 0},   {COMPACT, 1, 0, 0},   {PUT, 0, 2, 700},    {LOOK, 0, 0, 0},
    {CLOSE_IT, 0, 0, 0}, {PUT, 1, 2, 33000},   {CLOSE_IT, 1, 0, 0}, {OPEN_IT, 0, 0, 0},
    {VERIFY, 0, 0, 0},   {LOOK, 0, 0, 0},      {PUT, 0, 0, 100},    {PUT, 0, 3, 20000},
    {PUT, 0, 3, 20000},  {PUT, 0, 3, 20000},   {PUT, 0, 3, 20000},  {DELETE, 0, 3, 0},
    {SYNC, 0, 0, 0},     {CLOSE_IT, 0, 0, 0},  {END, 0, 0, 0},
};

static dfl_store *handles[2];
static bool poisoned[2];
static const Saved *doubtful[2]; /* what was being saved then */

static int open_handle(int handle) {
    dfl_store_options options = {.segment_bytes = 65536};
    poisoned[handle] = false;
    return dfl_store_open(scratch_path("store"), &options, &handles[handle]);
}

static void close_handle(int handle) {
    dfl_store_close(handles[handle]);
    handles[handle] = NULL;
}

static int put(dfl_store *store, int thread, size_t n, dfl_durability durability) {
    const char *name = thread_names[thread];
    uint64_t number = ++model.last_number;
    Content content = content_with(name, number, n);
    Saved *saved = &model.saved[thread][model.n[thread]];
    MUST(model.n[thread] < SAVES, "no room in the model");
    *saved = (Saved){.number = number, .n = n, .fact = MAYBE};
    model.n[thread]++;
    return content_put(store, name, number, &content, durability, &saved->id);
}

/* The newest `keep` stay, of those that are there; which these are may be doubtful itself. */
static void removed(int thread, size_t keep, bool is_sure) {
    size_t newer = 0, newer_sure = 0;
    for (size_t i = model.n[thread]; i-- > 0;) {
        Saved *saved = &model.saved[thread][i];
        Fact fact = saved->fact;
        if (fact == GONE)
            continue;
        if (newer >= keep)
            saved->fact = is_sure && newer_sure >= keep ? GONE : MAYBE;
        newer++;
        newer_sure += fact == SURE;
    }
}

static int act(const Step *step) {
    dfl_store *store = handles[step->handle];
    const char *name = thread_names[step->thread];
    switch (step->act) {
    case OPEN_IT:
        return open_handle(step->handle);
    case CLOSE_IT:
        close_handle(step->handle);
        return DFL_OK;
    case LAYOUT:
        return store->ops->put_layout(store->self, "g", 7, "seven\n", 6);
    case PUT:
        return put(store, step->thread, step->n, DFL_SYNC);
    case ASYNC:
        return put(store, step->thread, step->n, DFL_ASYNC);
    case SYNC:
        return dfl_store_sync(store);
    case DELETE:
        return dfl_store_delete_thread(store, name);
    case PRUNE:
        return dfl_store_prune(store, name, step->n);
    case COMPACT:
        return dfl_store_compact(store);
    case VERIFY:
        return dfl_store_verify(store, NULL, NULL);
    case LOOK:
        return look(store);
    default:
        return DFL_EINVAL;
    }
}

static Saved *last_saved(const Step *step) {
    size_t n = model.n[step->thread];
    return n > 0 ? &model.saved[step->thread][n - 1] : NULL;
}

/* What the model makes of it. A failed save has no id that could be relied on. */
static void note(const Step *step, int status) {
    Saved *last = last_saved(step);
    if (step->act == PUT || step->act == ASYNC) {
        last->fact = status == DFL_OK ? SURE : MAYBE;
        last->id = status == DFL_OK ? last->id : 0;
    }
    if (step->act == LAYOUT)
        model.layout = status == DFL_OK ? SURE : MAYBE;
    if (step->act == DELETE && status != DFL_ENOTFOUND)
        removed(step->thread, 0, status == DFL_OK);
    if (step->act == PRUNE && status != DFL_ENOTFOUND)
        removed(step->thread, step->n, status == DFL_OK);
}

/* ---- what has to come of a step ---- */

static bool is_lock_held(void) {
    return fault.call == CALL_LOCK && (fault.kind->error == EAGAIN || fault.kind->error == EACCES);
}

static void check_error(const Step *step, int status, int why) {
    if (status == DFL_EBUSY && step->act == OPEN_IT && is_lock_held())
        return;
    if (status == DFL_ENOMEM && fault.kind == &no_memory)
        return;
    MUST(status == DFL_ESTORE, "%s: step %d is %d", fault_text(), (int)(step - steps), status);
    MUST(why == fault.kind->error, "%s: step %d has errno %d (%s)", fault_text(),
         (int)(step - steps), why, strerror(why));
}

static bool is_fault_live(void) {
    return fault.kind && fault.for_good && !fault.is_over && fault.failed > 0;
}

/* A thread of which nothing is sure may not be there. */
static bool may_be_unknown(const Step *step, int status) {
    if (status != DFL_ENOTFOUND || (step->act != DELETE && step->act != PRUNE))
        return false;
    for (size_t i = 0; i < model.n[step->thread]; i++)
        if (model.saved[step->thread][i].fact == SURE)
            return false;
    return true;
}

static bool writes(Act act) {
    return act == LAYOUT || act == PUT || act == ASYNC || act == DELETE || act == PRUNE ||
           act == COMPACT;
}

static int do_step(const Step *step) {
    long visible = fault.visible;
    int status, why;
    fault.sync_failed = false;
    calls.on = step->act != LOOK || fault.kind == NULL || !poisoned[step->handle];
    errno = 0;
    status = act(step);
    why = errno;
    calls.on = false;
    note(step, status);
    if (fault.sync_failed && handles[step->handle]) {
        poisoned[step->handle] = true;
        doubtful[step->handle] = step->act == PUT || step->act == ASYNC ? last_saved(step) : NULL;
    }
    fault.sync_failed = false;
    if (may_be_unknown(step, status))
        return DFL_OK;
    if (status != DFL_OK) {
        bool is_new = fault.visible > visible;
        MUST(fault.kind, "step %d is %d (errno %d) without a fault", (int)(step - steps), status,
             why);
        MUST(is_new || (poisoned[step->handle] && (writes(step->act) || step->act == SYNC)),
             "%s: step %d is %d (errno %d), and nothing has failed", fault_text(),
             (int)(step - steps), status, why);
        check_error(step, status, why);
    }
    return status;
}

/* ---- a run ---- */

/* After a failed sync nothing is reported durable any more. A sync of nothing may well succeed. */
static void check_poison(int handle) {
    bool is_written;
    int status = look(handles[handle]);
    MUST(status == DFL_OK, "%s: the store cannot be read after a failed sync: %d", fault_text(),
         status);
    is_written = doubtful[handle] && doubtful[handle]->seen;
    MUST(put(handles[handle], 0, 10, DFL_SYNC) == DFL_ESTORE && errno == fault.kind->error,
         "%s: a save after a failed sync is reported durable", fault_text());
    status = dfl_store_sync(handles[handle]);
    MUST(status == DFL_ESTORE || !is_written, "%s: a sync after a failed one is %d", fault_text(),
         status);
}

/* With the fault over: everything is there, and more can be saved. */
static void check_usable(int handle) {
    int status = look(handles[handle]);
    const Step save = {PUT, handle, 0, 90};
    MUST(status == DFL_OK, "%s: the store cannot be read afterwards: %d (errno %d)", fault_text(),
         status, errno);
    if (poisoned[handle]) {
        check_poison(handle);
        return;
    }
    status = act(&save);
    MUST(status == DFL_OK, "%s: nothing can be saved afterwards: %d (errno %d)", fault_text(),
         status, errno);
    note(&save, status);
    status = look(handles[handle]);
    MUST(status == DFL_OK, "%s: then it cannot be read: %d", fault_text(), status);
}

/* What was doubtful is settled by what is found now. */
static void settle(void) {
    for (int thread = 0; thread < THREADS; thread++)
        for (size_t i = 0; i < model.n[thread]; i++) {
            Saved *saved = &model.saved[thread][i];
            saved->fact = saved->seen ? SURE : GONE;
        }
}

static void check_whole(int handle) {
    int status = dfl_store_verify(handles[handle], NULL, NULL);
    MUST(status == DFL_OK, "%s: damage is told: %d", fault_text(), status);
    check_usable(handle);
    settle();
    status = dfl_store_compact(handles[handle]);
    MUST(status == DFL_OK, "%s: it cannot be compacted: %d (errno %d)", fault_text(), status,
         errno);
    check_usable(handle);
}

/* A handle that could not be opened or is poisoned is opened anew, as a program would; when the fault goes
 * on, with the others closed only at the end. */
static bool ensure_open(const Step *step) {
    Step again = {OPEN_IT, step->handle, 0, 0};
    if (step->act == OPEN_IT || handles[step->handle])
        return true;
    return do_step(&again) == DFL_OK;
}

static void reopen_poisoned(void) {
    for (int handle = 0; handle < 2; handle++) {
        if (!handles[handle] || !poisoned[handle])
            continue;
        check_poison(handle);
        calls.on = true;
        close_handle(handle);
        calls.on = false;
    }
}

static void play(void) {
    for (const Step *step = steps; step->act != END; step++) {
        if (step->act == CLOSE_IT && !handles[step->handle])
            continue;
        if (!ensure_open(step))
            continue;
        (void)do_step(step);
        if (!is_fault_live())
            reopen_poisoned();
    }
}

static void finish(void) {
    for (int handle = 0; handle < 2; handle++) {
        if (!handles[handle])
            continue;
        if (fault.kind) {
            fault.is_over = true;
            check_usable(handle);
            fault.is_over = false;
        }
        calls.on = true;
        close_handle(handle);
        calls.on = false;
    }
    MUST(calls.open_files == 0, "%s: %ld files are left open", fault_text(), calls.open_files);
    MUST(calls.mappings == 0, "%s: %ld mappings are left", fault_text(), calls.mappings);
    fault.is_over = true;
    for (int round = 0; round < 2; round++) {
        int status = open_handle(0);
        MUST(status == DFL_OK, "%s: it cannot be opened afterwards: %d (errno %d)", fault_text(),
             status, errno);
        check_whole(0);
        close_handle(0);
    }
}

static void begin(long number, const Kind *kind, bool for_good) {
    memset(&model, 0, sizeof model);
    model.layout = MAYBE;
    fault.kind = kind;
    fault.number = number;
    fault.for_good = for_good;
    fault.made = fault.allocations = fault.failed = fault.visible = 0;
    fault.is_over = fault.sync_failed = poisoned[0] = poisoned[1] = false;
    calls.fate = fate_of;
    calls.open_files = calls.mappings = 0;
}

/* The calls and allocations of a run in which nothing fails; of the second one, as the first has some that are made
 * once. */
static void count(long *n_calls, long *n_allocations) {
    static long made, allocations;
    for (int run = 0; made == 0 || run == 1; run++) {
        begin(-1, NULL, false);
        play();
        made = fault.made;
        allocations = fault.allocations;
        finish();
        scratch_begin();
    }
    *n_calls = made;
    *n_allocations = allocations;
}

/* ---- the sync that is made later ---- */

static atomic_int syncs;

static Fate fail_first_sync(Call call) {
    return (Fate){.error = call == CALL_SYNC && syncs++ == 0 ? EIO : 0};
}

/* DFL_ASYNC is told of a failed sync with the next save. */
static void check_sync_of_async(void) {
    dfl_store *store;
    Step save = {ASYNC, 0, 0, 100};
    int status = DFL_OK;
    begin(-1, NULL, false);
    MUST(open_handle(0) == DFL_OK, "it cannot be opened");
    store = handles[0];
    MUST(act(&(Step){PUT, 0, 0, 100}) == DFL_OK, "it cannot be saved to");
    note(&(Step){PUT, 0, 0, 100}, DFL_OK);
    calls.fate = fail_first_sync;
    calls.on = true;
    alarm(60);
    while (status == DFL_OK && model.n[0] < SAVES - 1) {
        usleep(5000);
        status = act(&save);
    }
    calls.on = false;
    MUST(status == DFL_ESTORE && errno == EIO, "a failed sync is told as %d", status);
    MUST(dfl_store_sync(store) == DFL_ESTORE && errno == EIO, "what failed is reported durable");
    close_handle(0);
    MUST(open_handle(0) == DFL_OK, "it cannot be opened afterwards");
    check_whole(0);
    close_handle(0);
    alarm(0);
    scratch_begin();
}

/* The index-th of n, in an order that soon has some of each call and kind. */
static long spread(long index, long n) {
    long stride = (long)(0.618034 * (double)n) | 1;
    while (stride > 1 && n % stride == 0)
        stride += 2;
    return (long)((unsigned long long)index * (unsigned long long)stride % (unsigned long long)n);
}

static void one_fault(long number, const Kind *kind, bool for_good) {
    long before;
    begin(number, kind, for_good);
    before = live;
    alarm(60);
    play();
    finish();
    alarm(0);
    MUST(live == before, "%s: %ld allocations are left", fault_text(), live - before);
}

/* Four rounds of five are of calls, one of an allocation; these come to their end sooner, and begin anew. */
static void one_round(Chance *chance) {
    long n, n_allocations, of_calls, group = torture.round / 5, in_group = torture.round % 5, index;
    (void)chance;
    count(&n, &n_allocations);
    of_calls = n * N_KINDS * 2;
    if (torture.from + torture.rounds > of_calls / 4 * 5)
        torture.rounds = of_calls / 4 * 5 - torture.from;
    if (torture.round == torture.from)
        check_sync_of_async();
    if (in_group < 4) {
        index = spread(group * 4 + in_group, of_calls);
        one_fault(index / (N_KINDS * 2), &kinds[index / 2 % N_KINDS], index % 2);
    } else {
        index = spread(group, n_allocations * 2);
        one_fault(index / 2, &no_memory, index % 2);
    }
}

static void hangs(int number) {
    (void)number;
    torture_failed(__FILE__, __LINE__, "%s: it hangs", fault_text());
}

int main(int argc, char **argv) {
    signal(SIGALRM, hangs);
    return torture_run(argc, argv, "faults", one_round);
}
