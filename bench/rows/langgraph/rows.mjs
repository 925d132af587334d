// The rows that LangGraph.js can do, in its own idiom: annotated state with reducers, nodes that return updates,
// conditional edges, MemorySaver. Each run ends in the state that the rows of dflc end in.
//
//   node rows.mjs ROUNDS MS       one line a row: name, ns a run (median of the rounds), p99 of single runs
import { Annotation, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";

const last = (initial) => Annotation({ reducer: (_, next) => next, default: () => initial });
const append = () => Annotation({ reducer: (all, more) => all.concat(more), default: () => [] });
const union = () => Annotation({ reducer: (all, more) => ({ ...all, ...more }), default: () => ({}) });

const complex = () => ({
  messages: append(), metadata: union(), counter: last(0), status: last("initialized"), next: last(""),
});
const input = () => ({
  messages: ["Initial message"], metadata: { user: "test_user", session: "test_session" },
});

function check(ok, row) {
  if (!ok) throw new Error(`${row}: another end state`);
}

function expect(row, state, messages, bytes, pairs, pairBytes) {
  const sum = state.messages.reduce((n, text) => n + text.length, 0);
  const entries = Object.entries(state.metadata);
  const pairSum = entries.reduce((n, [key, value]) => n + key.length + value.length, 0);
  check(state.messages.length === messages && sum === bytes, row);
  check(entries.length === pairs && pairSum === pairBytes, row);
}

function chain(graph, names) {
  let before = START;
  for (const name of names) graph.addEdge(before, name), (before = name);
  return graph.addEdge(before, END);
}

const rows = [];

// build: a compiled graph; run: one run of it
function row(name, build, begin, end, config) {
  const graph = build();
  rows.push([name, async () => end(await graph.invoke(begin(), config ? config() : { recursionLimit: 10010 }))]);
}

function nodes(State, n, node) {
  const graph = new StateGraph(Annotation.Root(State));
  const names = [];
  for (let i = 1; i <= n; i++) graph.addNode(`node${i}`, node(i)), names.push(`node${i}`);
  return chain(graph, names);
}

row("3 bare nodes",
  () => nodes({ counter: last(0) }, 3, () => (s) => ({ counter: s.counter + 1 })).compile(),
  () => ({ counter: 0 }), (s) => check(s.counter === 3, "bare"));

row("sequential 3", () => nodes({ counter: last(0), data: last("") }, 3,
  (i) => (s) => ({ counter: s.counter + 1, data: `${s.data}node${i} ` })).compile(),
  () => ({ counter: 0, data: "" }), (s) => check(s.counter === 3 && s.data.length === 18, "sequential 3"));

row("sequential 5", () => nodes(complex(), 5, (i) => (s) => ({
  counter: s.counter + 1, messages: [`Processed by node${i}`], metadata: { [`step${i}`]: "completed" },
})).compile(), input, (s) => expect("sequential 5", s, 6, 105, 7, 102));

row("sequential 10", () => nodes(complex(), 10, (i) => (s) => ({
  counter: s.counter + 1, messages: [`Node ${i - 1} processing`],
  metadata: Object.fromEntries(Array.from({ length: 10 }, (_, j) => [`node${i - 1}_item${j}`, "value"])),
})).compile(), input, (s) => expect("sequential 10", s, 11, 185, 102, 1632));

row("100 nodes", () => nodes(complex(), 100,
  (i) => (s) => ({ counter: s.counter + 1, messages: [`Node ${i - 1}`] })).compile(),
  input, (s) => expect("100 nodes", s, 101, 705, 2, 32));

row("binary route", () => new StateGraph(Annotation.Root(complex()))
  .addNode("check", (s) => ({ counter: s.counter + 1, next: (s.counter + 1) % 2 === 0 ? "even" : "odd" }))
  .addNode("odd", () => ({ messages: ["Odd path"] }))
  .addNode("even", () => ({ messages: ["Even path"] }))
  .addEdge(START, "check").addConditionalEdges("check", (s) => s.next, ["odd", "even"])
  .addEdge("odd", END).addEdge("even", END).compile(),
  input, (s) => expect("binary route", s, 2, 23, 2, 32));

row("4-way route", () => {
  const ways = ["route_a", "route_b", "route_c", "route_d"];
  const graph = new StateGraph(Annotation.Root(complex()))
    .addNode("choose", (s) => ({ next: ways[s.counter % 4] })).addEdge(START, "choose")
    .addConditionalEdges("choose", (s) => s.next, ways);
  for (const way of ways) graph.addNode(way, () => ({ messages: [`Processed by ${way}`] })).addEdge(way, END);
  return graph.compile();
}, () => ({ ...input(), counter: 1 }), (s) => expect("4-way route", s, 2, 35, 2, 32));

function loop(times) {
  return new StateGraph(Annotation.Root(complex()))
    .addNode("step", (s) => ({ counter: s.counter + 1, messages: [`Iteration ${s.counter + 1}`] }))
    .addEdge(START, "step")
    .addConditionalEdges("step", (s) => (s.counter < times ? "step" : END), ["step", END]);
}
row("loop of 5", () => loop(5).compile(), input, (s) => expect("loop of 5", s, 6, 70, 2, 32));
row("100 iterations", () => loop(100).compile(), input, (s) => expect("100 iterations", s, 101, 1207, 2, 32));

function fan(names, node, collect) {
  const graph = new StateGraph(Annotation.Root(complex()));
  graph.addNode("collect", collect);
  names.forEach((name, i) => graph.addNode(name, node(i + 1)).addEdge(START, name));
  return graph.addEdge(names, "collect").addEdge("collect", END);
}
const workers = (n) => Array.from({ length: n }, (_, i) => `worker${i + 1}`);
const count = (s) => ({ counter: s.counter + 1 });
const worker = (i) => () => ({
  messages: [`Worker ${i} processing`], metadata: { [`worker${i}_result`]: "completed" },
});
row("fan-out 3", () => fan(workers(3), worker, count).compile(), input,
  (s) => expect("fan-out 3", s, 4, 72, 5, 101));
row("50 workers", () => {
  const graph = new StateGraph(Annotation.Root(complex()))
    .addNode("first", () => ({ status: "distributing" }))
    .addNode("collect", (s) => ({ status: "collected", counter: Object.keys(s.metadata).length }))
    .addEdge(START, "first");
  const names = Array.from({ length: 50 }, (_, i) => `worker${i}`);
  for (const name of names) graph.addNode(name, () => ({ metadata: { [name]: "done" } })).addEdge("first", name);
  return graph.addEdge(names, "collect").addEdge("collect", END).compile();
}, input, (s) => expect("50 workers", s, 1, 15, 52, 622));
row("fan-out 5 heavy", () => fan(workers(5), (i) => () => ({
  messages: [`Worker ${i} started`, `Worker ${i} completed`],
  metadata: Object.fromEntries(Array.from({ length: 20 }, (_, j) => [`worker${i}_item${j}`, `result_${j}`])),
}), count).compile(), input, (s) => expect("fan-out 5 heavy", s, 11, 185, 102, 2232));

let thread = 0;
const saved = () => ({ configurable: { thread_id: `t${thread++}` }, recursionLimit: 100 });
row("memory checkpoint 3", () => nodes(complex(), 3,
  (i) => (s) => ({ counter: s.counter + 1, messages: [`Node ${i} completed`] }),
).compile({ checkpointer: new MemorySaver() }), input, (s) => expect("memory checkpoint 3", s, 4, 63, 2, 32), saved);
row("memory checkpoint 5", () => nodes(complex(), 5, (i) => (s) => ({
  counter: s.counter + 1, messages: [`Node ${i} completed`],
  metadata: Object.fromEntries(Array.from({ length: 10 }, (_, j) => [`node${i}_item${j}`, "value"])),
})).compile({ checkpointer: new MemorySaver() }), input, (s) => expect("memory checkpoint 5", s, 6, 95, 52, 832), saved);

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const now = () => Number(process.hrtime.bigint());

const [rounds, ms] = [Number(process.argv[2] ?? 11), Number(process.argv[3] ?? 20)];
for (const [name, run] of rows) {
  for (let until = now() + 200e6; now() < until;) await run();
  const began = now();
  await run();
  const n = Math.max(1, Math.round((ms * 1e6) / (now() - began)));
  const medians = [], singles = [];
  for (let r = 0; r < rounds; r++) {
    const from = now();
    for (let i = 0; i < n; i++) {
      const one = now();
      await run();
      singles.push(now() - one);
    }
    medians.push((now() - from) / n);
  }
  singles.sort((a, b) => a - b);
  console.log(`${name}\t${median(medians).toFixed(0)}\t${singles[Math.floor(0.99 * (singles.length - 1))]}`);
}
