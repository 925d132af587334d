# What a trace lays over a picture: counts, times, the edges taken, the critical path; what is no trace, or one of
# another program, is refused. Then a trace of real runs, and the replay in a browser where there is one.
cat >desk.dfl <<'END'
graph inner { state { in n : i32; out m : i32; } node add (in n, out m); start -> add -> end; }
graph desk {
    state { in kind : i32; n : i32; big : u64; words : string[] merge append; out answer : i32; }
    node read (in kind, out n, big) retry 3;
    node slow (in n, out words);
    node fast (in n, out words);
    node sub runs inner (in n = n, out answer = m);
    node fallback (out answer);
    node never (out answer);
    start -> read -> when {
        n > 0 -> [slow, fast] -> match kind { 1, 2 -> sub; 3 -> never; else -> end; }
        n < 0 -> never;
        n < -5 -> never;
        else -> sub;
    }
    read -> fallback on error;
    sub, fallback, never -> end;
}
END
graph() {
    "$DFLC" graph -w --graph desk --format "${format:-svg}" --trace "$@" desk.dfl
}

# A line of a trace, of what begins or ends, and of a moment.
line() { printf ',\n{"ph":"%s","pid":1,"tid":%s,"ts":%s,"cat":"%s","name":"x","dfl":{%s}%s}' "$1" "$2" "$3" "$4" "$5" "${6:+,\"args\":{$6\}}"; }
head='[
{"ph":"M","pid":1,"name":"dflc_trace","args":{"version":1,"monotonic_ns":5,"time_ns":6}}'
begin() { line B "$1" "$2" "$3" "\"run\":$run,\"seq\":$seq,$4"; seq=$((seq + 1)); }
end() { line E "$1" "$2" "$3" "\"run\":$run,\"seq\":$seq,$4" "${5:-}"; seq=$((seq + 1)); }
told() { line i "$1" "$2" "$3" "\"run\":$run,\"seq\":$seq,$4" "${5:-}"; seq=$((seq + 1)); }
{
    printf '%s' "$head"
    run=1 seq=1 # read fails once; two branches on threads, the slow one is waited for; then a subgraph
    begin 9 0 run '"span":1,"at":"desk"'
    told 9 1 edge '"span":1,"at":"start"' '"at":"start","to":"read"'
    begin 9 1 node '"span":2,"in":1,"at":"read","attempt":1'
    end 9 2 node '"span":2,"in":1,"at":"read","attempt":1,"status":-1,"ns":900' '"error":{"node":"read","message":"no \"luck\" </script>"}'
    told 9 2 retry '"span":1,"at":"read","attempt":2,"status":-1' '"at":"read","attempt":2'
    begin 9 2 node '"span":3,"in":1,"at":"read","attempt":2'
    end 9 3 node '"span":3,"in":1,"at":"read","attempt":2,"ns":1100'
    told 9 3 updates '"span":1,"at":"read"' '"at":"read","wrote":{"n":4,"big":18446744073709551615}'
    begin 9 3 section '"span":4,"in":1,"at":"[slow, fast]"'
    begin 9 4 branch '"span":5,"in":4,"at":"[slow, fast]","branch":0'
    begin 2 4 branch '"span":6,"in":4,"at":"[slow, fast]","branch":1'
    begin 9 5 node '"span":7,"in":5,"at":"slow","branch":0,"attempt":1'
    begin 2 5 node '"span":8,"in":6,"at":"fast","branch":1,"attempt":1'
    end 2 6 node '"span":8,"in":6,"at":"fast","branch":1,"attempt":1,"ns":1000'
    told 2 6 updates '"span":6,"at":"fast"' '"at":"fast","wrote":{"words":["f"]}'
    end 2 7 branch '"span":6,"in":4,"at":"[slow, fast]","branch":1,"ns":3000'
    end 9 45 node '"span":7,"in":5,"at":"slow","branch":0,"attempt":1,"ns":40000'
    told 9 45 updates '"span":5,"at":"slow"' '"at":"slow","wrote":{"words":["s"]}'
    end 9 46 branch '"span":5,"in":4,"at":"[slow, fast]","branch":0,"ns":42000'
    end 9 46.5 section '"span":4,"in":1,"at":"[slow, fast]","ns":43500'
    told 9 47 saved '"span":1,"at":"sub"' '"at":"sub","checkpoint":7'
    begin 9 47 node '"span":9,"in":1,"at":"sub","attempt":1'
    begin 9 48 node '"span":10,"in":9,"at":"sub/add","attempt":1'
    end 9 49 node '"span":10,"in":9,"at":"sub/add","attempt":1,"ns":1000'
    end 9 50 node '"span":9,"in":1,"at":"sub","attempt":1,"ns":3000'
    end 9 51 run '"span":1,"at":"desk","ns":51000'
    run=2 seq=1 # read fails for good
    begin 9 60 run '"span":1,"at":"desk"'
    begin 9 61 node '"span":2,"in":1,"at":"read","attempt":1'
    end 9 62 node '"span":2,"in":1,"at":"read","attempt":1,"status":-1,"ns":1000'
    begin 9 62 node '"span":3,"in":1,"at":"fallback","attempt":1'
    end 9 63 node '"span":3,"in":1,"at":"fallback","attempt":1,"ns":1000'
    end 9 64 run '"span":1,"at":"desk","ns":4000'
    run=3 seq=1 # resumed behind the section; fails
    begin 9 70 run '"span":1,"at":"desk"'
    told 9 70 resumed '"span":1,"at":"desk"'
    told 9 71 edge '"span":1,"at":"read"' '"at":"read","to":"never"'
    begin 9 71 node '"span":2,"in":1,"at":"never","attempt":1'
    end 9 72 node '"span":2,"in":1,"at":"never","attempt":1,"status":-3,"ns":1000'
    end 9 73 run '"span":1,"at":"desk","status":-3,"ns":3000'
    run=4 seq=1 # of a graph that is not drawn
    begin 9 80 run '"span":1,"at":"other"'
    end 9 81 run '"span":1,"at":"other","ns":3000'
} >cut.json
{ cat cut.json && printf '\n]\n'; } >run.json

if ! "$DFLC" graph -w --format svg --trace run.json desk.dfl >/dev/null 2>said; then
    grep -qx "dflc: cannot lay 'run.json' over 'desk.dfl': this dflc was built without jansson, which reads traces" said
    exit 0
fi
graph run.json >run.svg
! command -v xmllint >/dev/null || xmllint --noout run.svg
awk -f "$TOP/tests/graph/overlaps.awk" run.svg
shown() {
    sed 's/&#62;/>/g' run.svg | grep -q -- "$1" || { echo "there is no $1"; exit 1; }
}
shown '>3 runs in run.json, 1 of them failed, 58.0us together; critical path: run 1, 51.0us<'
shown '<g class="node heat-2 critical failed" id="desk/read">.*>3 times, 3.00us, 2 failed<'
shown '<g class="node heat-5 critical" id="desk/slow">.*>once, 40.0us<'
shown '<g class="node heat-1" id="desk/fast">.*>once, 1.00us<'
shown '<g class="node heat-1 critical" id="desk/sub/add">'
shown '<g class="graph critical" id="desk/sub">'
shown '<g class="section critical" id="desk/section.1">'
shown '<path class="edge taken critical" id="desk/start>1".*marker-end="url(#arrow-critical)"'
shown '<path class="edge taken critical" id="desk/sub/start>1"'
shown '<path class="edge taken critical" id="desk/sub/add>1"'
shown '<path class="edge taken critical" id="desk/sub>1"'
shown '<path class="edge taken critical" id="desk/slow>1"'
shown '<path class="edge taken" id="desk/fast>1"'
shown '<path class="edge taken critical" id="desk/fork.1"'
shown '<path class="edge taken" id="desk/fork.2"'
shown '<path class="edge error taken" id="desk/read>[0-9]*" data-from="desk/read" data-to="desk/fallback"'
shown '<g class="label unsure" data-edge="desk/read>2">.*>at most once<'
shown '<g class="label unsure" data-edge="desk/read>3">'
shown '<g class="label else idle" data-edge="desk/read>4">'
shown '<g class="label taken critical" data-edge="desk/read>1">.*n > 0.*>once<\|<g class="label taken critical" data-edge="desk/read>1">'
shown '<g class="label taken critical" data-edge="desk/choice[^"]*>1">.*>once<'
shown '<g class="label idle" data-edge="desk/choice[^"]*>2">'
[ "$(grep -c 'class="node idle"' run.svg)" = 0 ]

# One run of it; the graph that is run inside alone has no run of its own.
graph run.json --run 2 >run.svg
shown '>1 run in run.json, 4.00us together; critical path: run 2, 4.00us<'
shown '<g class="node idle" id="desk/slow">'
shown '<g class="node heat-5 critical failed" id="desk/read">.*>once, 1.00us, 1 failed<'

# A process that was killed leaves a trace without an end.
graph cut.json >run.svg
shown '; the trace ends in the midst of it<'
head -c $(($(wc -c <cut.json) - 700)) cut.json >short.json
graph short.json >run.svg
shown '>[23] runs in short.json'

# What is no trace of this graph is refused, with the reason.
refuse() { # FILE, MESSAGE, more options
    file=$1 message=$2
    shift 2
    if graph "$file" "$@" >out 2>said; then exit 1; fi
    [ ! -s out ]
    printf "dflc: cannot lay '%s' over 'desk.dfl': %s\n" "$file" "$message" | diff - said
}
refuse nowhere.json 'No such file or directory'
printf '' >bad.json && refuse bad.json 'line 1 is no JSON: an array was expected'
echo '{"traceEvents": []}' >bad.json && refuse bad.json 'line 1 is no JSON: an array was expected'
echo '[]' >bad.json && refuse bad.json 'it is no trace of dfl_trace_open'
echo '[{"ph":"X"},{"ph":"M","name":"process_name"}]' >bad.json && refuse bad.json 'it is no trace of dfl_trace_open'
echo '[{"ph":"M","name":"dflc_trace","args":{"version":2}}]' >bad.json && refuse bad.json 'it has version 2 of the form, and this dflc reads 1'
printf '[{"ph":"M"},\n{"ph":}]' >bad.json && refuse bad.json "line 2 is no JSON: unexpected token near '}'"
printf '[{"ph":"M"}\n {"ph":"M"}]' >bad.json && refuse bad.json "line 2 is no JSON: ',' or ']' was expected"
printf '%s\n]' "$head" >bad.json && refuse bad.json "it has no run of 'desk'"
refuse run.json "it has no run 9 of 'desk'" --run 9
refuse run.json "it has no run 4 of 'desk'" --run 4
sed 's/"at":"fallback"/"at":"gone"/' run.json >bad.json
refuse bad.json "'gone' is not in graph 'desk'; was it made by another version of it?"
printf '[{"ph":"M","name":"dflc_trace","args":{"version":1}},{"ph":"B","cat":"run","dfl":{"run":1,"span":1,"at":"desk"}},
{"ph":"B","cat":"node","dfl":{"run":1,"span":2,"in":1,"at":"\\u001b[2Jgo"}}]' >bad.json
refuse bad.json "'?[2Jgo' is not in graph 'desk'; was it made by another version of it?"
sed 's/graph desk/graph other_desk/' desk.dfl >other.dfl
"$DFLC" graph -w --format svg --trace bad.json other.dfl 2>said && exit 1
grep -qx "dflc: cannot lay 'bad.json' over 'other.dfl': it has no run of 'inner' or 'other_desk'" said
head -c 100000 /dev/urandom >bad.json
! graph bad.json >/dev/null 2>&1
{ printf '%s,\n' "$head"; for i in 1 2 3; do printf '{"ph":"%s","cat":"node","dfl":{"run":-1,"span":%s,"in":-4,"at":"read","branch":99}},\n' B 99999999999 E -7 i 0; done; printf '{}]'; } >bad.json
refuse bad.json "it has no run of 'desk'"

# One that nests as no graph does is looked at so far and no farther.
{
    printf '%s' "$head"
    run=1 seq=1
    begin 9 0 run '"span":1,"at":"desk"'
    awk 'BEGIN { for (i = 1; i <= 20000; i++)
        printf ",\n{\"ph\":\"B\",\"tid\":9,\"ts\":1,\"cat\":\"%s\",\"dfl\":{\"run\":1,\"seq\":%d,\"span\":%d,\"in\":%d,\"at\":\"[slow, fast]\",\"branch\":0}}",
            i % 2 ? "section" : "branch", i + 1, i + 1, i }'
    end 9 51 run '"span":1,"at":"desk","ns":51000'
} >deep.json
graph deep.json >run.svg
shown '>1500 without an end<'

# The page holds the same, moment by moment.
format=html graph run.json >run.html
sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' run.html >data.json
! command -v python3 >/dev/null || python3 -m json.tool <data.json >/dev/null
for part in '"wrote": \[\["n", "4"\], \["big", "1.84467440737096e19"\]\]' '"note": "checkpoint 7 saved"' \
    '"status": "a node failed", "error": "no \\"luck\\" .u003c/script>"' \
    '"desk/slow": {"n": 1, "failed": 0, "open": 0, "ns": 40000, "criticalNs": 40000}' \
    '{"t": 4000, "kind": "begin", "place": "desk/section.1", "branch": true, "edges": \["desk/fork.1"\]}' \
    '"run": 3, "graph": "desk", "ns": 3000, "status": "the step limit was passed"'; do
    grep -q -- "$part" data.json || { echo "the page has no $part"; exit 1; }
done

# Runs of a sample.
cp "$TOP"/samples/support/* .
sed -e 's/dfl_run run = {.error = &error};/dfl_run run = {.error = \&error, .hooks = hooks};/' \
    -e 's/^static Outcome handle(/static dfl_hooks *hooks;\n&/' \
    -e 's/    support_state_init(&state);/&\n    hooks = dfl_trace_open("support.json");/' \
    -e 's/    support_state_free(&state);/&\n    if (dfl_trace_close(hooks) != DFL_OK)\n        return 3;/' nodes.c >traced.c
"$DFLC" -w support.dfl
# shellcheck disable=SC2086 # lists of words
${CC:-cc} -std=c11 $SANITIZE -I"$DFLRT" -o support traced.c support.c -L"$DFLRT" -ldflrt -lpthread
./support messages.txt | diff - expected.txt
"$DFLC" graph -w --format svg --trace support.json support.dfl >run.svg
awk -f "$TOP/tests/graph/overlaps.awk" run.svg
shown '>12 runs in support.json, '
shown 'id="support/grade">.*>22 times, '
shown '<g class="label loop taken.* data-edge="support/refine>1">\|<path class="edge loop taken'
[ "$(grep -c 'class="[^"]*idle' run.svg)" = 0 ]

# ---- in a browser ----

. "$TOP/tests/cmd/browser.lib"
opened run.html ''
has '<p>3 runs in run.json, 1 of them failed' '<h3>Critical path of run 1</h3>' 'class="dfl traced"' 'class="node critical failed heat-2" id="desk/read"'
opened run.html 'run=1&step=5&place=desk/read'
has '<h3>Run 1, moment 6</h3>' '<li>3 times, 3.00us, 1.00us each</li><li>2 failed</li>' '6 of 22, +3.00us' \
    'id="desk/start&gt;1"' '<span class="changed" title="4"><button'
{
    cat run.html
    cat <<'END'
<pre id="result"></pre><script>
addEventListener("load", () => {
    const out = [], say = (name, ok) => out.push(name + (ok ? " ok" : " failed"));
    const is = (id, name) => document.getElementById(id).classList.contains(name);
    const press = key => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const moment = () => panel.querySelector(".moment").textContent;
    say("controls", document.querySelectorAll("#runs option").length === 3 && controls.text.textContent === "all of it");
    press(".");
    say("first", moment() === "the run begins" && !svg.classList.contains("traced") && is("desk/start>1", "edge"));
    press(".");
    say("begins", moment() === "read begins" && is("desk/read", "open") && is("desk/read", "now") && is("desk/start>1", "walking"));
    press(".");
    say("fails", moment() === "read fails (a node failed)" && is("desk/read", "broke") &&
        panel.querySelector(".failure").textContent === 'no "luck" <' + "/script>");
    press(".");
    say("note", moment() === "retry of read");
    press(",");
    say("back", moment().startsWith("read fails") && location.hash === "#run=1&step=2");
    const slider = document.getElementById("step");
    slider.value = slider.max;
    slider.dispatchEvent(new Event("input"));
    say("slider", moment() === "the run ends (after 51.0us)" && is("desk/sub>1", "walked") && is("desk/sub>1", "walking") &&
        !is("desk/never", "done") && is("desk/sub/add", "done"));
    say("merged", panel.textContent.includes("2 updates, the last [\"s\"]"));
    document.getElementById("back").click();
    document.getElementById("next").click();
    say("buttons", replay.step === Number(slider.max));
    controls.runs.value = 1;
    controls.runs.dispatchEvent(new Event("change"));
    slider.value = 4;
    slider.dispatchEvent(new Event("input"));
    say("other run", moment() === "fallback ends (after 1.00us)" && [...svg.querySelectorAll(".edge.error.walked")].length === 1);
    document.getElementById("whole").click();
    say("whole", replay.step === null && svg.classList.contains("traced") && is("desk/slow", "heat-5") && !svg.querySelector(".now"));
    controls.heat.value = "count";
    controls.heat.dispatchEvent(new Event("change"));
    say("count", is("desk/read", "heat-5") && is("desk/slow", "heat-3") && location.hash === "#heat=count");
    choose("edge", "desk/read>4");
    say("edge", panel.textContent.includes("not taken"));
    choose("place", "desk/fast");
    say("place", panel.textContent.includes("once, 1.00us"));
    press(" ");
    say("play", replay.timer !== null && controls.play.textContent === "Pause");
    press(" ");
    say("pause", replay.timer === null && controls.play.textContent === "Play");
    document.getElementById("result").textContent = out.join("\n") + "\ndone";
});
</script>
END
} >tried.html
opened tried.html ''
sed -n '/<pre id="result">/,/done/p' dom | sed 's/.*<pre id="result">//' >result
if grep failed$ result || ! grep -q '^done' result; then
    cat result
    exit 1
fi
[ "$(grep -c 'ok$' result)" = 16 ]
