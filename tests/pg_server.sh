#!/bin/sh
# A PostgreSQL server of a test's own, on a unix socket in a directory of its own. It ends with the test:
#   tests/pg_server.sh found            is one installed?
#   tests/pg_server.sh start [OPTION]...  starts it, for as long as the process lives that called this; says its
#                                       directory, which is the `host` of a conninfo (user and database: dflc)
#   tests/pg_server.sh restart DIR      at once, as after a crash
#   tests/pg_server.sh sql DIR STATEMENTS
#   tests/pg_server.sh stop DIR
# Options go to postgres; without any, fsync is off.
set -u

# The newest of what Debian, Fedora and others install.
bin=''
for dir in /usr/bin /usr/local/bin /opt/homebrew/bin /usr/libexec/postgresql* /usr/lib/postgresql/*/bin \
    "$(pg_config --bindir 2>/dev/null)"; do
    [ ! -x "$dir/initdb" ] || bin=$dir
done
[ "${1:-}" != found ] || { [ -n "$bin" ] && exit 0 || exit 1; }

# The server refuses to run as root.
as_user() {
    if [ "$(id -u)" = 0 ] && ! setpriv --reuid=nobody true 2>/dev/null; then
        su -s /bin/sh -c 'exec "$0" "$@"' -- nobody "$@"
    elif [ "$(id -u)" = 0 ]; then
        setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups "$@"
    else
        "$@"
    fi
}

# It may be starting; a directory that its user made is its user's.
run() { # DIR
    # shellcheck disable=SC2046 # one option a line
    (cd "$1" && as_user setsid "$bin/postgres" -D "$1/data" -k "$1" $(cat "$1/options") &) >"$1/log" 2>&1 </dev/null
    for _ in $(seq 600); do
        as_user "$bin/pg_isready" -q -h "$1" -U dflc -d postgres && return 0
        sleep 0.05
    done
    cat "$1/log" >&2
    return 1
}

stop() { # DIR MODE
    as_user "$bin/pg_ctl" -s -D "$1/data" -m "$2" -w stop >/dev/null 2>&1
}

start() {
    dir=$(as_user mktemp -d /tmp/dflc-pg-XXXXXX) || exit 1
    as_user "$bin/initdb" -D "$dir/data" -U dflc -A trust -E UTF8 --no-locale --no-sync --no-instructions \
        >/dev/null || exit 1
    [ $# -gt 0 ] || set -- -c fsync=off
    echo "-c listen_addresses= -c max_connections=60 -c shared_buffers=64MB $*" |
        as_user tee "$dir/options" >/dev/null
    run "$dir" || exit 1
    as_user "$bin/createdb" -h "$dir" -U dflc dflc || exit 1
    # In a session of its own: what ends a test for being late ends all of the test's.
    (PG_SERVER_FOR=$parent setsid "$0" watch "$dir" &) >/dev/null 2>&1 </dev/null
    echo "$dir"
}

watch() { # DIR: until whoever started it has gone
    while kill -0 "$parent" 2>/dev/null && [ -d "$1" ]; do
        sleep 0.5
    done
    [ ! -d "$1" ] || { stop "$1" immediate; rm -rf "$1"; }
}

parent=${PG_SERVER_FOR:-$PPID}
case ${1:-} in
start) shift && start "$@" ;;
restart) stop "$2" immediate; run "$2" ;;
sql) "$bin/psql" -qX -v ON_ERROR_STOP=1 -h "$2" -U dflc -d dflc -c "$3" ;;
stop) stop "$2" immediate; rm -rf "$2" ;;
watch) watch "$2" ;; # of start's own
*) sed -n '2,9s/^# *//p' "$0" >&2 && exit 2 ;;
esac
