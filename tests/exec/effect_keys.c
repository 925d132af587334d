#include "effect_keys.h"

#include <pthread.h>

#include "check.h"

/* The keys of calls that succeeded; the call that is to fail first, if any. */
enum { MOST = 64 };
static char keys[MOST][64];
static int n_keys, n_calls, fails;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int note(dfl_ctx *ctx) {
    dfl_str key = dfl_effect_key(ctx);
    int rc;
    pthread_mutex_lock(&lock);
    rc = ++n_calls == fails;
    if (rc == 0)
        snprintf(keys[n_keys++], sizeof keys[0], "%.*s", DFL_ARG(key));
    pthread_mutex_unlock(&lock);
    return rc;
}

int inner_once(dfl_ctx *ctx, int64_t n) {
    (void)n;
    return note(ctx);
}
int inner_again(dfl_ctx *ctx, int64_t *n) {
    *n += 1;
    return note(ctx);
}
int l_a(dfl_ctx *ctx, int64_t *n, dfl_i64_list *xs) {
    *n -= 1;
    dfl_i64_list_clear(ctx, xs);
    dfl_i64_list_push(ctx, xs, 5);
    dfl_i64_list_push(ctx, xs, 6);
    return note(ctx);
}
int l_left(dfl_ctx *ctx, int64_t *log) {
    *log = 1;
    return note(ctx);
}
int l_right(dfl_ctx *ctx, int64_t n, int64_t *log) {
    *log = n;
    return note(ctx);
}
int l_e(dfl_ctx *ctx, int64_t x, int64_t *log) {
    *log = x;
    return note(ctx);
}
int serves_take(dfl_ctx *ctx, int64_t *n) {
    *n -= 1;
    return note(ctx);
}
int serves_left(dfl_ctx *ctx, int64_t *log) {
    *log = 1;
    return note(ctx);
}
int serves_right(dfl_ctx *ctx, int64_t *log) {
    *log = 1;
    return note(ctx);
}
int once_left(dfl_ctx *ctx, int64_t *log) {
    *log = 1;
    return note(ctx);
}
int once_right(dfl_ctx *ctx, int64_t *log) {
    *log = 1;
    return note(ctx);
}

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static void begin(int call) {
    n_keys = n_calls = 0;
    fails = call;
}

static void show(const char *graph) {
    qsort(keys, (size_t)n_keys, sizeof keys[0], by_text);
    printf("%s:", graph);
    for (int i = 0; i < n_keys; i++)
        printf(" %s", keys[i][0] ? keys[i] : "-");
    printf("\n");
}

/* With the call-th failing, and resumed; returns how many calls there were. */
static int run_l(int call) {
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t"};
    l_state s;
    int status;
    l_state_init(&s);
    s.n = 2;
    begin(call);
    status = l_run(&s, &run);
    for (int i = 0; status == DFL_ENODE && i < 3; i++)
        status = l_resume(&s, &run);
    CHECK_INT(status, DFL_OK);
    l_state_free(&s);
    dfl_store_close(store);
    return n_calls;
}

static void check_l(void) {
    static char whole[MOST][64];
    int n = run_l(0), n_whole = n_keys;
    show("l");
    memcpy(whole, keys, sizeof whole);
    for (int call = 1; call <= n; call++) {
        run_l(call);
        qsort(keys, (size_t)n_keys, sizeof keys[0], by_text);
        /* What was done and not saved is done again, under the same keys. */
        for (int i = 0; i < n_keys; i++)
            CHECK(bsearch(keys[i], whole, (size_t)n_whole, sizeof whole[0], by_text));
        for (int i = 0; i < n_whole; i++)
            CHECK(bsearch(whole[i], keys, (size_t)n_keys, sizeof keys[0], by_text));
    }
}

static void check_others(void) {
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t"};
    serves_state f;
    once_state o;
    dfl_ctx *own = dfl_ctx_new(NULL);
    serves_state_init(&f);
    f.n = 2;
    begin(0);
    CHECK_INT(serves_run(&f, &run), DFL_OK);
    show("serves");
    f.n = 1;
    begin(0);
    CHECK_INT(serves_run(&f, NULL), DFL_OK);
    show("serves, without a store");
    serves_state_free(&f);
    once_state_init(&o);
    begin(0);
    CHECK_INT(once_run(&o, &run), DFL_OK);
    show("once");
    once_state_free(&o);
    CHECK_STR(dfl_effect_key(own), "");
    dfl_ctx_free(own);
    dfl_store_close(store);
}

int main(void) {
    check_l();
    check_others();
    return 0;
}
