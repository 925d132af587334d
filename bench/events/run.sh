#!/bin/sh
# What events cost: see events.c.   bench/events/run.sh [ROUNDS]
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
dflc=${DFLC:-$top/build/dflc} rt=${DFLRT:-$top/build} out=${OUT:-$top/build/events}
mkdir -p "$out" && cd "$out"
cc=${CC:-cc}
cp "$here/events.dfl" plain.dfl
sed 's/_plain/_silent/' "$here/events.dfl" >silent.dfl
sed 's/_plain/_counted/' "$here/events.dfl" >counted.dfl
"$dflc" -w --no-lines plain.dfl
"$dflc" -w --no-lines -finstrument counted.dfl
"$dflc" -w --no-lines -fno-events silent.dfl
$cc -O2 -g -std=gnu11 -Wall -Wextra -I. -I"$rt" "$here/events.c" plain.c silent.c counted.c "$rt/libdflrt.a" \
    -lpthread -lm -o events
echo "machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $(uname -sr)"
echo "compiler: $($cc --version | head -n 1); rounds: ${1:-51}"
./events "${1:-51}"
if ! command -v valgrind >/dev/null; then
    echo "valgrind is missing: no instructions"
    exit
fi
count() {
    valgrind --tool=callgrind --callgrind-out-file=callgrind.out --collect-atstart=no \
        --toggle-collect=counted ./events once "$1" 2>&1 | sed -n 's/.*Collected : //p'
}
for pair in '0 1 bare' '6 7 5_nodes'; do
    # shellcheck disable=SC2086 # three words
    set -- $pair
    echo "instructions of a run, $3: $(count "$1") with -fno-events, $(count "$2") without hooks"
done
