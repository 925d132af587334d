# `make vscode` packages the extension, with the client that it speaks to dflc by.
# no-asan: nothing of dflc is run
. "$TOP/tests/editors/npm.lib"
made=$TOP/build/vscode/dfl.vsix
[ "$made" -nt "$TOP/grammar/vscode/package.json" ] && [ "$made" -nt "$TOP/grammar/vscode/client.js" ] &&
    [ "$made" -nt "$TOP/grammar/vscode/syntaxes/dfl.tmLanguage.json" ] || make -s -C "$TOP" vscode >log 2>&1 || { cat log && exit 1; }
for file in package.json client.js language-configuration.json syntaxes/dfl.tmLanguage.json LICENSE.txt \
    node_modules/vscode-languageclient/package.json node_modules/vscode-jsonrpc/package.json; do
    grep -aqF "extension/$file" "$made" || { echo "the package has no $file" && exit 1; }
done
[ "$(wc -c <"$made")" -gt 100000 ]
