# dflc store: every verb on a store that a program has made, the words of each mistake, and a store that
# is damaged.
cat >g.dfl <<'END'
enum mood { calm, angry }
struct quote { symbol: string; price: f64; }
graph g {
    state { in text : string; n : i32; quotes : quote[]; m : mood; secret : string transient; out done : bool; }
    node first (in text, out quotes, m, secret) checkpoint {%
        quote q = {text, 1.5};
        *m = mood_angry, *secret = DFL_STR("no one sees this");
        return quote_list_push(ctx, quotes, q);
    %}
    node again (inout n) checkpoint {% (void)ctx; ++*n; %}
    node ask (in quotes, m, n, out done) {%
        dfl_str answer;
        int rc = dfl_interrupt(ctx, DFL_STR("really?"), &answer);
        (void)quotes; (void)m; (void)n;
        *done = rc == DFL_OK;
        return rc;
    %}
    start -> first -> again; again -> again max 1; again -> ask -> end;
    limit steps 9;
}
END
cat >main.c <<'END'
#include "g.h"
int main(int argc, char **argv)
{
    dfl_store *store;
    dfl_run run = {.thread_id = argv[1]};
    g_state s;
    int status = argc == 3 ? dfl_store_open("s", NULL, &store) : DFL_EINVAL;
    if (status != DFL_OK)
        return 9;
    run.store = store;
    g_state_init(&s);
    s.text = dfl_strdup(g_state_ctx(&s), argv[2]);
    if (argv[2][0] == '!')
        run.answer = DFL_STR("yes");
    status = argv[2][0] != '?' && argv[2][0] != '!' ? g_run(&s, &(dfl_run){.thread_id = argv[1], .store = store}) : g_resume(&s, &run);
    g_state_free(&s);
    dfl_store_close(store);
    return status == DFL_OK ? 0 : status == DFL_PAUSED ? 1 : 2;
}
END
"$DFLC" -w g.dfl
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror $SANITIZE -I. -I"$DFLRT" g.c main.c "$DFLRT/libdflrt.a" -lpthread -lm -o program
program() { ./program "$@" || [ $? = 1 ]; }
store() { "$DFLC" store "$@" >out 2>err; }
says() { # STATUS TEXT, of the last one: what it wrote, but for times
    cat out err | sed 's/[0-9]*-[0-9]*-[0-9]* [0-9:]*$/TIME/; s/"time_ns":\( *\)[0-9]*/"time_ns":\10/' >seen
    [ "$(cat seen)" = "$1" ] || { echo "it says:"; cat seen; echo "not:"; echo "$1"; exit 1; }
}
program one acme
program two 'x "y"'

store ls s
says 'thread  next  latest  step     state  saved (UTC)
one     ask        5     3  22 bytes  TIME
two     ask       10     3  23 bytes  TIME'
store history s one
says 'id  follows  next   step     state  saved (UTC)
 5        4  ask       3  22 bytes  TIME
 4        3  ask       3  22 bytes  TIME
 3        2  again     2  22 bytes  TIME
 2        1  again     1  22 bytes  TIME
 1        -  first     0   9 bytes  TIME'
store show s one
says 'checkpoint 5 of graph g, step 3
next: ask
count: steps: 3
count: again -> again: 1
question: ask: really?
  n       2
  quotes  [{"symbol":"acme","price":1.5}]
  m       "angry"'
store show s two 7 --json
says '{"id":7,"previous":6,"thread":"two","graph":"g","next":"again","after":false,"within":false,"step":1,"time_ns":0,"counters":{"steps":1,"again -> again":0},"state":{"n":0,"quotes":[{"symbol":"x \"y\"","price":1.5}],"m":"angry"}}'
store diff s one 3
says '- n: 0
+ n: 1'
store diff s one 1 4
says '- (next): first
+ (next): ask
- text: "acme"
- n: 0
+ n: 2
+ quotes: [{"symbol":"acme","price":1.5}]
+ m: "angry"'

# A thread of its own from an older checkpoint: it goes on from there, the old one is as it was.
store fork s one 3 three
says 'thread three begins with checkpoint 11'
program three '?'
program three '!'
store show s three
grep -q 'next: end' out
grep -q 'done  true' out
store history s one
[ "$(wc -l <out)" = 6 ]

# All of it, to another store and back: the same checkpoints, the same states, and it can be resumed.
store export s
cp out lines
"$DFLC" store import t <lines >out
grep -q 'checkpoints$' out
store export t
[ "$(sed 's/"id":[0-9]*,"previous":[0-9]*,//' lines)" = "$(sed 's/"id":[0-9]*,"previous":[0-9]*,//' out)" ]
mv s kept && mv t s
program two '!'
store show s two
grep -q 'done  true' out
rm -r s && mv kept s
for bad in '{}' '{"thread":"t"' 'x'; do
    ! echo "$bad" | "$DFLC" store import u >out 2>err
    grep -q '^dflc: line 1: ' err
done

store prune s one 2
store history s one
[ "$(wc -l <out)" = 3 ]
store rm s three
store ls s --json
says '[
  {"id": 5, "previous": 4, "thread": "one", "next": "ask", "step": 3, "time_ns": 0, "bytes": 22},
  {"id": 10, "previous": 9, "thread": "two", "next": "ask", "step": 3, "time_ns": 0, "bytes": 23}
]'
store verify s
says intact
store compact s
says ''
[ ! -e s/00000001.log ]
store show s one
grep -q '^checkpoint 5 of graph g' out
store history s one
[ "$(wc -l <out)" = 3 ]

# ---- mistakes ----
refuses() { # STATUS TEXT ARGUMENTS...
    status=$1 text=$2
    shift 2
    store "$@" && exit 1 || [ $? = "$status" ]
    says "$text"
}
refuses 2 'dflc: no verb: dflc store VERB STORE ... (see dflc store --help)'
refuses 2 "dflc: a store has no verb 'hystory', did you mean 'history'? (see dflc store --help)" hystory s
refuses 2 'dflc: usage: dflc store show STORE THREAD [ID]' show s
refuses 2 "dflc: there is no store 'none'" ls none
[ ! -e none ]
refuses 1 "dflc: the store 's' has no such checkpoint of thread 'nobody'" show s nobody
refuses 1 "dflc: the store 's' has no such checkpoint of thread 'one'" show s one 1
refuses 2 "dflc: 'x' is no number above 0" show s one x
refuses 1 "dflc: the store 's' has a thread 'two' already" fork s one 4 two
refuses 1 "dflc: the store 's' has no such checkpoint of thread 'three'" rm s three

# ---- damage: told, and what is intact is shown ----
cp -R s d
log=$(ls d/*.log)
at=$(grep -abo 'really?' "$log" | sed -n '2s|:.*||p')
printf '!' | dd of="$log" bs=1 seek="$at" conv=notrunc 2>/dev/null
! store verify d
grep -q '^no intact record: file 2, byte' out
store show d two
grep -q '^checkpoint 9 of graph g' out
grep -q 'damage: a checkpoint of thread' err
store show d one
grep -q '^checkpoint 5 of graph g' out

# What would move the cursor of a terminal does not reach it.
program "$(printf 'a\033[2Jb')" evil
store ls s
grep -q '^a?\[2Jb ' out

# A store of a stranger leads to no file of the user's, and to nothing that is waited for.
echo 'the own file of the user' >own
cp own before
for name in shared lock new "${log##*/}"; do
    for what in own none; do
        rm -rf linked && cp -R s linked
        rm -f "linked/$name" && ln -s "../$what" "linked/$name"
        timeout 10 "$DFLC" store ls linked >out 2>err || [ $? = 2 ]
        timeout 10 "$DFLC" store compact linked >out 2>err || [ $? = 2 ]
        cmp own before && [ ! -e none ]
    done
    rm -rf linked && cp -R s linked
    rm -f "linked/$name" && mkfifo "linked/$name"
    timeout 10 "$DFLC" store ls linked >out 2>err || [ $? = 2 ]
    timeout 10 "$DFLC" store compact linked >out 2>err || [ $? = 2 ]
done
