/* A page's behaviour: moving about, search, what a click tells, the path of a field's data. */
/* What is chosen stands in the address, so that it can be shared:
 *
 *     #place=support/grade    #edge=support/grade>2    #field=support/score    #find=desk    #theme=dark
 */
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const svg = document.querySelector("svg.dfl");
const stage = document.getElementById("stage");
const panel = document.getElementById("panel");
const findBox = document.getElementById("find");
const hits = document.getElementById("hits");
const size = { w: Number(svg.getAttribute("width")), h: Number(svg.getAttribute("height")) };
const places = new Map(data.places.map(p => [p.id, p]));
const edges = new Map(data.edges.map(e => [e.id, e]));
const chosen = { place: null, edge: null, field: null };

/* ---- elements ---- */

function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
        if (typeof value === "function") made.addEventListener(name, value);
        else made.setAttribute(name, value);
    }
    made.append(...children.filter(c => c !== null && c !== undefined));
    return made;
}

function heading(text) {
    return el("h3", {}, text);
}

function list(items) {
    return el("ul", {}, ...items.map(i => el("li", {}, i)));
}

/* The element of a place or an edge; a subgraph's frame has the name of the node that runs it. */
function shapeOf(id) {
    return document.getElementById(id);
}

function mark(ids, name) {
    for (const old of svg.querySelectorAll("." + name)) old.classList.remove(name);
    for (const id of ids) {
        const shape = shapeOf(id);
        if (shape) shape.classList.add(name);
    }
}

/* ---- moving about ---- */

const view = { x: 0, y: 0, zoom: 1 }; /* the middle of the stage, in the picture */

function showView() {
    const w = stage.clientWidth / view.zoom, h = stage.clientHeight / view.zoom;
    svg.setAttribute("viewBox", [view.x - w / 2, view.y - h / 2, w, h].join(" "));
}

function limited(zoom) {
    return Math.min(6, Math.max(0.02, zoom));
}

/* Around a point of the window, which stays where it is. */
function zoomBy(factor, atX, atY) {
    const box = stage.getBoundingClientRect(), zoom = limited(view.zoom * factor);
    const dx = atX - box.left - box.width / 2, dy = atY - box.top - box.height / 2;
    view.x += dx / view.zoom - dx / zoom;
    view.y += dy / view.zoom - dy / zoom;
    view.zoom = zoom;
    showView();
}

function zoomMiddle(factor) {
    const box = stage.getBoundingClientRect();
    zoomBy(factor, box.left + box.width / 2, box.top + box.height / 2);
}

function moveBy(dx, dy) {
    view.x -= dx / view.zoom;
    view.y -= dy / view.zoom;
    showView();
}

/* All of it; at first only if it can be read then, or else its beginning. */
function fit(legible) {
    const whole = Math.min(stage.clientWidth / size.w, stage.clientHeight / size.h);
    const wide = Math.min(1, stage.clientWidth / size.w);
    view.zoom = limited(Math.min(1.25, legible ? Math.max(whole, Math.min(wide, 0.7), 0.6) : whole));
    view.x = Math.max(size.w / 2, 0);
    view.y = size.h / 2;
    if (legible && whole < view.zoom) {
        const start = startOfFirst();
        view.y = Math.min(size.h / 2, stage.clientHeight / view.zoom / 2);
        if (size.w * view.zoom > stage.clientWidth && start) view.x = start.x + start.width / 2;
    }
    showView();
}

function startOfFirst() {
    const start = data.places.find(p => p.kind === "start"), shape = start && shapeOf(start.id);
    return shape ? shape.getBBox() : null;
}

/* Where it stands in the picture; moves only if it is not seen well. */
function moveTo(id) {
    const shape = shapeOf(id);
    if (!shape) return;
    const box = shape.getBBox(), w = stage.clientWidth / view.zoom, h = stage.clientHeight / view.zoom;
    const seen = box.x > view.x - w / 2 && box.x + box.width < view.x + w / 2 &&
        box.y > view.y - h / 2 && box.y + box.height < view.y + h / 2;
    if (seen && view.zoom >= 0.5) return;
    view.zoom = Math.max(view.zoom, 0.8);
    view.x = box.x + box.width / 2;
    view.y = box.y + Math.min(box.height / 2, stage.clientHeight / view.zoom / 2 - 40);
    showView();
}

const fingers = new Map();
let moved = 0;

function pointerDown(event) {
    if (event.button > 0) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) moved = 0;
}

function pinch(before, after) {
    const span = f => Math.hypot(f[0].x - f[1].x, f[0].y - f[1].y);
    const x = (after[0].x + after[1].x) / 2, y = (after[0].y + after[1].y) / 2;
    moveBy(x - (before[0].x + before[1].x) / 2, y - (before[0].y + before[1].y) / 2);
    if (span(before) > 0) zoomBy(span(after) / span(before), x, y);
}

function pointerMove(event) {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const before = [...fingers.values()].map(f => ({ ...f }));
    moved += Math.abs(event.clientX - finger.x) + Math.abs(event.clientY - finger.y);
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (moved < 5) return;
    stage.classList.add("moving");
    if (stage.setPointerCapture && event.isTrusted) stage.setPointerCapture(event.pointerId);
    if (fingers.size === 2) pinch(before, [...fingers.values()]);
    else if (fingers.size === 1) moveBy(finger.x - before[0].x, finger.y - before[0].y);
}

function pointerUp(event) {
    fingers.delete(event.pointerId);
    stage.classList.remove("moving");
}

/* ---- what was chosen ---- */

/* A place, an edge, or nothing. */
function choose(kind, id) {
    chosen.place = kind === "place" && places.has(id) ? id : null;
    chosen.edge = kind === "edge" && edges.has(id) ? id : null;
    mark([chosen.place, chosen.edge].filter(Boolean), "selected");
    mark(chosen.place ? data.edges.filter(e => e.from === id || e.to === id).map(e => e.id) : [], "near");
    showPanel();
    keepAddress();
}

/* A field, as "support/score", or none; the same once more: none. */
function chooseField(name) {
    const field = fieldNamed(name);
    chosen.field = field && chosen.field !== name ? name : null;
    showCarrying();
    showPanel();
    keepAddress();
}

function click(event) {
    if (moved >= 5) return;
    const shape = event.target.closest("[data-edge], path.edge[id], g[id]");
    const edge = shape && (shape.getAttribute("data-edge") || (shape.matches("path") ? shape.id : null));
    if (edge) choose("edge", edge);
    else choose("place", shape ? shape.id : null);
}

/* ---- the address ---- */

function keepAddress() {
    const parts = new URLSearchParams();
    for (const kind of ["place", "edge", "field"])
        if (chosen[kind]) parts.set(kind, chosen[kind]);
    if (findBox.value) parts.set("find", findBox.value);
    if (document.documentElement.dataset.theme) parts.set("theme", document.documentElement.dataset.theme);
    if (addressAlso) addressAlso(parts);
    history.replaceState(null, "", "#" + parts.toString());
}

function readAddress() {
    const parts = new URLSearchParams(location.hash.slice(1));
    setTheme(parts.get("theme"));
    findBox.value = parts.get("find") || "";
    chosen.field = fieldNamed(parts.get("field")) ? parts.get("field") : null;
    showCarrying();
    showFound();
    if (fromAddress) fromAddress(parts);
    if (parts.has("edge")) choose("edge", parts.get("edge"));
    else choose("place", parts.get("place"));
    if (chosen.place || chosen.edge) moveTo(chosen.place || chosen.edge);
}

function setTheme(theme) {
    const root = document.documentElement, known = theme === "light" || theme === "dark";
    if (known) root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.getElementById("theme").textContent = known ? theme[0].toUpperCase() + theme.slice(1) : "Auto";
}

function nextTheme() {
    const now = document.documentElement.dataset.theme;
    setTheme(now === "light" ? "dark" : now === "dark" ? null : "light");
    keepAddress();
}

/* ---- fields ---- */

function fieldNamed(name) {
    const graph = name && data.graphs.find(g => name.startsWith(g.path) && !name.slice(g.path.length).includes("/"));
    const field = graph && graph.fields.find(f => f.name === name.slice(graph.path.length));
    return field ? { graph: data.graphs.indexOf(graph), field } : null;
}

function has(names, field) {
    return names !== undefined && names.includes(field);
}

/* The edges of a graph's flow, with the ways into branches and out of them:
 * an end is the place before its work ("a"), or behind it ("a+"). */
function waysOf(graph) {
    const inside = id => places.get(id).graph === graph, ways = [];
    for (const e of data.edges)
        if (inside(e.from)) ways.push({ id: e.id, from: e.kind === "normal" ? e.from + "+" : e.from, to: e.to });
    for (const f of data.forks) {
        if (!inside(f.section)) continue;
        ways.push({ id: f.id, from: f.section, to: f.to });
        ways.push({ id: null, from: f.join, to: f.section + "+" });
    }
    return ways;
}

/* Goes on until nothing changes: what is true at one end of a way is true at the other one, too. */
function spread(known, ways, from, to, within) {
    for (let changed = true; changed;) {
        changed = false;
        for (const way of ways)
            if (known.has(way[from]) && !known.has(way[to])) {
                known.add(way[to]);
                changed = true;
            }
        for (const step of within)
            if (known.has(step[from]) && !known.has(step[to])) {
                known.add(step[to]);
                changed = true;
            }
    }
}

/* Where a field holds what somebody has written and somebody is going to read. */
function dataPath(graph, field) {
    const ways = waysOf(graph), here = data.places.filter(p => p.graph === graph), name = field.name;
    const sections = new Set(data.forks.map(f => f.section));
    const steps = here.filter(p => !sections.has(p.id)).map(p => ({ from: p.id, to: p.id + "+", place: p }));
    const read = new Set(), written = new Set();
    for (const p of here) {
        if (has(p.reads, name) || p.all || (p.kind === "end" && field.out)) read.add(p.id);
        if (has(p.late, name)) read.add(p.id + "+");
        if (has(p.writes, name) || has(p.updates, name)) written.add(p.id + "+");
        if (p.kind === "start" && field.starts) written.add(p.id);
    }
    spread(read, ways, "to", "from", steps.filter(s => !has(s.place.writes, name)));
    spread(written, ways, "from", "to", steps);
    return ways.filter(w => w.id && read.has(w.to) && written.has(w.from)).map(w => w.id);
}

/* A field of a graph, and those of the graphs inside of it that it is bound to. */
function boundFields(graph, name) {
    const all = [{ graph, name }];
    for (let i = 0; i < all.length; i++)
        for (const p of data.places) {
            if (p.graph !== all[i].graph || !p.bindings) continue;
            const inner = data.graphs.findIndex(g => g.node === p.id);
            for (const b of p.bindings)
                if (inner >= 0 && b.fields.includes(all[i].name) &&
                    !all.some(f => f.graph === inner && f.name === b.child))
                    all.push({ graph: inner, name: b.child });
        }
    return all;
}

function showCarrying() {
    const lit = [], reads = [], writes = [], field = fieldNamed(chosen.field);
    for (const f of field ? boundFields(field.graph, field.field.name) : []) {
        lit.push(...dataPath(f.graph, data.graphs[f.graph].fields.find(x => x.name === f.name)));
        for (const p of data.places) {
            if (p.graph !== f.graph) continue;
            if (has(p.writes, f.name) || has(p.updates, f.name)) writes.push(p.id);
            else if (has(p.reads, f.name) || has(p.late, f.name) || p.all) reads.push(p.id);
        }
    }
    svg.classList.toggle("carrying", field !== null);
    mark([...lit, ...reads, ...writes], "lit");
    mark(reads, "reads");
    mark(writes, "writes");
    for (const label of svg.querySelectorAll("g.label"))
        label.classList.toggle("lit", lit.includes(label.getAttribute("data-edge")));
}

/* ---- the panel ---- */

function fieldButton(graph, name) {
    const path = data.graphs[graph].path + name;
    return el("button", { class: path === chosen.field ? "chosen" : "", title: "Show where its data goes",
        click: () => chooseField(path) }, name);
}

function placeButton(id) {
    return el("button", { click: () => { choose("place", id); moveTo(id); } }, places.get(id).title);
}

function fieldList(title, graph, names) {
    if (names.length === 0) return [];
    return [heading(title), el("p", {}, ...names.map(n => fieldButton(graph, n)))];
}

/* Of a section, what happens in it counts too. */
function regionsWithin(section) {
    const regions = new Set();
    for (let before = -1; before < regions.size;) {
        before = regions.size;
        for (const f of data.forks)
            if (f.section === section || regions.has(places.get(f.section).region)) regions.add(f.region);
    }
    return regions;
}

function usesOf(place) {
    const regions = place.kind === "section" ? regionsWithin(place.id) : new Set();
    const parts = [place, ...data.places.filter(p => regions.has(p.region))];
    const union = names => [...new Set(parts.flatMap(p => names.flatMap(n => p[n] || [])))];
    return { reads: union(["reads", "late"]), writes: union(["writes", "updates"]), all: parts.some(p => p.all) };
}

function edgeLine(edge, outward) {
    return el("span", {}, placeButton(outward ? edge.to : edge.from), " ",
        el("code", {}, edge.text || ""));
}

function edgeList(title, found, outward) {
    return found.length === 0 ? [] : [heading(title), list(found.map(e => edgeLine(e, outward)))];
}

function placePanel(place) {
    const uses = usesOf(place);
    return [
        el("h2", {}, place.title),
        el("p", { class: "quiet" }, place.kind + " of " + data.graphs[place.graph].path.slice(0, -1)),
        place.signature ? el("pre", { class: "signature" }, place.signature) : null,
        place.function ? el("p", {}, "C function ", el("code", {}, place.function)) : null,
        ...(place.at ? [heading("Source"), el("p", { class: "at" }, place.at), el("pre", { class: "source" }, place.source)] : []),
        ...(place.facts && place.facts.length > 0 ? [heading(place.kind === "section" ? "Decision" : "Cost and attributes"),
            list(place.facts)] : []),
        ...(panelAlso ? panelAlso(place) : []),
        ...(uses.all ? [heading("Reads"), el("p", {}, "the whole state")] : fieldList("Reads", place.graph, uses.reads)),
        ...fieldList("Writes", place.graph, uses.writes),
        ...edgeList("From", data.edges.filter(e => e.to === place.id), false),
        ...edgeList("To", data.edges.filter(e => e.from === place.id && places.get(e.to).kind !== "join"), true),
    ];
}

function edgePanel(edge) {
    const kind = edge.kind === "normal" ? "edge" : "edge on " + edge.kind;
    return [
        el("h2", {}, edge.text || kind),
        el("p", { class: "quiet" }, kind),
        edge.at ? el("p", { class: "at" }, edge.at) : null,
        heading("From"), placeButton(edge.from),
        heading("To"), placeButton(edge.to),
        ...(panelOfEdge ? panelOfEdge(edge) : []),
    ];
}

function fieldRow(graph, field) {
    return el("span", {}, fieldButton(graph, field.name), el("code", {}, field.type), " ",
        el("span", { class: "quiet" }, field.notes.join(", ")));
}

function graphPanel(graph, index) {
    return [el("h2", {}, graph.path.slice(0, -1)), graph.at ? el("p", { class: "quiet" }, graph.at) : null,
        heading("State"), list(graph.fields.map(f => fieldRow(index, f)))];
}

function carryingPanel() {
    const field = fieldNamed(chosen.field);
    if (!field) return [];
    const key = (name, text) => el("span", {}, el("span", { class: "key " + name }), text);
    return [heading("Data of " + field.field.name),
        list([key("writes", "writes it"), key("reads", "reads it"), key("path", "carries it to a reader")]),
        el("button", { click: () => chooseField(chosen.field) }, "Show all again")];
}

function showPanel() {
    const parts = chosen.place ? placePanel(places.get(chosen.place))
        : chosen.edge ? edgePanel(edges.get(chosen.edge)) : data.graphs.flatMap(graphPanel);
    const before = [...carryingPanel(), ...(panelBefore ? panelBefore() : [])];
    panel.replaceChildren(...[...before, ...parts].filter(Boolean));
    panel.scrollTop = 0;
}

/* ---- search ---- */

const MOST_HITS = 60;
let hitNumber = 0;

function matches(text) {
    const wanted = text.toLowerCase(), fits = s => s !== undefined && s.toLowerCase().includes(wanted);
    const found = [];
    for (const p of data.places)
        if (p.kind !== "join" && (fits(p.title) || fits(p.id) || fits(p.function)))
            found.push({ text: p.title, note: p.id, mark: p.id, go: () => { choose("place", p.id); moveTo(p.id); } });
    data.graphs.forEach((g, i) => {
        for (const f of g.fields)
            if (fits(f.name))
                found.push({ text: f.name, note: "field of " + g.path.slice(0, -1), mark: null,
                    go: () => { chosen.field = null; chooseField(g.path + f.name); } });
    });
    for (const e of data.edges)
        if (fits(e.text) && e.text !== "else")
            found.push({ text: e.text, note: "from " + places.get(e.from).title, mark: null,
                go: () => { choose("edge", e.id); moveTo(e.id); } });
    return found;
}

function showFound() {
    const found = findBox.value.trim() ? matches(findBox.value.trim()) : [];
    mark(found.map(f => f.mark).filter(Boolean), "found");
    hitNumber = Math.min(hitNumber, Math.max(0, Math.min(found.length, MOST_HITS) - 1));
    hits.replaceChildren(...found.slice(0, MOST_HITS).map((f, i) => el("li", {}, el("button",
        { class: i === hitNumber ? "chosen" : "", click: () => { f.go(); hits.hidden = true; } },
        f.text, el("span", {}, f.note)))));
    if (findBox.value.trim() && found.length === 0) hits.append(el("li", {}, "nothing found"));
    hits.hidden = !findBox.value.trim() || document.activeElement !== findBox;
    return found;
}

function findKey(event) {
    const found = findBox.value.trim() ? matches(findBox.value.trim()) : [];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        hitNumber = Math.max(0, Math.min(found.length - 1, hitNumber + (event.key === "ArrowDown" ? 1 : -1)));
        showFound();
        event.preventDefault();
    } else if (event.key === "Enter" && found[hitNumber]) {
        found[hitNumber].go();
        hits.hidden = true;
    } else if (event.key === "Escape") {
        findBox.value = "";
        showFound();
        findBox.blur();
        keepAddress();
    }
}

/* ---- keys ---- */

const keys = {
    "/": () => findBox.focus(),
    "+": () => zoomMiddle(1.25), "=": () => zoomMiddle(1.25), "-": () => zoomMiddle(0.8), "0": () => fit(false),
    Escape: () => { chosen.field = null; showCarrying(); choose(null, null); },
    ArrowLeft: () => moveBy(60, 0), ArrowRight: () => moveBy(-60, 0),
    ArrowUp: () => moveBy(0, 60), ArrowDown: () => moveBy(0, -60),
};

function key(event) {
    const ownKeys = event.target.matches("input, select") || (event.target.matches("button") && event.key === " ");
    if (ownKeys || event.ctrlKey || event.metaKey || event.altKey) return;
    const shape = event.target.closest("svg.dfl g[tabindex]");
    if (shape && event.key === "Enter") choose("place", shape.id);
    else if (Object.hasOwn(keys, event.key)) keys[event.key]();
    else return;
    event.preventDefault();
}

/* ---- all of it ---- */

/* Thin lines are hard to hit: under each lies a wide one that is not seen. */
function addTargets() {
    for (const path of svg.querySelectorAll("path.edge[id]")) {
        const wide = path.cloneNode(false);
        for (const name of ["id", "marker-end", "stroke-dashoffset"]) wide.removeAttribute(name);
        wide.setAttribute("class", "hit");
        wide.setAttribute("data-edge", path.id);
        path.before(wide);
    }
    for (const shape of svg.querySelectorAll("g.node, g.choice, g.section, g.graph[id]")) {
        const place = places.get(shape.id);
        if (!place) continue;
        shape.setAttribute("tabindex", "0");
        shape.setAttribute("role", "button");
        shape.setAttribute("aria-label", place.kind + " " + place.title);
    }
}

/* What page_trace.js adds. */
let addressAlso = null, fromAddress = null, panelAlso = null, panelOfEdge = null, panelBefore = null;

function begin() {
    document.getElementById("file").textContent = data.file;
    addTargets();
    stage.addEventListener("pointerdown", pointerDown);
    stage.addEventListener("pointermove", pointerMove);
    stage.addEventListener("pointerup", pointerUp);
    stage.addEventListener("pointercancel", pointerUp);
    stage.addEventListener("click", click);
    stage.addEventListener("wheel", event => {
        event.preventDefault();
        if (event.shiftKey) moveBy(-event.deltaY - event.deltaX, 0);
        else zoomBy(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX, event.clientY);
    }, { passive: false });
    findBox.addEventListener("input", () => { hitNumber = 0; showFound(); keepAddress(); });
    findBox.addEventListener("focus", showFound);
    findBox.addEventListener("blur", () => setTimeout(() => { hits.hidden = !hits.matches(":focus-within"); }, 150));
    findBox.addEventListener("keydown", findKey);
    document.addEventListener("keydown", key);
    document.getElementById("larger").addEventListener("click", () => zoomMiddle(1.25));
    document.getElementById("smaller").addEventListener("click", () => zoomMiddle(0.8));
    document.getElementById("fit").addEventListener("click", () => fit(false));
    document.getElementById("theme").addEventListener("click", nextTheme);
    window.addEventListener("resize", showView);
    window.addEventListener("hashchange", readAddress);
    fit(true);
    readAddress();
}

document.addEventListener("DOMContentLoaded", begin);
