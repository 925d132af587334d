#!/bin/sh
# Fork and join beside its peers: every cell by every runtime in turn, each in a process of its own, in
# rounds. ROUNDS (5), and QUICK=1 for one round. Peers that are not there are named and left out.
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
dflc=${DFLC:-$top/build/dflc} rt=${DFLRT:-$top/build} out=${OUT:-$top/build/forkjoin}
rounds=${ROUNDS:-5}
[ -z "${QUICK:-}" ] || rounds=1
mkdir -p "$out" && cd "$out"
cc=${CC:-cc} flags='-O2 -g'

awk -f "$here/graphs.awk" -v out=dfl >cells.dfl
awk -f "$here/graphs.awk" -v out=table >cells.inc
$cc $flags -c "$here/work.c" -o work.o
for mode in auto inline threads; do
    mkdir -p $mode && "$dflc" -w -fsections=$mode -d $mode cells.dfl
    $cc $flags -I$mode -I. -I"$rt" "$here/dflc.c" $mode/cells.c work.o "$rt/libdflrt.a" -lpthread -lm \
        -o dflc-$mode
done
$cc $flags "$here/byhand.c" work.o -o byhand
runtimes='byhand dflc-inline dflc-threads dflc'
if $cc $flags -fopenmp "$here/byhand.c" work.o -o omp 2>/dev/null; then
    runtimes="$runtimes omp-active omp-passive"
else
    echo "OpenMP: not there"
fi
if ${CXX:-g++} $flags -std=c++17 "$here/tbb.cc" work.o -ltbb -o tbb 2>/dev/null; then
    runtimes="$runtimes tbb"
else
    echo "oneTBB: not there (make bench-deps)"
fi
echo "Taskflow: not in the package lists"

# Cells that the compiler has made inline: there `dflc` and `dflc-inline` are the same code.
sed 's/CELL(\(.*\), \(.*\), \(.*\), \(.*\))/\1 \2 \3 \4/' cells.inc | while read -r name n cost gap; do
    grep -q "${name}__s1_gain" auto/cells.c || echo "inline $n $cost $gap"
done >inline.cells

one() { # RUNTIME CELL
    runtime=$1
    shift
    case $runtime in
    dflc) ./dflc-auto "$runtime" "$per" "$@" ;;
    omp-active) OMP_WAIT_POLICY=active OMP_PROC_BIND=true GOMP_SPINCOUNT=infinite ./omp "$runtime" "$per" "$@" ;;
    omp-passive) OMP_WAIT_POLICY=passive ./omp "$runtime" "$per" "$@" ;;
    *) ./"$runtime" "$runtime" "$per" "$@" ;;
    esac
}

per=$(./byhand calibrate)
steal() { awk '$1 == "cpu" { print $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }
before=$(steal)
: >raw
for round in $(seq "$rounds"); do
    # shellcheck disable=SC2013
    sed 's/CELL(.*, \(.*\), \(.*\), \(.*\))/\1 \2 \3/' cells.inc | while read -r n cost gap; do
        for runtime in $runtimes; do
            one "$runtime" "$n" "$cost" "$gap" >>raw
        done
    done
done
after=$(steal)
{
    echo "machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $(uname -sr)"
    echo "compiler: $($cc --version | head -n 1); rounds: $rounds; 1000 rounds of work: $per ns"
    echo "$before $after" | awk '{ printf "taken by the host: %.2f %%\n", 100 * ($3 - $1) / ($4 - $2 + 0.01) }'
    awk -f "$here/table.awk" inline.cells raw
} | tee table.txt
awk -f "$here/plot.awk" inline.cells raw >forkjoin.svg
"$here/idle.sh" | tee -a table.txt
