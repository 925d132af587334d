# dflc top: lines and JSON for scripts; on a terminal (tmux) runs as they go from node to node, wait, fail and end, of
# several programs; one that is killed is seen as gone, a viewer that is killed or stopped is nothing to a program.
cat >g.dfl <<'END'
graph g {
    state { in n : i32; list : i32[]; out total : i32 merge sum; }
    node first (in n, out list) {%
        (void)n;
        step(ctx, "first");
        return dfl_i32_list_push(ctx, list, 0) || dfl_i32_list_push(ctx, list, 1);
    %}
    node one (in v : i32, out total) {% *total = v; step(ctx, v ? "right" : "left"); %}
    node ask (in n) {%
        dfl_str answer;
        step(ctx, "ask");
        return n == 2 ? dfl_interrupt(ctx, DFL_STR("Shall \033[2J it?"), &answer) : 0;
    %}
    node last (in n) retry 1 every 1ms {%
        step(ctx, "last");
        return n == 3 ? dfl_fail(ctx, 7, "no more of it") : 0;
    %}
    start -> first -> each v in list [one] threads -> ask -> last -> end;
}
END
cat >main.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "dfl.h"

/* A node ends when there is a file that has the name of the run's thread and its own. */
static void step(dfl_ctx *ctx, const char *node) {
    const char *thread = dfl_user(ctx);
    char path[256];
    snprintf(path, sizeof path, "%s.%s", thread, node);
    while (access(path, F_OK) != 0)
        nanosleep(&(struct timespec){0, 5000000}, NULL);
}
#include "g.c"

typedef struct Job {
    dfl_hooks *hooks;
    char *name;
    int n;
} Job;

static void *run(void *user) {
    Job *job = user;
    g_state s;
    dfl_pool *pool = dfl_pool_new(2);
    g_state_init(&s);
    s.n = job->n;
    (void)g_run(&s, &(dfl_run){.hooks = job->hooks, .thread_id = job->name, .user = job->name, .pool = pool});
    g_state_free(&s);
    dfl_pool_free(pool);
    return NULL;
}

/* DIRECTORY NAME NUMBER...: a thread for each; ends when standard input does. */
int main(int argc, char **argv) {
    dfl_hooks *hooks = dfl_live_open(argv[1]);
    pthread_t threads[8];
    Job jobs[8];
    int n = 0;
    if (!hooks)
        return 9;
    for (int i = 2; i + 1 < argc; i += 2, n++) {
        jobs[n] = (Job){hooks, argv[i], atoi(argv[i + 1])};
        if (pthread_create(&threads[n], NULL, run, &jobs[n]) != 0)
            return 8;
    }
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    while (getchar() != EOF)
        ;
    dfl_live_close(hooks);
    return 0;
}
END
"$DFLC" -w g.dfl
"${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror $SANITIZE -I. -I"$DFLRT" main.c "$DFLRT/libdflrt.a" -lpthread -lm -o depot
cp depot mill
pids=
end() {
    for pid in $pids; do kill -9 "$pid" 2>/dev/null || true; done
    [ ! -e socket ] || tmux -S socket kill-server 2>/dev/null || true
}
trap end EXIT
. "$TOP/tests/cmd/wait.lib"
top() { "$DFLC" top --interval 50ms "$@" </dev/null; }
# What it says at once, without times and process numbers, in the order of the text.
says() { top --count 1 live | sed 's/^[0-9]*-[0-9]*-[0-9]* [0-9:]*  //; s|/[0-9]* |/PID |; s/  run [0-9]*  /  run N  /' | sort; }
say() { says >said && grep -qF -- "$1" said; }

# ---- lines ----
export XDG_RUNTIME_DIR="$PWD"
[ -z "$(top --count 1)" ] # nobody has ever told anything
mkfifo in in2
./depot live anna 1 bert 2 cora 3 <in &
depot=$!
pids="$pids $depot"
exec 3>in
until_is say 'cora  g  running  first'
touch anna.first anna.left anna.right anna.ask bert.first bert.left bert.right cora.first cora.left
until_is say 'anna  g  running  last'
until_is say 'bert  g  running  ask'
until_is say 'cora  g  running  one[1]'
cat >expected <<'END'
depot/PID  run N  anna  g  running  last  step 4
depot/PID  run N  bert  g  running  ask  step 3
depot/PID  run N  cora  g  running  one[1]  step 2
END
diff expected said
touch anna.last bert.ask cora.right cora.ask cora.last
until_is say 'cora  g  failed 7'
until_is say 'bert  g  waiting'
cat >expected <<'END'
depot/PID  run N  bert  g  waiting  ask: Shall ?[2J it?  step 3
depot/PID  run N  cora  g  failed 7  last: no more of it  step 4
END
not_said() { says >said && ! grep -q -- "$1" said; }
until_is not_said anna
diff expected said # anna, which has ended well, is no news

# ---- JSON ----
top --count 2 --json live >json
[ "$(wc -l <json)" = 2 ]
# A run a line, without times and numbers, and without what closes it.
head -n 1 json | sed 's/_ns": [0-9]*/_ns": 0/g; s/"pid": [0-9]*/"pid": 0/; s/"run": [0-9]*/"run": 0/g; s/{"run"/\n{"run"/g' |
    sed 's/[]}, ]*$//' | sort >seen
cat >expected <<'END'
{"run": 0, "graph": "g", "thread": "anna", "state": "done", "steps": 5, "errors": 0, "since_ns": 0, "run_ns": 0, "nodes": [], "more": 0, "last": "last"
{"run": 0, "graph": "g", "thread": "bert", "state": "waiting", "steps": 3, "errors": 0, "since_ns": 0, "run_ns": 0, "nodes": [], "more": 0, "last": "ask", "question": "Shall \u001b[2J it?"
{"run": 0, "graph": "g", "thread": "cora", "state": "failed", "steps": 4, "errors": 2, "since_ns": 0, "run_ns": 0, "nodes": [], "more": 0, "last": "last", "status": -1, "code": 7, "error": "no more of it"
{"time_ns": 0, "unread": 0, "programs": [{"program": "depot", "pid": 0, "gone": false, "opened_ns": 0, "begun": 3, "done": 1, "failed": 1, "paused": 1, "steps": 12, "unseen": 0, "runs": [
END
sed -i 's/\[$//' expected
sed 's/\[$//' seen | diff expected -

# ---- a program that is killed, and one that closes ----
./mill live dora 4 emil 5 <in2 &
mill=$!
pids="$pids $mill"
exec 4>in2
until_is say 'mill/PID  run N  dora  g  running  first'
until_is say 'mill/PID  run N  emil  g  running  first'
"$DFLC" top --interval 50ms live >lines </dev/null &
viewer=$!
pids="$pids $viewer"
"$DFLC" top --interval 50ms --json live >/dev/null </dev/null &
stopped=$!
pids="$pids $stopped"
kill -STOP "$stopped" # a viewer that takes for ever is nothing to anybody
touch dora.first
until_is grep -q 'dora  g  running  one\[[01]\]' lines
kill -9 "$mill"
until_is grep -q 'emil  g  gone  first  step 0$' lines
until_is grep -q 'dora  g  gone  one\[[01]\], one\[[01]\]  step 1$' lines
kill -9 "$viewer" "$stopped"
[ "$(ls live | wc -l)" = 2 ]
exec 3>&-
wait "$depot"
[ "$(ls live | wc -l)" = 1 ]
until_is say 'mill/PID  run N  dora  g  gone'
! say depot

# ---- the directory that nobody names ----
mkdir dfl-live
top --count 1 >said
[ ! -s said ]
cp live/*.live dfl-live
top --count 1 >said
grep -q 'emil  g  gone  first' said

# ---- mistakes ----
refuses() { # TEXT ARGUMENTS...
    text=$1
    shift
    "$DFLC" top "$@" >out 2>err && exit 1 || [ $? = 2 ]
    [ "$(cat err)" = "dflc: $text" ] || { cat err; exit 1; }
}
refuses "there is no directory 'none'" none
refuses "there is no directory 'main.c'" live main.c
refuses "'0' of --count is no number above 0 (see dflc top --help)" --count 0
refuses "-o has no use in 'dflc top'; it belongs to compiling (see dflc top --help)" -o x
XDG_RUNTIME_DIR=$(printf '%5000d' 1) refuses "the path in XDG_RUNTIME_DIR is too long"

# ---- on a terminal ----
command -v tmux >/dev/null || { echo "skipped: no tmux" && exit 0; }
nm "$DFLC" 2>/dev/null | grep -q ' newterm' || { echo "skipped: built without ncurses" && exit 0; }
export LC_ALL=C.UTF-8
rm -f ./*.first ./*.left ./*.right ./*.ask ./*.last live/*
cat >session <<END
stty -g >before
"$DFLC" top live --interval 50ms
echo "status \$?" >ended
stty -g >after
exec sleep 1000
END
t() { tmux -S socket "$@"; }
pane() { t capture-pane -p >pane && grep -q -- "$1" pane; }
columns_of() { sed 's/  */ /g; s/^ //; s/ $//' pane; }
shows() { pane "$1" && columns_of | grep -q -- "$2"; } # PATTERN PATTERN: the second with single blanks
t -f /dev/null new-session -d -x 110 -y 16 'sh session'
t pipe-pane -o 'cat >raw'
until_is pane 'no program tells of its runs in live'
./depot live anna 1 bert 2 cora 3 <in &
depot=$!
pids="$pids $depot"
exec 3>in
until_is pane '^3 running, 0 waiting, 0 failed; so far 3 runs, 0 nodes; '
pane "^depot, pid $depot *every 50ms$"
until_is shows '^3 running' '^[0-9]* cora g running first [0-9.]* [a-z]* caller 0 [0-9.]* [a-z]*$'
touch bert.first bert.left bert.right bert.ask cora.first cora.left cora.right cora.ask cora.last anna.first
until_is shows '^1 running, 1 waiting, 1 failed; ' ' cora g failed 7 last '
until_is shows 'no more of it' ' bert g waiting ask '
pane 'Shall ?\[2J it?'
until_is shows ' one\[0\] ' ' anna g running one\['
until_is shows THREAD '^one\[[01]\] [0-9.]* [a-z]* [0-9a-z]*$' # its second node, on a line of its own

# Several programs; one is killed.
./mill live dora 4 <in2 &
mill=$!
pids="$pids $mill"
exec 4>in2
until_is pane '^2 programs '
until_is shows PROGRAM "^mill/$mill [0-9]* dora g running first "
kill -9 "$mill"
until_is shows PROGRAM "^mill/$mill [0-9]* dora g gone first "
t send-keys m
until_is pane 'PROGRAM v'
[ "$(columns_of | sed -n 5p | cut -d/ -f1)" = depot ]
t send-keys m
until_is pane 'PROGRAM ^'
[ "$(columns_of | sed -n 5p | cut -d/ -f1)" = mill ]
t send-keys / BER Enter
until_is pane "only what has 'BER'; Esc: all of them"
! pane ' dora '
t send-keys Escape
until_is pane ' dora '
t resize-window -x 50 -y 8
until_is pane '^ q quit'
! pane STEPS
t resize-window -x 110 -y 16
until_is pane STEPS
t send-keys x # forgets the gone
until_is pane "^depot, pid $depot "
[ "$(ls live | wc -l)" = 1 ]
touch anna.left anna.right anna.ask anna.last
until_is pane '^0 running, 1 waiting, 1 failed; so far 3 runs, 12 nodes; '
t send-keys e
until_is shows ' anna ' ' anna g done [0-9.]* [a-z]* 5 '
exec 3>&-
wait "$depot"
until_is pane 'no program tells of its runs in live'
t send-keys q
until_is test -s after
[ "$(cat ended)" = 'status 0' ]
cmp before after
! LC_ALL=C grep -q "$(printf 'Shall \033\\[2J')" raw
