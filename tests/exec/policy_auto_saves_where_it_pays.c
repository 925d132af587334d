#include "policy_auto_saves_where_it_pays.h"

#include "check.h"

enum { MOST = 100 };

typedef struct Saves {
    dfl_store *store;
    char id[MOST][24];
    int n;
} Saves;

static int add(void *user, const dfl_checkpoint *checkpoint) {
    Saves *saves = user;
    CHECK(saves->n < MOST);
    snprintf(saves->id[saves->n++], sizeof saves->id[0], "%llu", (unsigned long long)checkpoint->id);
    return 0;
}

static int show(void *user, const dfl_checkpoint *checkpoint) {
    char *text = user;
    char rest[1024];
    snprintf(rest, sizeof rest, "%s", text);
    snprintf(text, 1024, " %llu:%s%.900s", (unsigned long long)checkpoint->step, checkpoint->next,
             rest);
    return 0;
}

/* Each checkpoint of a thread, oldest first: how many nodes had run, and the one to run next. */
static void show_saves(const char *name, dfl_store *store, const char *thread) {
    char text[1024] = "";
    CHECK_INT(dfl_store_history(store, thread, 0, show, text), DFL_OK);
    printf("%s:%s\n", name, text);
}

/* A run of graph G; then one from each of its checkpoints, which must end in the same state. */
#define CHECK_RUNS(G, PREPARE)                                                                     \
    do {                                                                                           \
        Saves saves_ = {.store = dfl_store_memory()};                                              \
        dfl_pool *pool_ = dfl_pool_new(4);                                                         \
        dfl_run run_ = {.store = saves_.store, .thread_id = "t", .pool = pool_};                                  \
        dfl_buf end_ = {0};                                                                        \
        G##_state s_;                                                                              \
        G##_state_init(&s_);                                                                       \
        PREPARE;                                                                                   \
        CHECK_INT(G##_run(&s_, &run_), DFL_OK);                                                    \
        show_saves(#G, saves_.store, "t");                                                         \
        CHECK_INT(G##_to_json(&s_, &end_), DFL_OK);                                                \
        (void)dfl_store_history(saves_.store, "t", 0, add, &saves_);                               \
        for (int i_ = 0; i_ < saves_.n; i_++) {                                                    \
            dfl_buf again_ = {0};                                                                  \
            run_.checkpoint = saves_.id[i_];                                                       \
            G##_state_reset(&s_);                                                                  \
            CHECK_INT(G##_resume(&s_, &run_), DFL_OK);                                             \
            CHECK_INT(G##_to_json(&s_, &again_), DFL_OK);                                          \
            CHECK(again_.n == end_.n && memcmp(again_.p, end_.p, end_.n) == 0);                    \
            dfl_buf_free(&again_);                                                                 \
        }                                                                                          \
        dfl_buf_free(&end_);                                                                       \
        G##_state_free(&s_);                                                                       \
        dfl_store_close(saves_.store);                                                             \
        dfl_pool_free(pool_);                                                                      \
    } while (0)

/* What was at risk before a crash is not: the first save after a resume is as far on as ever. */
static void a_resume_begins_with_nothing_at_risk(void) {
    Saves saves = {.store = dfl_store_memory()};
    dfl_run run = {.store = saves.store, .thread_id = "t"};
    turns_state s;
    turns_state_init(&s);
    CHECK_INT(turns_run(&s, &run), DFL_OK);
    (void)dfl_store_history(saves.store, "t", 0, add, &saves);
    run.checkpoint = saves.id[saves.n - 3]; /* after 20 turns */
    CHECK_INT(turns_resume(&s, &run), DFL_OK);
    CHECK_INT(s.x, 57);
    show_saves("resumed", saves.store, "t");
    turns_state_free(&s);
    dfl_store_close(saves.store);
}

/* Without saves on the way it counts for nothing. */
static void on_exit_it_saves_at_the_end_alone(void) {
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t", .durability = DFL_ON_EXIT};
    turns_state s;
    turns_state_init(&s);
    CHECK_INT(turns_run(&s, &run), DFL_OK);
    show_saves("on exit", run.store, "t");
    turns_state_free(&s);
    dfl_store_close(run.store);
}

int main(void) {
    static const int64_t docs[] = {1, 2, 3, 4, 5};
    CHECK_RUNS(line, (void)0);
    CHECK_RUNS(turns, (void)0);
    CHECK_RUNS(mixed, (void)0);
    CHECK_RUNS(outer, (void)0);
    CHECK_RUNS(joins, s_.docs = ((dfl_i64_list){.items = docs, .len = 5, .cap = 5}));
    a_resume_begins_with_nothing_at_risk();
    on_exit_it_saves_at_the_end_alone();
    return 0;
}
