// Processes are killed at any moment: whatever they were told is saved, deleted or pruned stays so, whatever
// they were about to do is done or not, and nothing else is different. Each round kills ten times.
// quick: 6; full: 400
#include "content.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { KILLS = 10, WORKERS = 6, OPS = 2000, LISTED = 40000, KEEP = 3, MARKS = 8 };

/* ---- what the workers tell ---- */

typedef enum OpKind {
    SAVE_OWN, /* to the worker's own thread, which it alone changes */
    SAVE_ALL, /* to the one that all save to */
    DELETE_OWN,
    PRUNE_OWN,
    COMPACT,
    LAYOUT,
    READ_OWN,
} OpKind;

typedef struct Op {
    OpKind kind;
    uint64_t number, id;
} Op;

/* Written by one worker: an op is filled in, counted as begun, done, and counted as done. */
typedef struct Journal {
    atomic_uint begun, done;
    Op ops[OPS];
} Journal;

typedef struct Shared {
    Journal journals[WORKERS];
    atomic_bool stop;
} Shared;

static Shared *shared;

/* ---- what is known to be in the store ---- */

typedef struct Saved {
    uint64_t number, id; /* id 0: not told */
} Saved;

typedef struct Line { /* of one thread id, oldest first */
    Saved all[LISTED];
    size_t n;
} Line;

static struct {
    Line own[WORKERS], others, found, possible;
    uint64_t next_number[WORKERS];
    uint64_t last_id;
    bool layouts[WORKERS * MARKS];
    size_t keep_last;
} model;

static void line_add(Line *line, uint64_t number, uint64_t id) {
    MUST(line->n < LISTED, "too many checkpoints");
    line->all[line->n++] = (Saved){number, id};
}

static void line_keep(Line *line, size_t keep) {
    if (keep == 0 || line->n <= keep)
        return;
    memmove(line->all, line->all + line->n - keep, keep * sizeof *line->all);
    line->n = keep;
}

static void line_apply(Line *line, const Op *op) {
    switch (op->kind) {
    case SAVE_OWN:
        line_add(line, op->number, op->id);
        line_keep(line, model.keep_last);
        break;
    case DELETE_OWN:
        line->n = 0;
        break;
    case PRUNE_OWN:
        line_keep(line, KEEP);
        break;
    default:
        break;
    }
}

/* ---- workers ---- */

typedef struct Worker {
    pthread_t thread;
    dfl_store *store;
    int number;
    uint64_t next_number;
    Chance chance;
    char own[16];
} Worker;

static Content content_for(const char *thread, uint64_t number) {
    return content_of(thread, number, 40, 100000);
}

static dfl_durability any_durability(Chance *chance) {
    return (dfl_durability)chance_below(chance, 3);
}

static void save(Worker *worker, const char *thread, Op *op) {
    Content content = content_for(thread, op->number);
    int status = content_put(worker->store, thread, op->number, &content,
                             any_durability(&worker->chance), &op->id);
    MUST(status == DFL_OK, "saving: status %d", status);
}

/* A worker sees what it has done itself. */
static void read_own(const Worker *worker, uint64_t last_number) {
    dfl_record record;
    dfl_buf hold = {0};
    int status = worker->store->ops->read(worker->store->self, worker->own, 0, &record, &hold);
    if (last_number > 0) {
        Content content = content_for(worker->own, last_number);
        MUST(status == DFL_OK && record.about.step == last_number, "not its own: status %d",
             status);
        MUST(content_is_right(worker->own, &record, &content), "it reads wrong");
    }
    dfl_buf_free(&hold);
}

static void do_op(Worker *worker, Op *op, uint64_t *last_number) {
    dfl_store *store = worker->store;
    uint64_t mark = 1 + (uint64_t)worker->number * MARKS + op->number % MARKS;
    int status = DFL_OK;
    switch (op->kind) {
    case SAVE_OWN:
        save(worker, worker->own, op);
        *last_number = op->number;
        break;
    case SAVE_ALL:
        save(worker, "all", op);
        break;
    case DELETE_OWN:
        status = dfl_store_delete_thread(store, worker->own);
        *last_number = 0;
        break;
    case PRUNE_OWN:
        status = dfl_store_prune(store, worker->own, KEEP);
        break;
    case COMPACT:
        status = dfl_store_compact(store);
        break;
    case LAYOUT:
        status = store->ops->put_layout(store->self, "g", mark, "layout", 6);
        break;
    case READ_OWN:
        read_own(worker, *last_number);
        break;
    }
    MUST(status == DFL_OK || status == DFL_ENOTFOUND, "op %d: status %d", op->kind, status);
}

static OpKind any_kind(Chance *chance) {
    static const OpKind rare[] = {DELETE_OWN, PRUNE_OWN, PRUNE_OWN, COMPACT, LAYOUT, READ_OWN};
    if (chance_one_in(chance, 6))
        return rare[chance_below(chance, sizeof rare / sizeof *rare)];
    return chance_one_in(chance, 2) ? SAVE_OWN : SAVE_ALL;
}

static void *work(void *arg) {
    Worker *worker = arg;
    Journal *journal = &shared->journals[worker->number];
    uint64_t last_number = 0;
    for (unsigned i = 0; i < OPS && !atomic_load(&shared->stop); i++) {
        Op *op = &journal->ops[i];
        *op = (Op){.kind = any_kind(&worker->chance)};
        op->number = op->kind == SAVE_ALL
                         ? (uint64_t)(worker->number + 1) << 32 | worker->next_number++
                         : worker->next_number++;
        atomic_store(&journal->begun, i + 1);
        do_op(worker, op, &last_number);
        atomic_store(&journal->done, i + 1);
    }
    /* Who has done all before it is killed, as whoever kills had to wait for a CPU, waits for that. */
    while (!atomic_load(&shared->stop))
        usleep(1000);
    return NULL;
}

static void never_damaged(void *user, const dfl_damage *damage) {
    (void)user;
    torture_failed(__FILE__, __LINE__, "damage is told: %s, file %u, byte %llu", damage->what,
                   (unsigned)damage->file, (unsigned long long)damage->offset);
}

static dfl_store *open_it(void) {
    dfl_store *store = NULL;
    dfl_error error = {0};
    dfl_store_options options = {.segment_bytes = 65536,
                                 .keep_last = model.keep_last,
                                 .on_damage = never_damaged,
                                 .error = &error};
    int status = dfl_store_open(scratch_path("store"), &options, &store);
    MUST(status == DFL_OK, "opening: status %d, %s", status, error.message);
    return store;
}

/* In a child: its workers share a handle. */
static void run_process(int first, int n, Chance *chance) {
    dfl_store *store = open_it();
    Worker workers[WORKERS];
    for (int i = 0; i < n; i++) {
        Worker *worker = &workers[i];
        *worker = (Worker){.store = store, .number = first + i};
        worker->next_number = model.next_number[first + i];
        worker->chance = chance_of(chance->state, (uint64_t)(first + i));
        snprintf(worker->own, sizeof worker->own, "own%d", first + i);
        MUST(pthread_create(&worker->thread, NULL, work, worker) == 0, "no thread");
    }
    for (int i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
    dfl_store_close(store);
    _exit(0);
}

/* ---- killing ---- */

static unsigned all_done(void) {
    unsigned n = 0;
    for (int w = 0; w < WORKERS; w++)
        n += atomic_load(&shared->journals[w].done);
    return n;
}

static void must_be_alive(pid_t child) {
    int status;
    MUST(waitpid(child, &status, WNOHANG) == 0, "a process has ended by itself: %d", status);
}

static void kill_one(pid_t child) {
    int status;
    must_be_alive(child);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a process has failed: %d", status);
}

static void end_one(pid_t child) {
    int status;
    waitpid(child, &status, 0);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a process has failed: %d", status);
}

/* At once, one after the other, or all but the first, which then goes on and ends well. */
static void kill_all(const pid_t *children, int n, Chance *chance) {
    uint64_t how = chance_below(chance, 3);
    for (int i = how == 2; i < n; i++) {
        kill_one(children[i]);
        if (how > 0)
            usleep((unsigned)chance_below(chance, 10000));
    }
    if (how == 2) {
        atomic_store(&shared->stop, true);
        end_one(children[0]);
    }
}

static void run_and_kill(Chance *chance) {
    pid_t children[WORKERS];
    int n = 1 + (int)chance_below(chance, 3), each = WORKERS / n;
    unsigned wait_for = 1 + (unsigned)chance_below(chance, chance_one_in(chance, 4) ? 1000 : 100);
    memset(shared, 0, sizeof *shared);
    each = 1 + (int)chance_below(chance, (uint64_t)each);
    for (int i = 0; i < n; i++) {
        children[i] = fork();
        MUST(children[i] >= 0, "no process");
        if (children[i] == 0)
            run_process(i * each, each, chance);
    }
    while (all_done() < wait_for) {
        for (int i = 0; i < n; i++)
            must_be_alive(children[i]);
        usleep(100);
    }
    usleep((unsigned)chance_below(chance, 2000));
    kill_all(children, n, chance);
}

/* ---- looking ---- */

typedef struct Looking {
    dfl_store *store;
    const char *thread;
    uint64_t previous; /* of the one that was listed last */
    bool is_first;
} Looking;

static int list_one(void *user, const dfl_checkpoint *about) {
    Looking *looking = user;
    Content content = content_for(looking->thread, about->step);
    dfl_record record;
    dfl_buf hold = {0};
    int status =
        looking->store->ops->read(looking->store->self, looking->thread, about->id, &record, &hold);
    MUST(status == DFL_OK && record.about.id == about->id && record.about.step == about->step,
         "'%s' %llu: status %d", looking->thread, (unsigned long long)about->id, status);
    MUST(content_is_right(looking->thread, &record, &content), "'%s' %llu is wrong",
         looking->thread, (unsigned long long)about->id);
    MUST(looking->is_first || about->id == looking->previous,
         "'%s' %llu should be %llu: the line is broken", looking->thread,
         (unsigned long long)about->id, (unsigned long long)looking->previous);
    looking->previous = about->previous;
    looking->is_first = false;
    line_add(&model.found, about->step, about->id);
    dfl_buf_free(&hold);
    return 0;
}

/* All of a thread into model.found, oldest first. */
static void list(dfl_store *store, const char *thread) {
    Looking looking = {.store = store, .thread = thread, .is_first = true};
    Line *found = &model.found;
    int status;
    found->n = 0;
    status = dfl_store_history(store, thread, 0, list_one, &looking);
    MUST(status == (found->n > 0 ? DFL_OK : DFL_ENOTFOUND), "history of '%s': status %d", thread,
         status);
    MUST(looking.is_first || looking.previous < found->all[found->n - 1].id,
         "it begins after itself");
    for (size_t i = 0; i < found->n / 2; i++) {
        Saved saved = found->all[i];
        found->all[i] = found->all[found->n - 1 - i];
        found->all[found->n - 1 - i] = saved;
    }
}

static bool line_is_found(const Line *line) {
    if (line->n != model.found.n)
        return false;
    for (size_t i = 0; i < line->n; i++) {
        const Saved *told = &line->all[i], *found = &model.found.all[i];
        if (told->number != found->number || (told->id && told->id != found->id))
            return false;
    }
    return true;
}

/* A worker's own thread is what it was told to be, or what it was about to be. */
static void look_at_own(dfl_store *store, int w) {
    Journal *journal = &shared->journals[w];
    unsigned done = atomic_load(&journal->done), begun = atomic_load(&journal->begun);
    Line *own = &model.own[w];
    char name[16];
    MUST(begun == done || begun == done + 1, "the journal is wrong");
    for (unsigned i = 0; i < done; i++)
        line_apply(own, &journal->ops[i]);
    model.possible = *own;
    if (begun > done) {
        Op op = journal->ops[done];
        op.id = 0;
        line_apply(&model.possible, &op);
    }
    snprintf(name, sizeof name, "own%d", w);
    list(store, name);
    MUST(line_is_found(own) || line_is_found(&model.possible),
         "'%s' has %zu checkpoints, not %zu as it was told, nor %zu", name, model.found.n, own->n,
         model.possible.n);
    *own = model.found;
}

static bool line_has(const Line *line, uint64_t number, uint64_t id) {
    size_t low = 0, high = line->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (line->all[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < line->n && line->all[low].id == id && line->all[low].number == number;
}

/* Whether somebody was about to save this to the thread of all, in this step. */
static bool was_begun(uint64_t number) {
    unsigned w = (unsigned)(number >> 32) - 1;
    const Journal *journal = &shared->journals[w < WORKERS ? w : 0];
    for (unsigned i = 0; i < atomic_load(&journal->begun); i++)
        if (journal->ops[i].kind == SAVE_ALL && journal->ops[i].number == number)
            return true;
    return false;
}

/* What was told to be saved in this step is found; returns the greatest id of it. */
static uint64_t look_at_told(void) {
    uint64_t newest = 0;
    for (int w = 0; w < WORKERS; w++) {
        const Journal *journal = &shared->journals[w];
        for (unsigned i = 0; i < atomic_load(&journal->done); i++) {
            const Op *op = &journal->ops[i];
            if (op->kind != SAVE_ALL)
                continue;
            MUST(model.keep_last > 0 || line_has(&model.found, op->number, op->id),
                 "checkpoint %llu is lost", (unsigned long long)op->id);
            newest = op->id > newest ? op->id : newest;
        }
    }
    return newest;
}

/* Everything that was told is there, where not all but the newest are dropped; and nothing that nobody has
 * saved. */
static void look_at_all(dfl_store *store) {
    const Line *found = &model.found, *before = &model.others;
    uint64_t newest;
    list(store, "all");
    newest = look_at_told();
    if (before->n > 0 && before->all[before->n - 1].id > newest)
        newest = before->all[before->n - 1].id;
    MUST(newest == 0 || (found->n > 0 && found->all[found->n - 1].id >= newest),
         "the latest, %llu, is lost", (unsigned long long)newest);
    MUST(model.keep_last == 0 || found->n <= model.keep_last, "more than are kept");
    for (size_t i = 0; i < found->n; i++)
        MUST(line_has(before, found->all[i].number, found->all[i].id) ||
                 was_begun(found->all[i].number),
             "nobody has saved %llu", (unsigned long long)found->all[i].id);
    for (size_t i = 0; i < before->n && model.keep_last == 0; i++)
        MUST(line_has(found, before->all[i].number, before->all[i].id), "checkpoint %llu is lost",
             (unsigned long long)before->all[i].id);
    model.others = model.found;
}

static void look_at_layouts(dfl_store *store) {
    for (int w = 0; w < WORKERS; w++) {
        const Journal *journal = &shared->journals[w];
        for (unsigned i = 0; i < atomic_load(&journal->done); i++)
            if (journal->ops[i].kind == LAYOUT)
                model.layouts[w * MARKS + (int)(journal->ops[i].number % MARKS)] = true;
    }
    for (uint64_t i = 0; i < WORKERS * MARKS; i++) {
        dfl_buf text = {0};
        int status = store->ops->layout(store->self, i + 1, &text);
        MUST(status == DFL_OK || (!model.layouts[i] && status == DFL_ENOTFOUND),
             "layout %d: status %d", (int)i, status);
        MUST(status != DFL_OK || (text.n == 6 && !memcmp(text.p, "layout", 6)),
             "a layout is wrong");
        dfl_buf_free(&text);
    }
}

static int by_id(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* No id was given twice, none that was given before this step, and each worker's rise. */
static void look_at_ids(void) {
    static uint64_t ids[WORKERS * OPS];
    uint64_t greatest = model.last_id;
    size_t n = 0;
    for (int w = 0; w < WORKERS; w++) {
        const Journal *journal = &shared->journals[w];
        uint64_t last = model.last_id;
        unsigned done = atomic_load(&journal->done);
        for (unsigned i = 0; i < done; i++) {
            if (journal->ops[i].kind != SAVE_OWN && journal->ops[i].kind != SAVE_ALL)
                continue;
            MUST(journal->ops[i].id > last, "id %llu comes after %llu",
                 (unsigned long long)journal->ops[i].id, (unsigned long long)last);
            ids[n++] = last = journal->ops[i].id;
        }
        greatest = last > greatest ? last : greatest;
        model.next_number[w] += atomic_load(&journal->begun);
    }
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 1; i < n; i++)
        MUST(ids[i] != ids[i - 1], "id %llu was given twice", (unsigned long long)ids[i]);
    model.last_id = greatest;
}

/* What the parent saves is above all of it. One that was killed with the append lock may have written a record
 * of which nobody was told: whoever appends next decides whether it is one, so only now it is settled. */
static void save_one(dfl_store *store) {
    static uint64_t number = UINT64_C(1) << 60;
    Content content = content_for("parent", ++number);
    uint64_t id = 0;
    int status = content_put(store, "parent", number, &content, DFL_ASYNC, &id);
    MUST(status == DFL_OK, "saving afterwards: status %d", status);
    MUST(id > model.last_id, "id %llu is not above %llu", (unsigned long long)id,
         (unsigned long long)model.last_id);
    model.last_id = id;
}

static void look(dfl_store *store) {
    for (int w = 0; w < WORKERS; w++)
        look_at_own(store, w);
    look_at_all(store);
    look_at_layouts(store);
}

static void check(dfl_store *store, Chance *chance) {
    look_at_ids();
    list(store, "all");
    (void)look_at_told();
    save_one(store);
    look(store);
    MUST(dfl_store_verify(store, never_damaged, NULL) == DFL_OK, "damage");
    if (chance_one_in(chance, 5)) {
        memset(shared, 0, sizeof *shared);
        MUST(dfl_store_compact(store) == DFL_OK, "compacting");
        look(store);
    }
}

/* The parent may have the store open all the while: it then finds out by itself who has died. */
static void one_round(Chance *chance) {
    dfl_store *store = NULL;
    memset(&model, 0, sizeof model);
    model.keep_last = chance_one_in(chance, 4) ? KEEP : 0;
    for (int i = 0; i < WORKERS; i++)
        model.next_number[i] = 1;
    for (int i = 0; i < KILLS; i++) {
        torture_within(600); /* long: others may want the CPUs */
        run_and_kill(chance);
        if (!store)
            store = open_it();
        check(store, chance);
        if (chance_one_in(chance, 2)) {
            dfl_store_close(store);
            store = NULL;
        }
    }
    if (store)
        dfl_store_close(store);
}

int main(int argc, char **argv) {
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 2;
    return torture_run(argc, argv, "times ten processes killed", one_round);
}
