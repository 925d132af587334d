#include "stores_of_old_versions.h"

#include <string.h>

#include "../unit/scratch.h"
#include "check.h"
#include "log_record.h"
#include "store.h"

enum { PATH = 1024, MOST_BYTES = 1 << 21, MOST_SEGMENTS = 10 };

/* ---- writing one ---- */

static void run_thread(dfl_store *store, const char *thread, bool bad, bool answered, int status) {
    dfl_run run = {.store = store, .thread_id = thread};
    aged_state s;
    aged_state_init(&s);
    s.bad = bad;
    CHECK_INT(aged_run(&s, &run), DFL_PAUSED);
    if (answered) {
        run.answer = DFL_STR("yes");
        CHECK_INT(aged_resume(&s, &run), status);
    }
    aged_state_free(&s);
}

/* With records of each type, and copied ones. */
static void write_store(const char *path) {
    dfl_store_options options = {.segment_bytes = 65536};
    dfl_store *store;
    CHECK_INT(dfl_store_open(path, &options, &store), DFL_OK);
    run_thread(store, "whole", false, true, DFL_OK);
    CHECK_INT(dfl_store_compact(store), DFL_OK);
    run_thread(store, "failed", true, true, DFL_ENODE);
    run_thread(store, "asked", false, false, DFL_PAUSED);
    run_thread(store, "gone", false, true, DFL_OK);
    run_thread(store, "short", false, true, DFL_OK);
    CHECK_INT(dfl_store_delete_thread(store, "gone"), DFL_OK);
    CHECK_INT(dfl_store_prune(store, "short", 2), DFL_OK);
    dfl_store_close(store);
}

/* ---- showing one ---- */

/* FNV-1a, 64 bits: so that another byte of a body is seen. */
static uint64_t hash(const uint8_t *p, size_t n) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

typedef struct Shown {
    dfl_store *store;
    FILE *to;
} Shown;

static void show_state(FILE *to, aged_state *s) {
    dfl_buf json = {0};
    CHECK_INT(aged_to_json(s, &json), DFL_OK);
    fprintf(to, "    %.*s\n", (int)json.n, (const char *)json.p);
    dfl_buf_free(&json);
}

static int show_checkpoint(void *user, const dfl_checkpoint *about) {
    const Shown *shown = user;
    dfl_record record;
    dfl_buf hold = {0};
    char id[24];
    aged_node next;
    aged_state s;
    CHECK_INT(shown->store->ops->read(shown->store->self, about->thread, about->id, &record, &hold),
              DFL_OK);
    fprintf(shown->to, "  %d after %d: next %s, step %d, layout %016llx, %zu bytes: %016llx\n",
            (int)about->id, (int)about->previous, about->next, (int)about->step,
            (unsigned long long)record.layout, record.n,
            (unsigned long long)hash(record.body, record.n));
    dfl_buf_free(&hold);
    snprintf(id, sizeof id, "%d", (int)about->id);
    aged_state_init(&s);
    CHECK_INT(aged_load(&s, &next,
                        &(dfl_run){.store = shown->store, .thread_id = about->thread, .checkpoint = id}),
              DFL_OK);
    show_state(shown->to, &s);
    aged_state_free(&s);
    return 0;
}

static int show_thread(void *user, const char *thread) {
    const Shown *shown = user;
    fprintf(shown->to, "%s:\n", thread);
    CHECK_INT(dfl_store_history(shown->store, thread, 0, show_checkpoint, user), DFL_OK);
    return 0;
}

static dfl_store *open_intact(const char *path) {
    dfl_store *store;
    CHECK_INT(dfl_store_open(path, &(dfl_store_options){.must_exist = true}, &store), DFL_OK);
    CHECK_INT(dfl_store_verify(store, NULL, NULL), DFL_OK);
    return store;
}

/* As text, to be freed. */
static char *show_store(const char *path) {
    char *text;
    size_t n;
    Shown shown = {open_intact(path), open_memstream(&text, &n)};
    CHECK(shown.to);
    CHECK_INT(dfl_store_threads(shown.store, show_thread, &shown), DFL_OK);
    fclose(shown.to);
    dfl_store_close(shown.store);
    return text;
}

/* ---- going on with one ---- */

static void resume(dfl_store *store, const char *thread, dfl_str answer) {
    dfl_run run = {.store = store, .thread_id = thread, .answer = answer};
    dfl_error error = {0};
    aged_state s;
    aged_state_init(&s);
    run.error = &error;
    show_end(thread, aged_resume(&s, &run), &error);
    show_state(stdout, &s);
    aged_state_free(&s);
}

static void resume_all(const char *path) {
    dfl_store *store = open_intact(path);
    printf("resumed:\n");
    resume(store, "whole", (dfl_str){0});
    resume(store, "failed", (dfl_str){0}); /* it still is bad */
    resume(store, "asked", DFL_STR("at last"));
    dfl_store_close(store);
}

/* ---- its files ---- */

static const char *store_of(int version) {
    static char path[PATH];
    const char *end = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/stores/%d", end ? (int)(end - __FILE__) : 1, end ? __FILE__ : ".",
             version);
    return path;
}

/* Of a segment; valid until the next call but one. */
static const char *segment_of(const char *store, int number) {
    static char paths[2][PATH + 32];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%.1000s/%08d.log", store, number);
    return paths[turn];
}

static size_t read_file(const char *path, uint8_t *bytes) {
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(bytes, 1, MOST_BYTES, file) : 0;
    if (file)
        fclose(file);
    return n;
}

/* Without most of the zeroes at its end, which need not be there. */
static void copy_file(const char *from, const char *to) {
    static uint8_t bytes[MOST_BYTES];
    size_t n = read_file(from, bytes);
    FILE *file = fopen(to, "wb");
    while (n > 0 && bytes[n - 1] == 0)
        n--;
    n = (n + DFL__RECORD_HEAD + 7) / 8 * 8;
    CHECK(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
}

static int copy_store(const char *from, const char *to) {
    int n = 0;
    CHECK(mkdir(to, 0777) == 0);
    for (int number = 1; number < MOST_SEGMENTS; number++)
        if (access(segment_of(from, number), R_OK) == 0)
            copy_file(segment_of(from, number), segment_of(to, number)), n++;
    return n;
}

/* Each record, and the head, put again where it stands, is the same bytes. */
static void must_be_put_the_same(const char *path) {
    static uint8_t bytes[MOST_BYTES], again[MOST_BYTES];
    size_t n = read_file(path, bytes), at = DFL__SEGMENT_HEAD;
    dfl__segment_head head;
    dfl__log_record record;
    if (n == 0)
        return;
    CHECK(dfl__segment_get(bytes, &head));
    dfl__segment_put(again, &head);
    CHECK(memcmp(again, bytes, DFL__SEGMENT_HEAD) == 0);
    for (; memcmp(bytes + at, "dflr", 4) == 0; at += dfl__record_bytes(&record)) {
        CHECK(dfl__record_get(bytes + at, n - at, head.salt, at, &record));
        CHECK(at + dfl__record_bytes(&record) <= n);
        dfl__record_put(again, head.salt, at, &record, bytes + at + dfl__record_head_bytes(&record));
        CHECK(memcmp(again, bytes + at, dfl__record_bytes(&record)) == 0);
    }
    for (; at < n; at++)
        CHECK(bytes[at] == 0);
}

static bool begins(const char *line, const char *with) {
    return strncmp(line, with, strlen(with)) == 0;
}

/* What was saved when the answer was given had lost what the section had done, when this store was written. */
static bool had_lost_branches(const char *line) {
    return begins(line, "  6 after 5: next [left, ask]") || begins(line, "  17 after 16: next [left, ask]");
}

static bool is_the_same(const char *text, const char *fresh) {
    while (*text && *fresh) {
        size_t n = strcspn(text, "\n"), m = strcspn(fresh, "\n");
        bool lost = had_lost_branches(text) && had_lost_branches(fresh);
        if (!lost && (n != m || memcmp(text, fresh, n) != 0))
            return false;
        text += n + (text[n] != 0), fresh += m + (fresh[m] != 0);
    }
    return *text == *fresh;
}

static void look_at(int version, const char *fresh) {
    char copy[PATH];
    char *text;
    for (int number = 1; number < MOST_SEGMENTS && version == DFL__LOG_VERSION; number++)
        must_be_put_the_same(segment_of(store_of(version), number));
    snprintf(copy, sizeof copy, "%s", scratch_path("copy"));
    CHECK(copy_store(store_of(version), copy) > 0);
    text = show_store(copy);
    printf("version %d\n%s", version, text);
    CHECK(version < DFL__LOG_VERSION || is_the_same(text, fresh));
    free(text);
    resume_all(copy);
    scratch_remove(copy);
}

int main(void) {
    char written[PATH];
    char *fresh;
    scratch_begin();
    snprintf(written, sizeof written, "%s", scratch_path("written"));
    write_store(written);
    if (getenv("WRITE_STORE") && access(store_of(DFL__LOG_VERSION), F_OK) != 0)
        CHECK(copy_store(written, store_of(DFL__LOG_VERSION)) > 0);
    fresh = show_store(written);
    for (int version = 1; version <= DFL__LOG_VERSION; version++)
        look_at(version, fresh);
    free(fresh);
    scratch_end();
    return 0;
}
