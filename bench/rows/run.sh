#!/bin/sh
# Every row of DashFlow's guide, and some that it lacks, beside its peers; see bench/README.md.
#   bench/rows/run.sh [ROUNDS [MS]]     31 rounds of 2 ms for each side of each row
# ROW=NAME for one row; COUNT=no without instructions; LANGGRAPH=yes with LangGraph.js (make bench-peers).
# Leaves raw.tsv, counts.tsv, langgraph.tsv, machine.txt, rows.txt, rows.json and rows.svg in build/rows.
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
rounds=${1:-31} ms=${2:-2} row=${ROW:-} out=${OUT:-$top/build/rows} cc=${CC:-cc}
export DFLC="${DFLC:-$top/build/dflc}" DFLRT="${DFLRT:-$top/build}"
mkdir -p "$out" && cd "$out"
make -s -f "$here/Makefile" CC="$cc"

scratch=$(mktemp -d "$out/scratch.XXXXXX") && trap 'rm -rf "$scratch"' EXIT
steal() { awk '$1 == "cpu" { print $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat 2>/dev/null || echo 0 0; }
# One CPU for what is sequential would be better; the parallel rows need them all.
before=$(steal)
./rows measure "$rounds" "$ms" "$scratch" ${row:+"$row"} >raw.tsv
after=$(steal)

: >counts.tsv
if [ "${COUNT:-yes}" = yes ] && command -v valgrind >/dev/null; then
    "$here/count.sh" ./rows "$scratch" ${row:+"$row"} >counts.tsv
fi

: >langgraph.tsv
if [ "${LANGGRAPH:-no}" = yes ]; then
    if [ -d langgraph/node_modules ] && command -v node >/dev/null; then
        cp "$here/langgraph/rows.mjs" langgraph/
        (cd langgraph && node --no-warnings rows.mjs 11 20) >langgraph.tsv
    else
        echo "LangGraph.js: not there (make bench-deps)" >>missing
    fi
fi

{
    echo "machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $(uname -sr)"
    echo "compiler: $($cc --version | head -n 1); $rounds rounds of $ms ms"
    [ ! -s langgraph.tsv ] || echo "node $(node --version), LangGraph.js $(
        sed -n 's/.*"version": "\(.*\)".*/\1/p' langgraph/node_modules/@langchain/langgraph/package.json)"
    [ ! -s missing ] || echo "missing: $(tr '\n' ' ' <missing)"
    echo "$before $after" | awk '{ printf "taken by the host meanwhile: %.1f %%\n", ($4 > $2) ? 100 * ($3 - $1) / ($4 - $2) : 0 }'
    awk -F'\t' '$5 == "byhand" { spread += ($8 - $7) / $6; n++ }
        END { if (n && spread / n > 0.1)
            printf "NOISY: the intervals of the hand-written sides are %.0f %% wide on average\n", 100 * spread / n }' raw.tsv
} >machine.txt

awk -f "$here/report.awk" -v format=text machine.txt counts.tsv langgraph.tsv raw.tsv | tee rows.txt
awk -f "$here/report.awk" -v format=json machine.txt counts.tsv langgraph.tsv raw.tsv >rows.json
awk -f "$here/chart.awk" langgraph.tsv raw.tsv >rows.svg
