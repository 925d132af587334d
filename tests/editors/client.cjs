// An editor as others write them: the client library of VS Code talks to `dflc lsp` over a real file.
"use strict";
const assert = require("node:assert");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const lsp = require("vscode-languageserver-protocol/node");

const file = path.resolve("desk.dfl"), uri = pathToFileURL(file).href;
let text = fs.readFileSync(file, "utf8"), version = 1;
const server = spawn(process.env.DFLC, ["lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const connection = lsp.createProtocolConnection(new lsp.StreamMessageReader(server.stdout), new lsp.StreamMessageWriter(server.stdin));
const ended = new Promise(resolve => server.on("exit", resolve));
let diagnosed = () => {};
connection.onNotification(lsp.PublishDiagnosticsNotification.type, said => said.uri === uri && diagnosed(said));
connection.listen();

const at = (needle, offset = 0) => {
    const before = text.slice(0, text.indexOf(needle) + offset).split("\n");
    return { line: before.length - 1, character: before.pop().length };
};
const textDocument = { uri };
const ask = (type, needle, offset, more = {}) => connection.sendRequest(type, { textDocument, position: at(needle, offset), ...more });
const next = () => new Promise(resolve => { diagnosed = resolve; });
const offsetOf = position => text.split("\n").slice(0, position.line).reduce((n, line) => n + line.length + 1, 0) + position.character;
const apply = edits => {
    for (const edit of [...edits].sort((a, b) => offsetOf(b.range.start) - offsetOf(a.range.start)))
        text = text.slice(0, offsetOf(edit.range.start)) + edit.newText + text.slice(offsetOf(edit.range.end));
};
const change = async contentChanges => {
    const said = next();
    await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri, version: ++version }, contentChanges });
    return said;
};

(async () => {
    const hello = await connection.sendRequest(lsp.InitializeRequest.type, {
        processId: process.pid, rootUri: pathToFileURL(process.cwd()).href,
        capabilities: { textDocument: { documentSymbol: { hierarchicalDocumentSymbolSupport: true } } },
    });
    assert.strictEqual(hello.capabilities.positionEncoding, "utf-16");
    await connection.sendNotification(lsp.InitializedNotification.type, {});
    let said = next();
    await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "dfl", version, text } });
    assert.deepStrictEqual((await said).diagnostics.filter(d => d.severity === lsp.DiagnosticSeverity.Error), []);

    // Typed without a request behind it: what is wrong is said when nothing more comes.
    const where = at("node classify (in text");
    said = await change([{ range: { start: where, end: where }, text: "/* 𝄞 */ nod e\n    " }]);
    assert.strictEqual(said.version, 2);
    assert.match(said.diagnostics[0].message, /^unknown word 'nod', did you mean 'node'\?/);
    assert.deepStrictEqual(said.diagnostics[0].range, { start: { line: where.line, character: 13 }, end: { line: where.line, character: 16 } });
    said = await change([{ range: { start: where, end: { line: where.line + 1, character: 4 } }, text: "" }]);
    assert.deepStrictEqual(said.diagnostics.filter(d => d.severity === lsp.DiagnosticSeverity.Error), []);

    const function_ = await ask(lsp.DefinitionRequest.type, "look (in q", 1);
    assert.ok(function_.uri.endsWith("/nodes.c"));
    const hover = await ask(lsp.HoverRequest.type, "all: each", 1);
    assert.match(hover.contents.value, /section `all`: \*\*threads, where they pay\*\*/);
    const items = await ask(lsp.CompletionRequest.type, "q.price > 1.5", 2);
    assert.deepStrictEqual(items.map(i => i.label), ["symbol", "price"]);
    const symbols = await connection.sendRequest(lsp.DocumentSymbolRequest.type, { textDocument });
    assert.deepStrictEqual(symbols.map(s => s.name), ["inner", "ask"]);
    const tokens = await connection.sendRequest(lsp.SemanticTokensRequest.type, { textDocument });
    assert.strictEqual(tokens.data.length % 5, 0);
    const references = await ask(lsp.ReferencesRequest.type, "sub runs", 1, { context: { includeDeclaration: true } });
    assert.strictEqual(references.length, 4);

    // What renaming has changed still compiles.
    const edit = await ask(lsp.RenameRequest.type, "price : f64; }", 0, { newName: "worth" });
    assert.deepStrictEqual(Object.keys(edit.changes).map(u => path.basename(u)), ["desk.dfl", "other.dfl"]);
    apply(edit.changes[uri]);
    said = await change([{ text }]);
    assert.deepStrictEqual(said.diagnostics.filter(d => d.severity === lsp.DiagnosticSeverity.Error), []);
    apply(await connection.sendRequest(lsp.DocumentFormattingRequest.type, { textDocument, options: { tabSize: 4, insertSpaces: true } }));
    fs.writeFileSync("laid.dfl", text);

    await connection.sendRequest(lsp.ShutdownRequest.type);
    await connection.sendNotification(lsp.ExitNotification.type);
    assert.strictEqual(await ended, 0);
})().catch(error => { console.error(error); process.exit(1); });
