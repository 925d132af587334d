/* What the programs of tests/exec share: a check that names its line, and a way to show how a run
 * ended and what state it left. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(CONDITION)                                                                           \
    do {                                                                                           \
        if (!(CONDITION)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #CONDITION);                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Both are integers; they are shown when they differ. */
#define CHECK_INT(IS, SHOULD_BE)                                                                   \
    do {                                                                                           \
        long long is_ = (long long)(IS), should_be_ = (long long)(SHOULD_BE);                      \
        if (is_ != should_be_) {                                                                   \
            fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #IS, is_,         \
                    should_be_);                                                                   \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* A dfl_str against a C string. */
#define CHECK_STR(IS, SHOULD_BE) check_str(__FILE__, __LINE__, #IS, IS, SHOULD_BE)
static inline void check_str(const char *file, int line, const char *text, dfl_str is,
                             const char *should_be) {
    if (is.n == strlen(should_be) && memcmp(is.p, should_be, is.n + 1) == 0)
        return;
    fprintf(stderr, "%s:%d: %s is \"%.*s\", not \"%s\"\n", file, line, text, DFL_ARG(is),
            should_be);
    exit(1);
}

/* "ok", or what failed: node, place, code, message. */
static inline void show_end(const char *what, int status, const dfl_error *error) {
    printf("%s: ", what);
    if (status == DFL_OK) {
        printf("ok\n");
        return;
    }
    CHECK(error->status == status);
    printf("%s; node '%s' at %s", dfl_strerror(status), error->node, error->at);
    printf(", code %d, attempt %u", error->code, error->attempt);
    if (error->index >= 0)
        printf(", element %lld", (long long)error->index);
    printf(": %s\n", error->message);
}

/* The whole state of graph G, as JSON on one line. */
#define SHOW_STATE(G, S)                                                                           \
    do {                                                                                           \
        dfl_buf json_;                                                                             \
        memset(&json_, 0, sizeof json_);                                                           \
        CHECK(G##_to_json(S, &json_) == DFL_OK);                                                   \
        printf("%.*s\n", (int)json_.n, (const char *)json_.p);                                     \
        dfl_buf_free(&json_);                                                                      \
    } while (0)

/* Runs graph G with state S, and shows both. */
#define SHOW_RUN(G, S)                                                                             \
    do {                                                                                           \
        dfl_error error_ = {0};                                                                    \
        int status_ = G##_run(S, &(dfl_run){.error = &error_});                                    \
        show_end(#G, status_, &error_);                                                            \
        SHOW_STATE(G, S);                                                                          \
    } while (0)

/* The same from the defaults. */
#define SHOW(G)                                                                                    \
    do {                                                                                           \
        G##_state state_;                                                                          \
        G##_state_init(&state_);                                                                   \
        SHOW_RUN(G, &state_);                                                                      \
        G##_state_free(&state_);                                                                   \
    } while (0)

/* The encoded state of G must be what it was: REMEMBER(G, S) ... CHECK_UNCHANGED(G, S). */
#define REMEMBER(G, S)                                                                             \
    dfl_buf before_ = {0};                                                                         \
    CHECK(G##_encode(S, &before_) == DFL_OK)
#define CHECK_UNCHANGED(G, S)                                                                      \
    do {                                                                                           \
        dfl_buf after_ = {0};                                                                      \
        CHECK(G##_encode(S, &after_) == DFL_OK);                                                   \
        CHECK(after_.n == before_.n && memcmp(after_.p, before_.p, after_.n) == 0);                \
        dfl_buf_free(&after_);                                                                     \
        dfl_buf_free(&before_);                                                                    \
    } while (0)

#endif
