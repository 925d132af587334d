# dflc store watch: lines and JSON for scripts; on a terminal (tmux) a live list beside a process that saves, which
# takes keys, a filter and another size, and leaves the terminal as it was.
cat >g.dfl <<'END'
graph g {
    state { in n : i32; }
    node work (in n) checkpoint {% (void)ctx; (void)n; %}
    node more (in n) checkpoint {% (void)ctx; return n % 10 == 9 ? dfl_fail(ctx, 1, "no") : 0; %}
    start -> work -> more -> end;
}
END
cat >main.c <<'END'
#include <stdio.h>
#include "g.h"
/* Runs a thread for each line of standard input: "NAME NUMBER". */
int main(void)
{
    dfl_store *store;
    char name[64];
    int n;
    if (dfl_store_open("s", NULL, &store) != DFL_OK)
        return 9;
    while (scanf("%63s %d", name, &n) == 2) {
        g_state s;
        g_state_init(&s);
        s.n = n;
        (void)g_run(&s, &(dfl_run){.thread_id = name, .store = store});
        g_state_free(&s);
    }
    dfl_store_close(store);
    return 0;
}
END
"$DFLC" -w g.dfl
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror $SANITIZE -I. -I"$DFLRT" g.c main.c "$DFLRT/libdflrt.a" -lpthread -lm -o program
store() { "$DFLC" store "$@"; }
pids=
end() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    [ ! -e socket ] || tmux -S socket kill-server 2>/dev/null || true
}
trap end EXIT
. "$TOP/tests/cmd/wait.lib"
holds() { grep -q -- "$2" "$1"; } # FILE PATTERN

# ---- lines ----
evil=$(printf 'e\033[2J\302\233\342\200\256')
printf '%s\n' 'one 1' 'two 9' "$evil 1" | ./program
store watch s --count 1 >out </dev/null
sed 's/^[0-9]*-[0-9]*-[0-9]* [0-9:]*/TIME/' out >seen
cat >expected <<'END'
TIME  one  end  checkpoint 3, step 2, 4 bytes
TIME  two  more  checkpoint 5, step 1, 4 bytes
TIME  e?[2J??  end  checkpoint 8, step 2, 4 bytes
END
diff expected seen

# A look tells what has changed since the one before, and what was removed.
mkfifo in
./program <in &
pids="$pids $!"
exec 3>in
"$DFLC" store watch s --interval 50ms >lines </dev/null &
watch=$!
pids="$pids $watch"
until_is holds lines 'one  end'
echo 'one 9' >&3
until_is holds lines 'one  more  checkpoint 10, step 1'
store rm s two
until_is holds lines ' two  removed$'
store compact s
echo 'three 1' >&3
until_is holds lines 'three  end'
[ "$(grep -c ' two ' lines)" = 2 ] # once when it began, once as removed
[ "$(grep -c ' e?' lines)" = 1 ]
kill "$watch"

# ---- JSON ----
store watch s --json --count 2 --interval 10ms >json
[ "$(wc -l <json)" = 2 ]
sed 's/_ns": [0-9]*/_ns": 0/g; s/log_bytes": [0-9]*/log_bytes": 0/g'"; s/$(printf '\342\200\256')/RLO/" json >seen
cat >expected <<'END'
{"changes": [{"thread": "one", "removed": false, "id": 10, "previous": 9, "next": "more", "step": 1, "time_ns": 0, "bytes": 4, "checkpoints": 5, "log_bytes": 0, "saves": 0}, {"thread": "e\u001b[2J\u009bRLO", "removed": false, "id": 8, "previous": 7, "next": "end", "step": 2, "time_ns": 0, "bytes": 4, "checkpoints": 3, "log_bytes": 0, "saves": 0}, {"thread": "three", "removed": false, "id": 13, "previous": 12, "next": "end", "step": 2, "time_ns": 0, "bytes": 4, "checkpoints": 3, "log_bytes": 0, "saves": 0}], "time_ns": 0, "since_ns": 0, "saves": 0, "threads": 3, "checkpoints": 11, "bytes": 1091, "log_bytes": 0, "segments": 1}
{"changes": [], "time_ns": 0, "since_ns": 0, "saves": 0, "threads": 3, "checkpoints": 11, "bytes": 1091, "log_bytes": 0, "segments": 1}
END
diff expected seen

# ---- mistakes ----
refuses() { # TEXT ARGUMENTS...
    text=$1
    shift
    store "$@" >out 2>err && exit 1 || [ $? = 2 ]
    [ "$(cat err)" = "dflc: $text" ] || { cat err; exit 1; }
}
refuses "there is no store 'none'" watch none
refuses "--count has no use in 'dflc store ls'; it belongs to 'dflc store watch'" ls s --count 1
refuses "--interval has no use in 'dflc store rm'; it belongs to 'dflc store watch'" rm s one --interval 1s
refuses "'0' of --count is no number above 0 (see dflc store --help)" watch s --count 0
refuses "'x' of --interval is no duration above 0, such as 24h or 100us (see dflc store --help)" watch s --interval x
refuses "'9ms' of --interval is less than 10ms (see dflc store --help)" watch s --interval=9ms

# ---- on a terminal ----
command -v tmux >/dev/null || { echo "skipped: no tmux" && exit 0; }
nm "$DFLC" 2>/dev/null | grep -q ' newterm' || { echo "skipped: built without ncurses" && exit 0; }
export LC_ALL=C.UTF-8
cat >session <<END
stty -g >before
"$DFLC" store watch s --interval 100ms
echo "status \$?" >ended
stty -g >after
exec sleep 1000
END
t() { tmux -S socket "$@"; }
pane() { t capture-pane -p >pane && grep -q -- "$1" pane; }
t -f /dev/null new-session -d -x 100 -y 12 'sh session'
t pipe-pane -o 'cat >raw'
until_is pane '3 threads, 11 checkpoints'
[ "$(sed -n 5p pane | cut -d' ' -f1)" = three ] # what was saved last
grep -q '^e?\[2J??  ' pane
echo 'four 9' >&3
until_is pane '4 threads, 13 checkpoints'
[ "$(sed -n 5p pane | cut -d' ' -f1)" = four ]
store rm s one
until_is pane '3 threads, 8 checkpoints'
! pane '^one '

t send-keys t
until_is pane 'THREAD v'
[ "$(sed -n 5,7p pane | cut -d' ' -f1 | tr '\n' ' ')" = 'e?[2J?? four three ' ]
t send-keys t
until_is pane 'THREAD ^'
[ "$(sed -n 5,7p pane | cut -d' ' -f1 | tr '\n' ' ')" = 'three four e?[2J?? ' ]
t send-keys / FO Enter
until_is pane "1 of 3 threads have 'FO'"
! pane '^three '
t send-keys Escape
until_is pane '^three '

# Another size: what there is no room for is left out, and scrolled to.
t resize-window -x 40 -y 7
until_is pane '^ q quit'
! pane 'CHECKPOINTS'
[ "$(sed -n '5,6p' pane | cut -d' ' -f1 | tr '\n' ' ')" = 'three four ' ]
t send-keys Down
until_is pane '^e?'
t resize-window -x 100 -y 12
until_is pane 'CHECKPOINTS'
pane '^three '

t send-keys q
until_is test -s after
[ "$(cat ended)" = 'status 0' ]
cmp before after
! pane THREAD
# Nothing of a name came through to the terminal but what can be seen.
! LC_ALL=C grep -q "$(printf 'e\033\\[2J')" raw
! LC_ALL=C grep -q "$(printf '\302\233')" raw
! LC_ALL=C grep -q "$(printf '\342\200\256')" raw

# A signal ends it in the same way.
rm after ended
t respawn-pane -k 'sh session'
until_is pane '3 threads'
t list-panes -F '#{pane_pid}' >shell
kill -TERM "$(ps -o pid= --ppid "$(cat shell)" 2>/dev/null || pgrep -P "$(cat shell)")"
until_is test -s after
[ "$(cat ended)" = 'status 0' ]
cmp before after
