#!/bin/sh
# Run by run.sh, in its directory.
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
rt=${DFLRT:-$top/build}
cd "${OUT:-$top/build/forkjoin}"
${CC:-cc} -O2 -Iauto -I"$rt" "$here/idle.c" auto/cells.c work.o "$rt/libdflrt.a" -lpthread -lm -o idle
./idle
