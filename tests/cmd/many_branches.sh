# no-coverage
# What dflc takes for a section grows with its branches and not with their square, whatever runs them: twice as many
# branches take less than three times as many instructions.
[ -z "$SANITIZE" ] && command -v valgrind >/dev/null || { echo "skipped: counts are of plain code, by callgrind" && exit 0; }

graph_of() { # how many branches
    awk -v n="$1" 'BEGIN {
        print "graph wide {\n    state { out total : i64 merge sum; in x : f64; }\n    limit steps 100000;"
        for (i = 0; i < n; i++) printf "    node n%d (in x, out total) cost 200ns;\n", i
        printf "    start -> ["
        for (i = 0; i < n; i++) printf "%sn%d", i ? ", " : "", i
        print "] -> end;\n}" }'
}

instructions() { # file, then options
    valgrind --tool=callgrind --callgrind-out-file=out "$DFLC" -w "$@" -o wide.c 2>log || { cat log >&2 && exit 1; }
    awk '/^summary:|^totals:/ { n = $2 } END { print n }' out
}

graph_of 500 >few.dfl
graph_of 1000 >many.dfl
for mode in threads auto inline; do
    few=$(instructions "-fsections=$mode" few.dfl)
    many=$(instructions "-fsections=$mode" many.dfl)
    [ "$many" -lt $((3 * few)) ] || { echo "$mode: $few instructions, then $many" && exit 1; }
done
