# The TextMate grammar sees every sample and every program under tests/exec as dflc does; what the extension names is
# there. `make vscode` packages it.
# no-asan: it is the grammar that is looked at
. "$TOP/tests/editors/npm.lib"
node "$TOP/tests/editors/textmate.cjs" $(find "$TOP/samples" "$TOP/tests/exec" "$TOP/tests/lsp/files" -name '*.dfl' | sort)

cd "$TOP/grammar/vscode"
node --check client.js
node -e '
    const manifest = require("./package.json"), fs = require("fs");
    const named = [manifest.main, ...manifest.contributes.languages.map(l => l.configuration), ...manifest.contributes.grammars.map(g => g.path)];
    for (const file of named) {
        const text = fs.readFileSync(file, "utf8");
        if (file.endsWith("json")) JSON.parse(text);
    }
    if (manifest.version !== process.argv[1]) throw new Error("its version is not that of dflc");
' "$("$DFLC" --version | sed 's/dflc //')"
