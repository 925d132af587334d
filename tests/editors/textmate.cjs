// Compares the scopes that the TextMate grammar gives to each file with what `dflc lsp` says its tokens are.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const grammarPath = path.join(process.env.TOP, "grammar/vscode/syntaxes/dfl.tmLanguage.json");
const must = {
    7: /^support\.type/, 8: /^(keyword|storage|constant\.language)/, 9: /^constant\.numeric/,
    10: /^(string|constant\.character)/, 11: /^comment/,
};

function tokensOf(text) {
    const uri = "file:///none/a.dfl";
    const framed = message => {
        const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
        return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
    };
    const input = Buffer.concat([
        framed({ id: 1, method: "initialize", params: { capabilities: {} } }),
        framed({ method: "textDocument/didOpen", params: { textDocument: { uri, version: 1, text } } }),
        framed({ id: 2, method: "textDocument/semanticTokens/full", params: { textDocument: { uri } } }),
    ]);
    const out = spawnSync(process.env.DFLC, ["lsp"], { input, maxBuffer: 1 << 28 }).stdout.toString();
    const answer = out.split(/Content-Length: \d+\r\n\r\n/).filter(Boolean).map(s => JSON.parse(s)).find(m => m.id === 2);
    return answer.result.data;
}

(async () => {
    const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
    await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
    const registry = new textmate.Registry({
        onigLib: Promise.resolve({
            createOnigScanner: patterns => new oniguruma.OnigScanner(patterns),
            createOnigString: s => new oniguruma.OnigString(s),
        }),
        loadGrammar: async scope => scope === "source.dfl" ? textmate.parseRawGrammar(fs.readFileSync(grammarPath, "utf8"), grammarPath) : null,
    });
    const grammar = await registry.loadGrammar("source.dfl");
    let wrong = 0, count = 0;
    for (const file of process.argv.slice(2)) {
        const text = fs.readFileSync(file, "utf8"), lines = text.split("\n");
        let stack = textmate.INITIAL;
        const scopes = lines.map(line => {
            const result = grammar.tokenizeLine(line, stack);
            stack = result.ruleStack;
            return result.tokens;
        });
        const scopeAt = (line, column) => scopes[line].find(t => t.startIndex <= column && column < t.endIndex).scopes.at(-1);
        const data = tokensOf(text);
        for (let i = 0, line = 0, column = 0; i < data.length; i += 5, count++) {
            column = data[i] ? data[i + 1] : column + data[i + 1];
            line += data[i];
            for (const at of [column, column + data[i + 2] - 1]) {
                const scope = scopeAt(line, at), kind = data[i + 3];
                const ok = must[kind] ? must[kind].test(scope) || (kind >= 10 && scope.startsWith("punctuation.definition"))
                    : !/^(string|comment|constant\.numeric)/.test(scope);
                if (!ok && ++wrong < 20)
                    console.log(`${file}:${line + 1}:${at + 1}: ${scope}, and the token is a ${kind}: ${lines[line].slice(column, column + data[i + 2])}`);
            }
        }
    }
    console.log(`tokens: ${count}, wrong: ${wrong}`);
    process.exit(wrong || count < 5000 ? 1 : 0);
})();
