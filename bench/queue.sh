#!/bin/sh
# What the queue of events costs a run (queue.c).
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../build}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
"$build/dflc" -d "$tmp" "$here/ring.dfl" || exit 1
${CC:-cc} -std=c11 -O2 -I"$build" -I"$tmp" -o "$tmp/queue" "$tmp/ring.c" "$here/ring_nodes.c" \
    "$here/queue.c" "$build/libdflrt.a" -lpthread || exit 1
"$tmp/queue"
