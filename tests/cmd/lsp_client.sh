# The client library of VS Code (from npm) talks to dflc lsp, types, asks and renames; what comes of it compiles.
. "$TOP/tests/editors/npm.lib"
cp "$TOP"/tests/lsp/files/* .
DFLC=$DFLC timeout 60 node "$TOP/tests/editors/client.cjs"
"$DFLC" check -w laid.dfl
"$DFLC" fmt --check laid.dfl
grep -q 'out worth : f64;' laid.dfl

# A client that goes away, in whatever it was doing, ends it.
mkfifo pipe
{ "$DFLC" lsp <pipe >out 2>said || echo $? >status; } &
printf 'Content-Length: 100\r\n\r\n{"jsonrpc"' >pipe
wait
[ "$(cat status)" = 2 ]
[ "$(cat said)" = 'dflc: the input ends in a message' ]
