#include "retry_within_retry.h"

#include "check.h"

typedef struct Seen {
    char text[256];
} Seen;

static void see(dfl_ctx *ctx, const char *name) {
    Seen *seen = dfl_user(ctx);
    size_t n = strlen(seen->text);
    snprintf(seen->text + n, sizeof seen->text - n, "%s%u ", name, dfl_attempt(ctx));
}

int inner_first(dfl_ctx *ctx, int32_t *n) {
    see(ctx, "first");
    *n = 1;
    return 0;
}

/* Fails so often. */
int inner_again(dfl_ctx *ctx, int32_t fails, int32_t *n) {
    const Seen *seen = dfl_user(ctx);
    int tried = 0;
    for (const char *at = seen->text; (at = strstr(at, "again")) != NULL; at++)
        tried++;
    see(ctx, "again");
    *n += 1;
    return tried < fails;
}

int inner_both(dfl_ctx *ctx, int32_t *n) {
    see(ctx, "both");
    *n += 1;
    return 0;
}

static void outer(int fails, int status, const char *attempts, int n) {
    Seen seen = {""};
    dfl_error error = {0};
    outer_state s;
    outer_state_init(&s);
    s.fails = fails;
    CHECK_INT(outer_run(&s, &(dfl_run){.user = &seen, .error = &error}), status);
    CHECK(strcmp(seen.text, attempts) == 0);
    CHECK_INT(s.n, n);
    CHECK_INT(error.attempt, status ? 2 : 0);
    CHECK(strcmp(error.node, status ? "sub/again" : "") == 0);
    outer_state_free(&s);
}

int main(void) {
    outer(0, DFL_OK, "first1 again1 both1 ", 3);
    outer(1, DFL_OK, "first1 again1 again2 both1 ", 3);
    outer(3, DFL_OK, "first1 again1 again2 first1 again1 again2 both1 ", 3);
    outer(9, DFL_ENODE, "first1 again1 again2 first1 again1 again2 first1 again1 again2 ", 0);
    return 0;
}
