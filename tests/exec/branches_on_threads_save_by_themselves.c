#include "branches_on_threads_save_by_themselves.h"

#include <stdatomic.h>
#include <string.h>

#include "check.h"

static atomic_int n_said;

int said(dfl_ctx *ctx, const char *word, dfl_str_list *words) {
    n_said++;
    return words ? dfl_str_list_push(ctx, words, dfl_strdup(ctx, word)) : 0;
}

enum { MOST = 400 };

typedef struct Seen {
    char ids[MOST][24];
    uint64_t steps[MOST];
    int n;
} Seen;

static int note(void *user, const dfl_checkpoint *c) {
    Seen *seen = user;
    CHECK(seen->n < MOST);
    snprintf(seen->ids[seen->n], sizeof seen->ids[0], "%llu", (unsigned long long)c->id);
    seen->steps[seen->n++] = c->step;
    return 0;
}

/* Runs once, and from every checkpoint of that run again. */
#define FROM_EVERYWHERE(G, LEAST)                                                                  \
    do {                                                                                           \
        dfl_store *store = dfl_store_memory();                                                     \
        dfl_pool *pool = dfl_pool_new(4);                                                          \
        dfl_run run = {.store = store, .thread_id = "t", .pool = pool};                            \
        static Seen seen;                                                                          \
        dfl_buf whole = {0}, again = {0};                                                          \
        G##_state s;                                                                               \
        int total;                                                                                 \
        seen.n = 0; n_said = 0;                                                                    \
        fill_##G(&s);                                                                              \
        CHECK_INT(G##_run(&s, &run), DFL_OK);                                                      \
        total = n_said;                                                                            \
        CHECK_INT(G##_to_json(&s, &whole), DFL_OK);                                                \
        G##_state_free(&s);                                                                        \
        CHECK_INT(dfl_store_history(store, "t", 0, note, &seen), DFL_OK);                          \
        CHECK(seen.n >= LEAST);                                                                    \
        for (int i = 0; i < seen.n; i++) {                                                         \
            dfl_run back = {.store = store, .thread_id = "t", .pool = pool};                       \
            back.checkpoint = seen.ids[i];                                                         \
            n_said = 0;                                                                            \
            G##_state_init(&s);                                                                    \
            CHECK_INT(G##_resume(&s, &back), DFL_OK);                                              \
            again.n = 0;                                                                           \
            CHECK_INT(G##_to_json(&s, &again), DFL_OK);                                            \
            CHECK(again.n == whole.n && memcmp(again.p, whole.p, again.n) == 0);                   \
            CHECK_INT(n_said + (int)seen.steps[i], total);                                         \
            G##_state_free(&s);                                                                    \
        }                                                                                          \
        dfl_buf_free(&whole);                                                                      \
        dfl_buf_free(&again);                                                                      \
        dfl_pool_free(pool);                                                                       \
        dfl_store_close(store);                                                                    \
    } while (0)

#define FILL(G, N)                                                                                 \
    static void fill_##G(G##_state *s) {                                                           \
        G##_state_init(s);                                                                         \
        s->base = 1;                                                                               \
        for (int i = 0; i < N; i++)                                                                \
            CHECK_INT(dfl_str_list_push(G##_state_ctx(s), &s->docs, DFL_STR("doc")), DFL_OK);      \
    }
FILL(marked, 9)
FILL(every_one, 60)
FILL(at_risk, 20)

int main(void) {
    FROM_EVERYWHERE(marked, 40);
    FROM_EVERYWHERE(every_one, 25);
    FROM_EVERYWHERE(at_risk, 40);
    return 0;
}
