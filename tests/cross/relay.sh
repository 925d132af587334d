# A run goes from one kind of processor to the other and back, four times, each time in a process that has
# nothing but the store: of the other's byte order and sizes nothing is seen. What this machine ends with
# alone, they end with together; the states that both encode are the same bytes.
# shellcheck shell=sh disable=SC2154
cat >relay.dfl <<'D'
enum mood { calm, wild = 300 }
struct spot { x: f32; y: f64; on: bool; label: string; }
graph relay {
    state {
        turns : u16 merge sum;
        tiny : i8 = -7; wide : i64 = -1_234_567_890_123; whole : u64 = 0xfedcba9876543210; ratio : f64 = 0.1; half : f32 = 0.1;
        how : mood = wild; text : string; raw : bytes; at : spot; spots : spot[]; words : string[];
        rows : i32[][]; grid : i16[3]; table : map<string, f64>; maybe : spot?; out log : string merge append;
    }
    node fill (inout tiny, wide, whole, ratio, half, how, text, raw, at, spots, words, rows, grid, table, maybe,
               out turns) {%
        static const uint8_t bytes[] = {0, 1, 127, 128, 255};
        const char *names[] = {"one", "two", "three"};
        *turns = 1, *tiny -= 1, *wide -= 1, *whole ^= 0xff00ff, *ratio *= 3, *half *= 3;
        *text = dfl_printf(ctx, "%s+%.3f", text->p, *ratio);
        *raw = (dfl_bytes){bytes, sizeof bytes};
        *at = (spot){0.5f, -1e300, true, *text};
        spot_list_push(ctx, spots, *at);
        for (int i = 0; words->len < 3; i++)
            dfl_str_list_push(ctx, words, dfl_strdup(ctx, names[i]));
        dfl_i32_list row = {0};
        for (int i = 0; i < 3; i++)
            dfl_i32_list_push(ctx, &row, 70000 * i), grid[i] = (int16_t)(grid[i] + 257 * i);
        dfl_i32_list_list_push(ctx, rows, row);
        maybe->has = true, maybe->value = *at;
        return dfl_f64_map_put(ctx, table, *text, *ratio);
    %}
    node ask (in turns, out log) {%
        dfl_str answer;
        int rc = dfl_interrupt(ctx, dfl_printf(ctx, "turn %u?", turns), &answer);
        if (rc)
            return rc;
        *log = dfl_printf(ctx, "(%s)", answer.p);
    %}
    node ask_too (in turns, out log) calls relay_ask;
    node ask_each (in word: string, out log) {%
        dfl_str answer;
        int rc = dfl_interrupt(ctx, word, &answer);
        if (rc)
            return rc;
        *log = dfl_printf(ctx, "%s=%s ", word.p, answer.p);
    %}
    node count (out turns) {% (void)ctx; *turns = 100; %}
    node last (in tiny, wide, whole, ratio, half, how, text, raw, at, spots, words, rows, grid, table, maybe,
               out log) {%
        (void)tiny, (void)wide, (void)whole, (void)ratio, (void)half, (void)how, (void)text, (void)raw, (void)at;
        (void)spots, (void)words, (void)rows, (void)grid, (void)table, (void)maybe, (void)ctx;
        *log = DFL_STR("end");
    %}
    start -> fill -> ask;
    ask -> fill when turns < 3 max 5;
    ask -> [count, ask_too] inline -> each word in words [ask_each] inline -> last -> end;
    checkpoint every node;
}
D
cat >main.c <<'C'
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* relay STORE NAME: answers all that waits by NAME, and goes on to the next questions or the end; says the
 * state, encoded, as hex. Exits with 1 while there is something to ask. */
static void say(int status, const relay_state *s, const dfl_error *error) {
    dfl_buf bytes = {0}, json = {0};
    if (status < 0)
        printf("%s: %s: %s\n", dfl_strerror(status), error->node, error->message), exit(2);
    if (relay_encode(s, &bytes) || relay_to_json(s, &json))
        exit(3);
    for (size_t i = 0; i < bytes.n; i++)
        printf("%02x", bytes.p[i]);
    printf("\n%.*s\n", (int)json.n, (const char *)json.p);
    dfl_buf_free(&bytes);
    dfl_buf_free(&json);
}

int main(int argc, char **argv) {
    dfl_error error = {0};
    dfl_answer answers[8];
    const dfl_question *asked;
    dfl_run run = {.thread_id = "baton", .error = &error, .answers = answers};
    relay_state s;
    int status;
    if (argc != 3 || dfl_store_open(argv[1], NULL, &run.store))
        return 4;
    relay_state_init(&s);
    status = relay_load(&s, NULL, &run);
    if (status == DFL_OK || status == DFL_PAUSED) {
        run.n_answers = relay_questions(&s, &asked);
        for (size_t i = 0; i < run.n_answers; i++) {
            answers[i].id = strdup(asked[i].id);
            answers[i].text = (dfl_str){argv[2], strlen(argv[2])};
        }
    }
    status = relay_continue(&s, &run);
    say(status, &s, &error);
    for (size_t i = 0; i < run.n_answers; i++)
        free((char *)(uintptr_t)answers[i].id);
    relay_state_free(&s);
    dfl_store_close(run.store);
    return status == DFL_PAUSED;
}
C
mkdir here there
"$TOP/build/dflc" -w -d here relay.dfl
"$DFLC" -w -d there relay.dfl
diff -r here there
cc -std=gnu11 -O1 -Wall -Wextra -Werror -Ihere -I"$TOP/runtime" here/relay.c main.c "$TOP/build/libdflrt.a" -lpthread -o at_home
$CROSS_CC -static -std=gnu11 -O1 -Wall -Wextra -Werror -Ithere -I"$TOP/runtime" there/relay.c main.c "$DFLRT/libdflrt.a" -lpthread -o abroad

laps() { # STORE FIRST SECOND: who takes the baton in turns; the laps to STORE.said
    first=$2 second=$3 n=0
    while n=$((n + 1)) && status=0 && { $first "$1" "lap$n" >lap || status=$?; } && [ $status = 1 ]; do
        cat lap >>"$1.said"
        baton=$first first=$second second=$baton
    done
    cat lap >>"$1.said"
    [ $status = 0 ] && [ $n -gt 4 ]
}
laps alone ./at_home ./at_home
laps together ./at_home "$UNDER ./abroad"
laps back "$UNDER ./abroad" ./at_home
for other in together back; do
    diff alone.said $other.said
done
"$TOP/build/dflc" store verify back
"$DFLC" store verify together
"$TOP/build/dflc" store show back baton >show.here
"$DFLC" store show back baton >show.there
diff show.here show.there
