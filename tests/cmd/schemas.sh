# A checkpoint of yesterday's graph opens in today's: fields added, removed, reordered, widened, renamed;
# enum values and struct members added; nodes renamed; counters by their edges. What cannot be read is
# DFL_ESCHEMA, with the name of the field or the node, and the state as it was.
graph() { # NAME, then the graph on standard input: a program that goes through the store `s`
    { sed 's/^    //' && echo; } >"$1.dfl"
    "$DFLC" -w "$1.dfl"
    cat >"$1.main.c" <<END
#include "$1.h"
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
    dfl_store *store;
    dfl_error error = {0};
    dfl_run run = {.thread_id = "t", .error = &error};
    dfl_buf json = {0};
    g_state s;
    int status = dfl_store_open("s", NULL, &store);
    if (status != DFL_OK)
        return 9;
    run.store = store;
    g_state_init(&s);
    if (argc > 1 && strcmp(argv[1], "run") == 0)
        status = g_run(&s, &run);
    else
        status = g_resume(&s, &run);
    g_to_json(&s, &json);
    printf("%s%s%s %.*s\n", dfl_strerror(status), error.message[0] ? ": " : "", error.message, (int)json.n,
           (const char *)json.p);
    dfl_buf_free(&json);
    g_state_free(&s);
    dfl_store_close(store);
    return 0;
}
END
    "${CC:-cc}" -std=c11 -Wall -Wextra -Werror $SANITIZE -I. -I"$DFLRT" "$1.c" "$1.main.c" \
        "$DFLRT/libdflrt.a" -lpthread -lm -o "$1"
}
begins() { # PROGRAM: a new store, with its checkpoint
    rm -rf s
    "./$1" run >said
    grep -q "$2" said || { cat said; exit 1; }
}
becomes() { # PROGRAM EXPECTED
    cp -R s kept
    "./$1" >said
    [ "$(cat said)" = "$2" ] || { echo "$1 says:"; cat said; echo "not:"; echo "$2"; exit 1; }
    rm -rf s && mv kept s
}

graph old <<'END'
    enum mood { calm, angry = 4 }
    struct quote { symbol: string; price: f32; mood: mood; }
    graph g {
        state {
            in n : i32; small : u8 = 200; gone : string = "gone"; total : f32;
            quotes : quote[]; names : map<string, i16>; grid : i8[3]; maybe : i32?; m : mood;
            fail : bool = true;
        }
        node first (out small, gone, total, quotes, names, grid, maybe, m) {%
            quote q = {DFL_STR("ACME"), 1.5f, mood_angry};
            *small = 7, *gone = DFL_STR("x"), *total = 0.25f, grid[1] = -3, *m = mood_angry;
            maybe->has = true, maybe->value = 9;
            dfl_i16_map_put(ctx, names, DFL_STR("a"), -5);
            return quote_list_push(ctx, quotes, q);
        %}
        node again (inout n) {% (void)ctx; ++*n; %}
        node last (in state, inout n) {% *n += 1; return state->fail ? dfl_fail(ctx, 1, "not yet") : 0; %}
        start -> first -> again; again -> again max 3; again -> last -> end;
        limit steps 50;
    }
END
begins old '"n":4'

graph same <<'END'
    enum mood { furious = 1, angry, calm, glad }
    struct quote { volume: i64 = 11; mood: mood; price: f64; symbol: string; note: string; }
    graph g {
        state {
            m : mood?; maybe : i64?; fresh : string = "new"; grid : i64[3]; names : map<string, i64>;
            quotes : quote[]; sum : f64 was total; small : i16 = 200; n : i64; fail : bool = false;
        }
        node first (out small, sum, quotes, names, grid, maybe, m) {% (void)ctx; *small = 1; %}
        node again (inout n) {% (void)ctx; ++*n; %}
        node finish (in state, inout n) was last {% (void)ctx; (void)state; *n += 100; %}
        start -> first -> again; again -> again max 5; again -> finish -> end;
        limit steps 50;
    }
END
becomes same 'success {"m":"angry","maybe":9,"fresh":"new","grid":[0,-3,0],"names":{"a":-5},"quotes":[{"volume":11,"mood":"angry","price":1.5,"symbol":"ACME","note":""}],"sum":0.25,"small":7,"n":104,"fail":true}'

refuses() { # NAME TYPE-OF-N TYPE-OF-M NODE
    graph "$1" <<END
    enum mood { calm }
    enum other { calm, angry }
    struct quote { price: $5; }
    graph g {
        state { n : $2 = 3; m : $3; quotes : quote[]; }
        node $4 (in state, out n) {% (void)ctx; (void)state; *n = 1; %}
        start -> $4 -> end;
    }
END
}
refuses narrow i16 other last f32
becomes narrow "saved by a program with another schema: field 'n' was saved as i32, which i16 cannot hold"' {"n":3,"m":"calm","quotes":[]}'
refuses unsigned u64 other last f32
becomes unsigned "saved by a program with another schema: field 'n' was saved as i32, which u64 cannot hold"' {"n":3,"m":"calm","quotes":[]}'
refuses value i32 mood last f32
becomes value "saved by a program with another schema: field 'm' was saved as 'angry', which enum mood has not"' {"n":3,"m":"calm","quotes":[]}'
refuses inside i32 other last string
becomes inside "saved by a program with another schema: field 'quotes.price' was saved as f32, which string cannot hold"' {"n":3,"m":"calm","quotes":[]}'
refuses node i32 other renamed f32
becomes node "saved by a program with another schema: the checkpoint goes on at 'last', which graph 'g' has not"' {"n":3,"m":"calm","quotes":[]}'

# A field that was there, and not needed then: its value is nowhere.
graph dead <<'END'
    graph g {
        state { in n : i32; out z : i32; }
        node one (in n) {% (void)ctx; (void)n; %}
        node two (out z) {% *z = 1; return dfl_fail(ctx, 1, "not yet"); %}
        start -> one -> two -> end;
    }
END
begins dead 'not yet'
graph alive <<'END'
    graph g {
        state { in n : i32; out z : i32; }
        node one (in n) {% (void)ctx; (void)n; %}
        node two (in n, out z) {% (void)ctx; *z = n; %}
        start -> one -> two -> end;
    }
END
becomes alive "saved by a program with another schema: field 'n' is needed from 'two' on, and was not when the checkpoint was saved"' {"n":0,"z":0}'

# Nodes with other names, within a subgraph, in branches and as subgraphs: the run goes on where it stood within, and
# nothing that is done is done again. `n` is a hundred for each call of `up`.
within() { # NAME SUB WAS UP WAS STOP WAS OTHER WAS BODY-OF-STOP
    graph "$1" <<INNER
    graph part {
        state { n : i64; }
        node $4 (inout n) $5 {% (void)ctx; *n += 100; %}
        node $6 (inout n) $7 {% ${10} %}
        start -> $4 -> $6 -> end;
    }
    graph g {
        state { n : i64; m : i64; }
        node $2 runs part (in n, out n) $3;
        node $8 (inout m) $9 {% (void)ctx; *m += 10; %}
        node after (inout m) {% (void)ctx; *m += 1; %}
        start -> [$2, $8] -> after -> end;
    }
INNER
}
stop='(void)n; return dfl_fail(ctx, 1, "not yet");' go='(void)ctx; *n += 1;'
within first sub '' up '' stop '' other '' "$stop"
begins first 'not yet'
within all_renamed pieces 'was sub' more 'was up' halt 'was stop' extra 'was other' "$go"
becomes all_renamed 'success {"n":101,"m":11}'
within inner_renamed sub '' up '' halt 'was stop' other '' "$go"
becomes inner_renamed 'success {"n":101,"m":11}'
within outer_renamed pieces 'was sub' up '' stop '' other '' "$go"
becomes outer_renamed 'success {"n":101,"m":11}'
within long_ago sub 'was lately' up '' halt 'was stop' other 'was something' "$go"
becomes long_ago 'success {"n":101,"m":11}'
within not_said sub '' up '' halt '' other '' "$go"
becomes not_said "saved by a program with another schema: the checkpoint stands within '[sub, other]', and the graph has other nodes since"' {"n":0,"m":0}'

# A node that paused in its second attempt: it goes on with that, also where the graph has other nodes since; where it
# is tried once now, what is kept of its attempts is nobody else's.
tried() { # NAME RETRY BODY AND-WHAT-FOLLOWS
    graph "$1" <<INNER
    graph g {
        state { n : i64; m : i64 merge sum; }
        node ask  (inout n) $2 {% $3 %}
        node more (out m) {% *m = dfl_attempt(ctx); %}
        node last (inout n) {% *n += 100 * dfl_attempt(ctx); %}
        node tail (out m) {% *m = 10 * dfl_attempt(ctx); %}
        start -> ask -> $4;
    }
INNER
}
tried asked 'retry 3' 'dfl_str s; (void)n; return dfl_attempt(ctx) < 2 ? dfl_fail(ctx, 1, "no") : dfl_interrupt(ctx, DFL_STR("?"), &s);' \
    '[more, tail] -> last -> end'
begins asked "waiting for an answer"
tried same 'retry 3' '*n = dfl_attempt(ctx);' '[more, tail] -> last -> end'
becomes same 'success {"n":102,"m":11}'
graph added <<'END'
    graph g {
        state { n : i64; m : i64 merge sum; }
        node ask  (inout n) retry 3 {% *n = dfl_attempt(ctx); %}
        node new  (inout n) {% *n += 1000 * dfl_attempt(ctx); %}
        start -> ask -> new -> end;
    }
END
becomes added 'success {"n":1002,"m":0}'
tried once '' '*n = dfl_attempt(ctx);' '[more, tail] -> last -> end'
becomes once 'success {"n":101,"m":11}'
