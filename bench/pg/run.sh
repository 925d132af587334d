#!/bin/sh
# The work queue in PostgreSQL beside loops by hand: see queue.c.   bench/pg/run.sh [ROUNDS [RUNS [THREADS [MOST]]]]
# The server is one of its own, with fsync on, in /tmp: that should be a disk.
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
dflc=${DFLC:-$top/build/dflc} rt=${DFLRT:-$top/build} out=${OUT:-$top/build/bench-pg}
if [ ! -e "$rt/libdflrt-pg.a" ] || ! "$top/tests/pg_server.sh" found; then
    echo "there is no libpq, or no PostgreSQL server (make bench-deps)"
    exit
fi
mkdir -p "$out" && cd "$out"
cp "$here/queue.dfl" queue.dfl
"$dflc" -w --no-lines queue.dfl
# shellcheck disable=SC2046 # lists of words
${CC:-cc} -O2 -g -std=gnu11 -Wall -Wextra -I. -I"$rt" $(pkg-config --cflags libpq) "$here/queue.c" ./queue.c \
    "$rt/libdflrt-pg.a" "$rt/libdflrt.a" $(pkg-config --libs libpq) -lpthread -o queue
echo "machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $(uname -sr)"
export PG_SERVER_FOR=$$
dir=$("$top/tests/pg_server.sh" start -c fsync=on -c max_wal_size=8GB -c shared_buffers=2GB)
trap '"$top/tests/pg_server.sh" stop "$dir"' EXIT
echo "server: $(psql -h "$dir" -U dflc -At -c 'SELECT version()' dflc | cut -d' ' -f1,2), fsync on, $(df -T "$dir" | awk 'END { print $2 }')"
./queue "host=$dir user=dflc dbname=dflc" "${1:-5}" "${2:-100000}" "${3:-2}" "${4:-1000000}"
