#!/bin/sh
# Checkpoint stores beside each other: see store.c.   bench/store/run.sh [ROUNDS [TEXT]]
# The stores lie in $DIR (build/bench-store: it should be on the disk that is meant). A peer whose
# package is missing is named, and left out; `make bench-deps` installs them.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/bench-store
here=$top/bench/store
mkdir -p "$out"
sources="$here/store.c $here/engine_dflc.c" flags=''
peer() { # NAME HEADER LIBRARY
    if echo "#include <$2>" | ${CC:-cc} -fsyntax-only -x c - 2>/dev/null; then
        sources="$sources $here/engine_$1.c"
        flags="$flags -DHAVE_$(echo "$1" | tr a-z A-Z) $3"
    else
        echo "$1 is missing (make bench-deps)"
    fi
}
peer lmdb lmdb.h -llmdb
peer sqlite sqlite3.h -lsqlite3
peer rocksdb rocksdb/c.h -lrocksdb
# shellcheck disable=SC2086 # lists of words
${CC:-cc} -O2 -std=gnu11 -Wall -Wextra -I"$top/runtime" $sources "$top/build/libdflrt.a" $flags -lpthread \
    -o "$out/store"
dir=${DIR:-$out/stores}
mkdir -p "$dir"
uname -srm
sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | sort | uniq -c
df -T "$dir" 2>/dev/null | tail -n 1
before=$(awk '/^cpu /{print $9, $2+$3+$4+$5+$6+$7+$8+$9}' /proc/stat 2>/dev/null || echo 0 0)
"$out/store" "$dir" "${1:-5}" "${2:-}"
echo "$before $(awk '/^cpu /{print $9, $2+$3+$4+$5+$6+$7+$8+$9}' /proc/stat 2>/dev/null || echo 0 1)" |
    awk '{ printf "taken by the host meanwhile: %.1f %%\n", 100 * ($3 - $1) / ($4 - $2) }'
rm -rf "$dir"
