# The history of a thread laid over its graph: what ran between two checkpoints where only one way is possible, and
# that nothing is told where more are; what changed at each; and what is refused.
cat >g.dfl <<'END'
graph inner { state { in n : i32; out m : i32; } node add (in n, out m) {% (void)ctx; *m = n + 1; %} start -> add -> end; }
graph g {
    state { in kind : i32; n : i32; m : i32; list : i32[] merge append; out done : bool; }
    node open (in kind, out n) {% (void)ctx; *n = kind; %}
    node long_way (inout n) {% (void)ctx; ++*n; %}
    node other (inout n) {% (void)ctx; ++*n; %}
    node meet (inout n) checkpoint {% (void)ctx; ++*n; %}
    node left (in n, out list) {% return dfl_i32_list_push(ctx, list, n); %}
    node right (in n, out list) {% return dfl_i32_list_push(ctx, list, n); %}
    node sub runs inner (in n = n, out m = m);
    node turn (inout n) checkpoint {% (void)ctx; ++*n; %}
    node risky (in kind, inout n) {% ++*n; return kind == 5 ? dfl_fail(ctx, 1, "bad luck") : 0; %}
    node mend (inout n) checkpoint {% (void)ctx; ++*n; %}
    node ask (in n, m, list, out done) pause after {% (void)ctx; (void)n; (void)m; *done = list.len == 2; %}
    start -> open -> when {
        kind == 1 -> long_way -> meet;
        kind == 2 -> other -> meet;
        else -> meet;
    }
    meet -> fan: [left, right] inline -> sub -> turn;
    turn -> turn when n < 8 max 9;
    turn -> risky -> ask -> end;
    risky -> mend on error;
    mend -> ask;
}
graph h { state { in a : i32; out b : i32; } node only (in a, out b) checkpoint {% (void)ctx; *b = a; %} start -> only -> end; }
END
cat >main.c <<'END'
#include "g.h"
int main(int argc, char **argv)
{
    dfl_store *store;
    dfl_run run = {.thread_id = argv[1]};
    g_state s;
    h_state t;
    int status = argc == 3 ? dfl_store_open("s", NULL, &store) : DFL_EINVAL;
    if (status != DFL_OK)
        return 9;
    run.store = store;
    g_state_init(&s);
    h_state_init(&t);
    s.kind = argv[2][0] - '0';
    status = s.kind == 9 ? h_run(&t, &run) : s.kind == 8 ? g_resume(&s, &run) : g_run(&s, &run);
    g_state_free(&s);
    h_state_free(&t);
    dfl_store_close(store);
    return status == DFL_OK ? 0 : status == DFL_PAUSED ? 1 : 2;
}
END
"$DFLC" -w g.dfl
# shellcheck disable=SC2086 # lists of words
"${CC:-cc}" -std=c11 $SANITIZE -I. -I"$DFLRT" g.c main.c "$DFLRT/libdflrt.a" -lpthread -o program
program() { ./program "$@" || [ $? = 1 ]; }
program one 1
program fail 5
program end 3
program end 8
program h 9
history() {
    "$DFLC" graph -w --graph g --format "${format:-svg}" --store s --thread "$1" g.dfl
}
shown() {
    sed 's/&#62;/>/g' run.svg | grep -q -- "$1" || { echo "there is no $1"; "$DFLC" store history s one; exit 1; }
}

# To the first checkpoint three nodes ran: two ways have as many. The section, the subgraph and the loop are known.
history one >run.svg
! command -v xmllint >/dev/null || xmllint --noout run.svg
awk -f "$TOP/tests/graph/overlaps.awk" run.svg
shown '>thread one of s, [0-9]* checkpoints<'
shown '<g class="node" id="g/long_way">'
shown '<g class="node" id="g/other">'
shown '<g class="node checkpoint" id="g/meet">'
shown '<g class="section" id="g/section.1">.*>once<'
shown '<g class="node" id="g/left">'
shown '<g class="graph" id="g/sub">.*>once<'
shown '<g class="node" id="g/sub/add">'
shown '<path class="edge loop taken" id="g/turn>1"'
shown '<g class="node checkpoint heat-5" id="g/turn">.*>5 times<'
shown '<path class="edge taken" id="g/turn>2"'
shown '<g class="node heat-3" id="g/risky">.*>once<'
shown '<path class="edge taken" id="g/risky>1"'
shown '<g class="node pause heat-3" id="g/ask">.*>once<'

# With the third kind there is one way. A node fails for good; the next run is at its end.
history fail >run.svg
shown '<g class="node heat-4" id="g/open">.*>once<'
shown '<g class="node idle" id="g/long_way">'
shown '<g class="label idle" data-edge="g/open>1">'
shown '<g class="node checkpoint heat-4" id="g/meet">.*>once<'
shown '<g class="node heat-4 failed" id="g/risky">.*>once, 1 failed<'
shown '<path class="edge error taken" id="g/risky>2"'
shown '<path class="edge idle" id="g/risky>1"'
shown '<g class="node checkpoint heat-4" id="g/mend">.*>once<'
shown '<g class="node pause heat-4" id="g/ask">.*>once<'
shown '<path class="edge idle" id="g/ask>1"'
history end >run.svg
shown '<path class="edge taken" id="g/ask>1"'

# The page has the fields that differ from the checkpoint before, and no times.
format=html history one >run.html
sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' run.html >data.json
! command -v python3 >/dev/null || python3 -m json.tool <data.json >/dev/null
for part in '"thread": "one"' '"note": "checkpoint [0-9]*, next is fan", "wrote": \[\["n", "3"\]\]' '"note": "3 steps that no checkpoint tells of"' \
    '"kind": "end", "place": "g/turn"' '"note": "checkpoint [0-9]*, behind ask"'; do
    grep -q -- "$part" data.json || { echo "the page has no $part"; exit 1; }
done

refuse() { # STORE THREAD MESSAGE
    if "$DFLC" graph -w --graph g --format svg --store "$1" --thread "$2" g.dfl >out 2>said; then exit 1; fi
    [ ! -s out ]
    printf "dflc: cannot lay '%s' over 'g.dfl': %s\n" "$1" "$3" | diff - said
}
refuse nowhere one 'there is no such store'
refuse s nobody 'the store has no such thread'
refuse s h "it is of graph 'h', not of 'g'"
sed -i.old 's/node risky/node ask2 (inout n) {% (void)ctx; ++*n; %}\n    node risky/; s/risky -> ask -> end/risky -> ask2 -> end/; s/mend -> ask;/mend -> ask2;/; /node ask (/d' g.dfl
refuse s one "'ask' is not in graph 'g'; was it made by another version of it?"
mv g.dfl.old g.dfl

# ---- in a browser ----

. "$TOP/tests/cmd/browser.lib"
opened run.html step=1
has '<h3>Thread one, moment 2</h3>' '<span class="changed" title="1"><button'
