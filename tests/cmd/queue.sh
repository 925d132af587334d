# dflc queue: every verb on a queue with a worker, and the words of each mistake.
"$DFLC" queue ls x >out 2>err || true
if grep -q 'built without libpq' err || ! "$TOP/tests/pg_server.sh" found || [ ! -e "$DFLRT/libdflrt-pg.a" ]; then
    echo "skipped: no libpq, or no PostgreSQL server" && exit 0
fi
cat >g.dfl <<'END'
graph buy {
    state { in what : string; in sum : f64; out done : string; }
    node check (in sum) {% return sum < 0 ? dfl_fail(ctx, 3, "a negative sum") : 0; %}
    node ask (in what, out done) {%
        dfl_str answer;
        int rc = dfl_interrupt(ctx, dfl_printf(ctx, "buy %s?", what.p), &answer);
        *done = answer;
        return rc;
    %}
    start -> check -> ask -> end;
}
END
cat >main.c <<'END'
#include <dfl_pg.h>
#include "g.h"
DFL_WORK_GRAPH(buy)
int main(int argc, char **argv)
{
    const dfl_work_graph *graphs[] = {&buy_work};
    dfl_worker_options options = {.poll_ns = 2000000, .backoff_ns = 1000000, .max_attempts = 2, .until_empty = true};
    dfl_worker *worker;
    int status = dfl_worker_open(argv[argc - 1], graphs, 1, &options, &worker);
    if (status == DFL_OK)
        status = dfl_worker_run(worker);
    dfl_worker_close(worker);
    return status != DFL_OK;
}
END
"$DFLC" -w g.dfl
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror $SANITIZE -I. -I"$DFLRT" g.c main.c "$DFLRT/libdflrt-pg.a" "$DFLRT/libdflrt.a" \
    $(pkg-config --libs libpq) -lpthread -lm -o worker
dir=$(PG_SERVER_FOR=$$ "$TOP/tests/pg_server.sh" start)
trap '"$TOP/tests/pg_server.sh" stop "$dir"' EXIT
db="host=$dir user=dflc dbname=dflc"

queue() { "$DFLC" queue "$@" >out 2>err || echo "status $?" >>out; }
says() { # TEXT, of the last one: what it wrote, but for times
    cat out err | sed 's/[0-9]*-[0-9]*-[0-9]* [0-9:]*/TIME/g; s/_ns": [0-9]*/_ns": 0/g; s/ *$//' >seen
    [ "$(cat seen)" = "$1" ] || { echo "it says:"; cat seen; echo "not:"; echo "$1"; exit 1; }
}

queue submit "$db" buy '{"what": "a lamp", "sum": 30}'
says 'run 1'
echo '{"what": "a desk", "sum": 3}' | "$DFLC" queue submit --key desk --priority 4 "$db" buy - >out 2>err
says 'run 2'
queue submit --key desk "$db" buy
says 'run 2, which had this key before'
queue submit --json "$db" buy '{"what": "nothing", "sum": -1}'
says '{"run": 4, "new": true}'
queue submit --after 24h --priority=-1 "$db" buy
says 'run 5'
queue ls "$db"
says 'run  graph  key   state    priority  failed  next  submitted (UTC)
  1  buy    -     ready           0       0  -     TIME
  2  buy    desk  ready           4       0  -     TIME
  4  buy    -     ready           0       0  -     TIME
  5  buy    -     waiting        -1       0  -     TIME'
queue show "$db" desk
says 'run 2 of graph buy, ready, key desk
submitted TIME
saved: {"what": "a desk", "sum": 3}'
queue cancel "$db" 5
says ''
./worker "$db"
queue ls --json "$db" dead
says '[
  {"run": 4, "graph": "buy", "key": null, "state": "dead", "priority": 0, "submitted_ns": 0, "due_ns": 0, "finished_ns": 0, "attempts": 2, "crashes": 0, "failures": 2, "step": 0, "next": "check", "error": "check (g.dfl:10): a negative sum"}
]'
queue show "$db" 4
says 'run 4 of graph buy, dead
submitted TIME
next: check, after 0 node executions
failed: 2 times; its workers crashed: 0 times
error: check (g.dfl:10): a negative sum
saved: '"$(sed -n 's/^saved: //p' out)"
grep -q '"what":"nothing"' out
queue retry "$db" 4
says ''
queue retry "$db" 4
says "status 1
dflc: run '4' is not dead, and does not wait for its time"
queue cancel "$db" 4
says ''
queue show --json "$db" 1
grep -q '^{.*"state": "paused".*"questions": \[{"id": "ask", "text": "buy a lamp?"}\].*"saved": {.*}}$' out
queue answer "$db" 1 yes tomorrow
says "status 1
dflc: run '1' does not ask 'tomorrow', or the answer is no UTF-8"
queue answer "$db" desk no ask
says ''
queue answer "$db" 1 yes
says ''
./worker "$db"
queue answer "$db" 1 yes
says "status 1
dflc: the queue has no such run as '1', or it is finished"
queue show "$db" 1
grep -q '"done":"yes"' out
queue stats "$db"
says 'graph  ready  running  waiting  paused  dead  finished  oldest ready
buy        0        0        0       0     0         4  -'
queue stats --json "$db"
says '[
  {"graph": "buy", "ready": 0, "suspect": 0, "running": 0, "waiting": 0, "paused": 0, "dead": 0, "done": 2, "cancelled": 2, "oldest_ns": 0}
]'
queue ls "$db" cancelled
says 'run  graph  key  state      priority  failed  next   submitted (UTC)
  4  buy    -    cancelled         0       0  check  TIME
  5  buy    -    cancelled        -1       0  -      TIME'

# Times that no clock comes to, as a person may write them.
queue submit "$db" buy
queue submit --after 24h "$db" buy
"$TOP/tests/pg_server.sh" sql "$dir" "UPDATE dfl_queue SET due = '-infinity', submitted = '-infinity' WHERE run = 6;
    UPDATE dfl_queue SET due = 'infinity', failures = 3, attempts = 1 WHERE run = 7"
queue stats "$db"
says 'graph  ready  running  waiting  paused  dead  finished  oldest ready
buy        1        0        1       0     0         4  -'
queue ls "$db" ready
says 'run  graph  key  state  priority  failed  next  submitted (UTC)
  6  buy    -    ready         0       0  -     -'
queue show "$db" 7
says 'run 7 of graph buy, waiting
submitted TIME, due never
failed: 1 times; its workers crashed: 0 times
before it got further: 2 times more
saved: {}'
queue cancel "$db" 6
queue cancel "$db" 7
"$TOP/tests/pg_server.sh" sql "$dir" 'DELETE FROM dfl_finished WHERE run > 5'
queue forget "$db" 1
says '0 runs'
queue forget --json "$db" 0
says '{"runs": 4}'

queue show "$db" chair
says "status 1
dflc: the queue has no such run as 'chair', or it is finished"
queue show "$db" 77
says "status 1
dflc: the queue has no such run as '77', or it is finished"
queue cancel "$db" 77
says "status 1
dflc: the queue has no such run as '77', or it is finished"
queue submit --key '' "$db" buy
says 'status 2
dflc: the queue: a run to be submitted has an empty key'
queue ls "$db" sleeping
says "status 2
dflc: 'sleeping' is no state of a run: ready, suspect, running, waiting, paused, dead, done, cancelled, or all"
queue forget "$db" soon
says "status 2
dflc: 'soon' is no number of days"
queue lss "$db"
says "status 2
dflc: a queue has no verb 'lss', did you mean 'ls'? (see dflc queue --help)"
queue answer "$db" 1
says 'status 2
dflc: usage: dflc queue answer QUEUE RUN TEXT [QUESTION]'
queue ls --key x "$db"
says "status 2
dflc: --key has no use in 'dflc queue ls'; it belongs to 'dflc queue submit'"
queue submit --priority soon "$db" buy
says "status 2
dflc: 'soon' of --priority is no whole number (see dflc queue --help)"
queue
says 'status 2
dflc: no verb: dflc queue VERB QUEUE ... (see dflc queue --help)'
queue ls host=/nowhere
grep -q '^dflc: the queue cannot be opened: connection to server on socket "/nowhere' err
