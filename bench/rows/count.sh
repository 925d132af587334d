#!/bin/sh
# Instructions of one run of each side of each row, by callgrind: row, side and number, set apart by tabs.
#   count.sh ROWS DIR [ROW]
set -eu
program=$1 dir=$2
shift 2
dumps=$(mktemp -d "$dir/dumps.XXXXXX")
valgrind --tool=callgrind --callgrind-out-file="$dumps/out" "$program" count "$dir" "$@" >"$dumps/log" 2>&1 || {
    cat "$dumps/log" >&2
    exit 1
}
for dump in "$dumps"/out.*; do
    awk '/^desc: Trigger: Client Request: / { name = $0; sub(/^desc: Trigger: Client Request: /, "", name) }
        /^summary: / { n = $2 }
        END { if (name != "") { at = match(name, /\/[^\/]*$/)
            printf "%s\t%s\t%d\n", substr(name, 1, at - 1), substr(name, at + 1), n } }' "$dump"
done
