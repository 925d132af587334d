#!/bin/sh
# One node transition against the same calls by hand (transition.c), with gcc and clang.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../build}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
"$build/dflc" -d "$tmp" "$here/ring.dfl" || exit 1
for cc in gcc clang; do
    command -v $cc >/dev/null || { echo "$cc: not here"; continue; }
    $cc -std=c11 -O2 -I"$build" -I"$tmp" -o "$tmp/transition" "$tmp/ring.c" "$here/ring_nodes.c" \
        "$here/transition.c" "$build/libdflrt.a" -lpthread || exit 1
    echo "$cc -O2:"
    "$tmp/transition" || exit 1
done
