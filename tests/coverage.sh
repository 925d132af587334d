#!/bin/sh
# What the tests have run of compiler and runtime, as `make coverage` has let gcc count it: by file, lines and
# branches. Fails below the bars: 95 % of the lines and 90 % of the branches, of each of the two; all lines of the
# store and the pool but those that say GCOVR_EXCL_LINE, with a reason. A branch of an assertion does not count.
set -eu
cd "$(dirname "$0")/.."
counts=build/coverage/counts.csv
gcovr -r . --filter dflc/ --filter runtime/ --exclude-unreachable-branches \
    --exclude-branches-by-pattern '.*\bassert\(.*' --csv -o $counts build/coverage
awk -F, '
    function share(n, all) { return all ? 100 * n / all : 100 }
    function line(name, i) {
        printf "%-36s %6d lines %6.1f %%  %6d branches %6.1f %%\n", name, lines[i], share(run[i], lines[i]),
            branches[i], share(taken[i], branches[i])
    }
    function count(i) { lines[i] += $2; run[i] += $3; branches[i] += $5; taken[i] += $6 }
    function must(what, value, bar) {
        if (value < bar) { printf "coverage: %s: %.1f %%, below %d %%\n", what, value, bar; failed = 1 }
    }
    NR == 1 { next }
    { count($1); line($1, $1); part = $1; sub("/.*", "", part); count(part) }
    $1 ~ "^runtime/(pool|worker|park|log|log_.*|store.*|thread_table)\\.c$" { must($1 ", lines", share($3, $2), 100) }
    END {
        for (part in run) if (part == "dflc" || part == "runtime") {
            line(part, part)
            must(part ", lines", share(run[part], lines[part]), 95)
            must(part ", branches", share(taken[part], branches[part]), 90)
        }
        exit failed
    }' $counts
