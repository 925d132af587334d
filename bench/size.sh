#!/bin/sh
# Bytes of the finance sample as a static binary, stripped: with musl-gcc, and with cc.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../build}
sample=$here/../samples/finance
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
"$build/dflc" -d "$tmp" "$sample/finance.dfl" || exit 1
for cc in musl-gcc cc; do
    command -v $cc >/dev/null || { echo "$cc: not here"; continue; }
    library=$build
    [ $cc = cc ] || library=$build/musl
    $cc -static -O2 -I"$library" -I"$tmp" -o "$tmp/finance" "$tmp/finance.c" "$sample/nodes.c" \
        -L"$library" -ldflrt -lpthread -lm && strip "$tmp/finance" || exit 1
    printf '%-9s %8d bytes\n' $cc "$(wc -c <"$tmp/finance")"
done
