#!/bin/sh
# Time and memory of dflc by size of the graph: both must grow linearly.
# Columns: nodes, seconds of CPU time (user + system, the median of five), microseconds a node,
# peak memory in MiB, bytes of C.
set -u
here=$(cd "$(dirname "$0")" && pwd)
dflc=${DFLC:-$here/../build/dflc}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
printf '%8s %8s %8s %8s %12s\n' nodes seconds us/node MiB 'C bytes'
for n in 10 1000 10000 100000; do
    awk -v n=$n -f "$here/scale_gen.awk" >"$tmp/scale.dfl"
    for round in 1 2 3 4 5; do
        /usr/bin/time -f '%U %S %M' -o "$tmp/time" "$dflc" -w -d "$tmp" "$tmp/scale.dfl" || exit 1
        tail -n 1 "$tmp/time"
    done | awk '{print $1 + $2, $3}' | sort -n | sed -n 3p >"$tmp/median"
    read -r seconds kib <"$tmp/median"
    echo "$n $seconds $kib $(wc -c <"$tmp/scale.c")" |
        awk '{printf "%8d %8.2f %8.1f %8.1f %12d\n", $1, $2, $2 * 1e6 / $1, $3 / 1024, $4}'
done
