# no-coverage
# -fstatic-memory: a program whose states lie in its own buffers calls malloc at no time, neither to grow
# values, to reclaim, to pause within sections, nor to copy; and what finds no room is told.
cat > g.dfl <<'D'
graph g {
    state { turns : i64; text : string; many : string[]; by : map<string, i64>; said : string; sum : i64 merge sum; wide : i64[3000]; }
    node grow (inout turns, inout text, inout many, inout by);
    node ask (in turns, out said);
    node fill (out wide);
    node add (in one: string, out sum);
    start -> grow;
    grow -> grow when turns < 2000 max 5000;
    grow -> [fill, ask] threads -> each one in many [add] threads -> end;
}
D
cat > main.c <<'D'
#include "g.h"
#include <stdio.h>
#include <stdlib.h>

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t k, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n) { (void)n; abort(); }
void *__wrap_calloc(size_t k, size_t n) { (void)k, (void)n; abort(); }
void *__wrap_realloc(void *p, size_t n) { (void)p, (void)n; abort(); }

int g_grow(dfl_ctx *ctx, int64_t *turns, dfl_str *text, dfl_str_list *many, dfl_i64_map *by) {
    ++*turns;
    *text = dfl_printf(ctx, "turn %lld", (long long)*turns);
    dfl_i64_map_put(ctx, by, dfl_printf(ctx, "key %lld", (long long)*turns % 20), *turns);
    if (many->len == 40)
        dfl_str_list_clear(ctx, many);
    return dfl_str_list_push(ctx, many, *text);
}
int g_ask(dfl_ctx *ctx, int64_t turns, dfl_str *said) {
    (void)turns;
    return dfl_interrupt(ctx, DFL_STR("well?"), said);
}
int g_fill(dfl_ctx *ctx, int64_t *wide) {
    (void)ctx;
    for (int i = 0; i < 3000; i++)
        wide[i] = i;
    return 0;
}
int g_add(dfl_ctx *ctx, dfl_str one, int64_t *sum) {
    dfl_str answer = {"", 0};
    int rc = one.p[one.n - 1] == '7' ? dfl_interrupt(ctx, one, &answer) : DFL_OK;
    *sum = (int64_t)one.n;
    return rc;
}

#define IS(A, B) do { long long a = (long long)(A), b = (long long)(B); if (a != b) { \
    printf("line %d: %lld, not %lld\n", __LINE__, a, b); exit(1); } } while (0)

static char first[G_STATE_BYTES], second[G_STATE_BYTES], small[G_STATE_MIN];
static g_state s, copy;

static void runs_and_pauses(void) {
    const dfl_question *asked;
    dfl_answer answers[8];
    size_t n, rounds = 0;
    int rc = g_run(&s, NULL);
    while (rc == DFL_PAUSED) {
        n = g_questions(&s, &asked);
        for (size_t i = 0; i < n; i++)
            answers[i] = (dfl_answer){asked[i].id, DFL_STR("yes")};
        rc = g_resume(&s, &(dfl_run){.answers = answers, .n_answers = n});
        rounds++;
    }
    IS(rc, DFL_OK);
    IS(rounds, 2);
    IS(s.turns, 2000);
    IS(s.many.len, 40);
    IS(s.by.len, 20);
    IS(s.wide[2999], 2999);
    IS(s.sum, 40 * 9);
    IS(dfl_str_eq(s.said, DFL_STR("yes")), true);
    IS(dfl_str_eq(s.text, DFL_STR("turn 2000")), true);
}

static void fails(int rc, const dfl_error *error, const char *node, const char *message) {
    IS(rc, DFL_ENOMEM);
    if (strcmp(error->node, node) || strcmp(error->message, message)) {
        printf("'%s': %s\n", error->node, error->message);
        exit(1);
    }
}

int main(void) {
    dfl_error error;
    g_state_init_in(&s, first, sizeof first);
    runs_and_pauses();
    g_state_init_in(&copy, second, sizeof second);
    IS(g_state_copy(&copy, &s), DFL_OK);
    IS(copy.many.items >= (dfl_str *)(void *)second && (char *)copy.many.items < second + sizeof second, true);
    g_state_reset(&s);
    runs_and_pauses();
    IS(g_state_peak(&s) <= sizeof first, true);
    IS(g_state_peak(&s) > 24000, true);
    g_state_free(&s);
    IS(copy.sum, 40 * 9);
    IS(dfl_str_eq(copy.many.items[39], DFL_STR("turn 2000")), true);
    g_state_free(&copy);

    g_state_init_in(&s, small, sizeof small / 8);
    fails(g_run(&s, &(dfl_run){.error = &error}), &error, "grow", EXPECTED);
    IS(s.many.len, s.turns > 40 ? s.turns % 40 : s.turns);
    g_state_free(&s);
    g_state_init(&s);
    fails(g_run(&s, &(dfl_run){.error = &error}), &error, "grow", "out of memory: the state has no buffer");
    IS(s.turns, 0);
    g_state_free(&s);
    return 0;
}
D
"$DFLC" -w -fstatic-memory=160K g.dfl
sizes=$(printf '#include "g.h"\nint size = G_STATE_MIN / 8;\n' > size.c; "${CC:-cc}" -S -o - -I. -I"$DFLRT" size.c | sed -n 's/.*\.long[^0-9]*\([0-9]*\).*/\1/p')
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror $SANITIZE -I. -I"$DFLRT" "-DEXPECTED=\"out of memory: the $sizes bytes of the state's buffer are full\"" \
    g.c main.c "$DFLRT/libdflrt.a" -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc -lpthread -lm -o program
./program

# Sections run inline, whatever is said; and too little is said by the C compiler.
grep -q 'Inline: -fstatic-memory has no threads' g.c
"$DFLC" -w -fstatic-memory=16K -o little.c g.dfl
! "${CC:-cc}" -c -I. -I"$DFLRT" little.c 2> err
grep -q -e "-fstatic-memory=16384 is less than a state of graph 'g' takes" err

refuses() {
    "$DFLC" "$1" $2 g.dfl 2> err && exit 1
    echo "dflc: $3 (see dflc --help)" | diff - err
}
refuses -fstatic-memory=0 "" "'0' of -fstatic-memory is no number of bytes, such as 4096 or 64K"
refuses -fstatic-memory=64KiB "" "'64KiB' of -fstatic-memory is no number of bytes, such as 4096 or 64K"
refuses -fstatic-memory=99999999999M "" "'99999999999M' of -fstatic-memory is no number of bytes, such as 4096 or 64K"
refuses -fstatic-memory=64K -fsections=threads "-fstatic-memory has no threads: -fsections=threads has no use"
refuses -fstatic-memory=64K -finstrument "-finstrument counts on the heap; with -fstatic-memory there is none"
