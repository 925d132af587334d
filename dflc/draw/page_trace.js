/* What a trace adds to a page: the replay of a run, heat by time or by count, the critical path. */
/* What is shown stands in the address too:  #run=3&step=12   #heat=count */

const told = data.trace;
const replay = { run: Math.max(0, told.runs.findIndex(r => r.critical)), step: null, timer: null };
const HEATS = [["time", "heat: time"], ["count", "heat: count"], ["off", "no heat"]].filter(([v]) => v !== "time" || !isHistory());
replay.heat = HEATS[0][0];
const LAID = ["idle", "taken", "unsure", "critical", "failed", "heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5"];
const WHERE = told.runs[0].thread === undefined ? "In the trace" : "In the history";
const laid = new Map(); /* element: the classes of LAID that it came with */

function timeText(ns) {
    if (ns < 1000) return ns + "ns";
    for (const [unit, name] of [[864e11, "d"], [36e11, "h"], [6e10, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "us"]])
        if (ns >= unit) return (ns / unit).toPrecision(3) + name;
}

function timesText(n) {
    return n === 1 ? "once" : n + " times";
}

/* Of a store's history: nothing has a time of its own, and checkpoints hold whole values. */
function isHistory() {
    return told.runs[replay.run].thread !== undefined;
}

function moments() {
    return told.runs[replay.run].moments;
}

/* ---- heat ---- */

const HEAT = [0.04, 0.15, 0.4, 0.75]; /* as overlay_heat has it */

function showHeat() {
    const leaves = data.places.filter(p => told.ran[p.id] && p.function);
    const by = id => replay.heat === "count" ? told.ran[id].n : told.ran[id].ns;
    const most = Math.max(1, ...leaves.map(p => by(p.id)));
    for (const p of leaves) {
        const shape = shapeOf(p.id), hot = 1 + HEAT.filter(limit => by(p.id) / most >= limit).length;
        for (let i = 0; i <= 5; i++) shape.classList.remove("heat-" + i);
        if (replay.heat !== "off" && replay.step === null && by(p.id) > 0) shape.classList.add("heat-" + hot);
    }
}

/* ---- the sums of all runs ---- */

function keepLaid() {
    for (const shape of svg.querySelectorAll(LAID.map(c => "." + c).join(", ")))
        laid.set(shape, LAID.filter(c => shape.classList.contains(c)));
}

function showLaid(shown) {
    svg.classList.toggle("traced", shown);
    for (const [shape, classes] of laid)
        for (const name of classes)
            if (!name.startsWith("heat")) shape.classList.toggle(name, shown);
    showHeat();
}

/* ---- a moment of one run ---- */

/* What has happened up to a moment: places under way with how often, those done or failed last, edges. */
function stateAt(step) {
    const s = { open: new Map(), done: new Set(), failed: new Set(), edges: new Set(), values: new Map() };
    for (const m of moments().slice(0, step + 1)) {
        for (const e of m.edges || []) {
            s.edges.add(e);
            for (const end of edges.has(e) ? [edges.get(e).from, edges.get(e).to] : [])
                if (["start", "choice", "end"].includes(places.get(end).kind)) s.done.add(end);
        }
        for (const [field, value] of m.wrote || []) keepValue(s.values, graphOf(m), field, value);
        if (!m.place || m.branch || m.kind === "note") continue;
        const open = (s.open.get(m.place) || 0) + (m.kind === "begin" ? 1 : -1);
        s.open.set(m.place, open);
        if (m.kind === "end") {
            s.done.add(m.place);
            s.failed[m.status && m.error ? "add" : "delete"](m.place);
        }
    }
    return s;
}

function graphOf(m) {
    return m.place ? places.get(m.place).graph : data.graphs.findIndex(g => g.path === told.runs[replay.run].graph + "/");
}

function mergesIn(graph, name) {
    const field = data.graphs[graph].fields.find(f => f.name === name);
    return !isHistory() && field !== undefined && field.notes.some(n => n.startsWith("merge ") && n !== "merge last");
}

/* Of a field that merges, a node wrote an update. */
function keepValue(values, graph, name, value) {
    const merges = mergesIn(graph, name), key = data.graphs[graph].path + name;
    const before = merges && values.get(key) ? values.get(key).updates : [];
    values.set(key, { graph, name, merges, updates: [...before, value] });
}

function showStep() {
    const replaying = replay.step !== null;
    svg.classList.toggle("replaying", replaying);
    showLaid(!replaying);
    const s = replaying ? stateAt(replay.step) : null, now = replaying ? moments()[replay.step] : null;
    mark(s ? [...s.done] : [], "done");
    mark(s ? [...s.failed] : [], "broke");
    mark(s ? [...s.open].filter(([, n]) => n > 0).map(([id]) => id) : [], "open");
    mark(now && now.place ? [now.place] : [], "now");
    mark(s ? [...s.edges] : [], "walked");
    mark(now ? now.edges || [] : [], "walking");
    for (const label of svg.querySelectorAll("g.label"))
        label.classList.toggle("walked", s !== null && s.edges.has(label.getAttribute("data-edge")));
    showControls();
    showPanel();
    if (now && now.place) moveTo(now.place);
}

function goTo(step) {
    replay.step = step === null ? null : Math.min(moments().length - 1, Math.max(0, step));
    showStep();
    keepAddress();
}

function stepBy(n) {
    goTo(replay.step === null ? (n > 0 ? 0 : moments().length - 1) : replay.step + n);
}

function play() {
    if (replay.timer) {
        clearInterval(replay.timer);
        replay.timer = null;
    } else {
        if (replay.step === moments().length - 1) replay.step = null;
        replay.timer = setInterval(() => {
            stepBy(1);
            if (replay.step === moments().length - 1) play();
        }, 400);
    }
    showControls();
}

/* ---- controls ---- */

const controls = {};

function runText(r) {
    if (r.thread !== undefined) return "thread " + r.thread;
    return "run " + r.run + " of " + r.graph + ", " + timeText(r.ns) + (r.status === "success" ? "" : ", " + r.status);
}

function addControls() {
    controls.runs = el("select", { id: "runs", title: "Which run is replayed",
        change: () => { replay.run = Number(controls.runs.value); goTo(0); } },
        ...told.runs.map((r, i) => el("option", { value: i }, runText(r))));
    controls.slider = el("input", { id: "step", type: "range", min: 0, title: "Moments of the run ( , and . )",
        input: () => goTo(Number(controls.slider.value)) });
    controls.play = el("button", { id: "play", title: "Replay it (space)", click: play });
    controls.text = el("output", { id: "moment" });
    controls.heat = el("select", { id: "heat", title: "What the colour of a node is",
        change: () => { replay.heat = controls.heat.value; showHeat(); keepAddress(); } },
        ...HEATS.map(([v, t]) => el("option", { value: v }, t)));
    document.body.append(el("footer", { id: "replay" }, controls.runs, controls.play,
        el("button", { id: "back", title: "One back ( , )", click: () => stepBy(-1) }, "\u2039"),
        controls.slider,
        el("button", { id: "next", title: "One on ( . )", click: () => stepBy(1) }, "\u203a"),
        el("button", { id: "whole", title: "The sums, not one moment", click: () => goTo(null) }, "All of it"),
        controls.text, controls.heat));
    document.body.classList.add("replays");
}

function showControls() {
    controls.runs.value = replay.run;
    controls.heat.value = replay.heat;
    controls.slider.max = Math.max(0, moments().length - 1);
    controls.slider.value = replay.step === null ? 0 : replay.step;
    controls.play.textContent = replay.timer ? "Pause" : "Play";
    controls.text.textContent = replay.step === null ? "all of it" : (replay.step + 1) + " of " + moments().length +
        ", +" + timeText(Math.max(0, moments()[replay.step].t));
}

/* ---- the panel ---- */

function momentText(m) {
    const what = m.place ? places.get(m.place).title : "the run", parts = [];
    if (m.kind === "note") return m.place ? what + ": " + m.note : m.note;
    if (m.element !== undefined) parts.push("element " + m.element);
    if (m.attempt !== undefined) parts.push("attempt " + m.attempt);
    if (m.kind === "end") parts.push(...(m.status ? [m.status] : isHistory() ? [] : ["after " + timeText(m.ns)]));
    return (m.branch ? "a branch of " : "") + what + (m.kind === "begin" ? " begins" : m.status && m.error ? " fails" : " ends") +
        (parts.length > 0 ? " (" + parts.join(", ") + ")" : "");
}

function valueRow(v, changed) {
    const last = v.updates[v.updates.length - 1];
    const text = v.merges ? v.updates.length + (v.updates.length === 1 ? " update, " : " updates, the last ") + last : last;
    return el("span", { class: changed ? "changed" : "", title: text }, fieldButton(v.graph, v.name),
        el("code", {}, text.length > 160 ? text.slice(0, 160) + "\u2026" : text));
}

function replayPanel() {
    const m = moments()[replay.step], run = told.runs[replay.run], last = replay.step === moments().length - 1;
    const changed = new Set((m.wrote || []).map(([field]) => data.graphs[graphOf(m)].path + field));
    const values = [...stateAt(replay.step).values];
    return [heading((isHistory() ? "Thread " + run.thread : "Run " + run.run) + ", moment " + (replay.step + 1)), el("p", { class: "moment" }, momentText(m)),
        m.error ? el("p", { class: "failure" }, m.error) : null,
        last && run.left > 0 ? el("p", { class: "quiet" }, run.left + " more moments are not in this page") : null,
        ...(values.length > 0 ? [heading("State so far"),
            list(values.map(([key, v]) => valueRow(v, changed.has(key))))] : [])];
}

/* The nodes that the longest run waited for, one after another; attempts are one, and so are elements. */
function criticalPanel() {
    const run = told.runs.find(r => r.critical), steps = [];
    for (const m of run ? run.moments : []) {
        if (m.kind !== "end" || !m.critical || !m.place || !places.get(m.place).function) continue;
        const each = m.element !== undefined, since = steps.findLastIndex(s => s.each !== each || !each && s.place !== m.place);
        const before = steps.slice(since + 1).find(s => s.place === m.place);
        if (before) Object.assign(before, { n: before.n + 1, ns: before.ns + m.ns });
        else steps.push({ place: m.place, n: 1, ns: m.ns, each });
    }
    if (steps.length === 0) return [];
    return [heading("Critical path of run " + run.run), list(steps.slice(0, 200).map(s => el("span", {},
        placeButton(s.place), " " + timeText(s.ns) + (s.n > 1 ? ", " + timesText(s.n) : ""))))];
}

function tracePanel() {
    if (replay.step !== null) return replayPanel();
    return chosen.place || chosen.edge ? [] : [heading(isHistory() ? "History" : "Trace"), el("p", {}, told.text), ...criticalPanel()];
}

function ranPanel(place) {
    const ran = told.ran[place.id], lines = [];
    if (place.kind === "start" || place.kind === "end" || place.kind === "join" || place.kind === "choice") return [];
    if (!ran) return [heading(WHERE), el("p", {}, "did not run")];
    if (ran.next) lines.push("is next");
    if (ran.n === 0 && !ran.next && ran.open === 0) lines.push("no checkpoint tells of it");
    if (ran.n > 0 && isHistory()) lines.push(timesText(ran.n));
    else if (ran.n > 0) lines.push(timesText(ran.n) + ", " + timeText(ran.ns) + (ran.n > 1 ? ", " + timeText(Math.round(ran.ns / ran.n)) + " each" : ""));
    if (ran.failed > 0) lines.push(ran.failed + " failed");
    if (ran.open > 0) lines.push(ran.open + " without an end");
    if (ran.criticalNs > 0) lines.push(timeText(ran.criticalNs) + " on the critical path");
    return [heading(WHERE), list(lines)];
}

function takenPanel(edge) {
    const taken = told.taken[edge.id];
    return [heading(WHERE), el("p", {}, taken ? "taken " + (taken.unsure ? "at most " : "") + timesText(taken.n) : "not taken")];
}

/* ---- all of it ---- */

addressAlso = parts => {
    if (replay.step !== null) {
        parts.set("run", told.runs[replay.run].run);
        parts.set("step", replay.step);
    }
    if (replay.heat !== HEATS[0][0]) parts.set("heat", replay.heat);
};

fromAddress = parts => {
    const run = told.runs.findIndex(r => String(r.run) === parts.get("run"));
    if (run >= 0) replay.run = run;
    if (HEATS.some(([v]) => v === parts.get("heat"))) replay.heat = parts.get("heat");
    replay.step = /^\d+$/.test(parts.get("step") || "") ? Math.min(Number(parts.get("step")), moments().length - 1) : null;
    showStep();
};

panelAlso = ranPanel;
panelOfEdge = takenPanel;
panelBefore = tracePanel;
Object.assign(keys, { ".": () => stepBy(1), ",": () => stepBy(-1), " ": play });
keepLaid();
addControls();
