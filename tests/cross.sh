#!/bin/sh
# Builds compiler and runtime for other processors, and runs what the tests can show of them under qemu:
#
#   tests/cross.sh                      each target whose tools are there (make cross)
#   tests/cross.sh s390x armhf          these
#   tests/cross.sh s390x -- exec/pause_in_a_loop   these cases of tests/run.sh instead of all
#
# A target without its tools is passed over, and it is said what is missing. Exits with 1 if something
# failed, or if there was no target to try.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/cross.lib
. "$top/tests/cross.lib"
all='aarch64 riscv64 armhf i686 s390x'

targets=''
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    targets="$targets $1" && shift
done
[ $# -eq 0 ] || shift

make -s -C "$top" all || exit 1
failed='' tried='' passed_over=''
for target in ${targets:-$all}; do
    missing=$(missing_for "$target") || exit 2
    if [ -n "$missing" ]; then
        echo "cross $target: not tried, missing: $missing"
        passed_over="$passed_over $target"
        continue
    fi
    tried="$tried $target"
    made=$top/build/cross/$target
    compiler='' && ! has_dflc "$target" || compiler=build/cross/$target/dflc
    # SQLite, libpq, MPI, curses and jansson are those of this machine.
    { make -s -j2 -C "$top" B="build/cross/$target" CC="$(compiler_for "$target")" AR="$(archiver_for "$target")" \
        LDFLAGS=-static CPPFLAGS=-Wno-psabi sqlite='' pg='' mpi='' pq='' curses='' jansson='' runtime $compiler &&
        wrap_dflc "$target" "$made"; } || { failed="$failed $target" && continue; }
    "$top/tests/run.sh" --mode "cross-$target" "$@" || failed="$failed $target"
done
echo "cross: tried${tried:- none}${passed_over:+, not tried$passed_over}${failed:+, failed$failed}"
[ -n "$tried" ] && [ -z "$failed" ]
