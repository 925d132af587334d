#!/bin/sh
# Time and memory of dflc by size of the graph: both must grow linearly. Before that, what dflc takes as a process for a
# graph of ten nodes: of 5 rounds of 100 the median, the least and the most, beside a process that does nothing.
# Columns: shape of the graph (scale_gen.awk says which), nodes, seconds of CPU time (user + system,
# the median of five), microseconds a node, peak memory in MiB, bytes of C.
set -u
here=$(cd "$(dirname "$0")" && pwd)
dflc=${DFLC:-$here/../build/dflc}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT

measure() { # SHAPE NODES
    awk -v n="$2" -v shape="$1" -f "$here/scale_gen.awk" >"$tmp/scale.dfl"
    for round in 1 2 3 4 5; do
        /usr/bin/time -f '%U %S %M' -o "$tmp/time" "$dflc" -w -d "$tmp" "$tmp/scale.dfl" || exit 1
        tail -n 1 "$tmp/time"
    done | awk '{print $1 + $2, $3}' | sort -n | sed -n 3p >"$tmp/median"
    read -r seconds kib <"$tmp/median"
    echo "$1 $2 $seconds $kib $(wc -c <"$tmp/scale.c")" |
        awk '{printf "%-6s %8d %8.2f %8.1f %8.1f %12d\n", $1, $2, $3, $3 * 1e6 / $2, $4 / 1024, $5}'
}

process() { # COMMAND...: milliseconds of each round of 100
    for round in 1 2 3 4 5; do
        from=$(date +%s%N)
        for once in 1 2 3 4 5 6 7 8 9 10; do
            "$@" && "$@" && "$@" && "$@" && "$@" && "$@" && "$@" && "$@" && "$@" && "$@" || exit 1
        done
        echo $((($(date +%s%N) - from) / 1000))
    done | sort -n | awk '{ us[NR] = $1 / 100 } END { printf "%.2f ms [%.2f-%.2f]", us[3] / 1000, us[1] / 1000, us[5] / 1000 }'
}

awk -v n=10 -v shape=mixed -f "$here/scale_gen.awk" >"$tmp/scale.dfl"
echo "10 nodes, a process: $(process "$dflc" -w -d "$tmp" "$tmp/scale.dfl"); /bin/true: $(process /bin/true)"

printf '%-6s %8s %8s %8s %8s %12s\n' shape nodes seconds us/node MiB 'C bytes'
for shape in chain mixed; do
    for n in 10 1000 10000 100000; do
        measure $shape $n
    done
done
