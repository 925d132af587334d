#!/bin/sh
# try.sh DIR: compiles the graphs that the oracle has written to DIR, and runs them. What goes wrong stands in
# DIR/log, and in the exit status, so that shrinking a failure does not end at another one:
#
#   3 dflc refuses them or fails   4 the C has a warning or an error   5 a run differs from the oracle
#   6 a run crashes                7 something takes too long
#
# Its environment, from tests/run.sh: DFLC, DFLRT (the directory of the library), TOP, SANITIZE, UNDER; and of
# the way: FLAGS for dflc, CC and CFLAGS for the C, and LATER: only what the graphs save is gone on from, by their
# later version.
# shellcheck disable=SC2086 # lists of words are split on purpose
set -u
dir=$1
# gcc looks for misleading indentation by reading the whole file again and again: here as long as all else takes. It
# does so in the programs of exec/.
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Wno-misleading-indentation'
# To optimize what sanitizers add takes several times as long, and shows nothing of the plain program.
[ -z "$SANITIZE" ] || CFLAGS="$CFLAGS -O0"

stop() { # STATUS WHAT
    echo "$2" >>"$dir/log"
    exit "$1"
}

# DIR: the graphs in it, to the program DIR/graphs.
compile() {
    timeout 120 "$DFLC" -w $FLAGS -d "$1" "$1/graphs.dfl" 2>"$dir/log"
    case $? in
    0) ;;
    124) stop 7 "dflc takes too long" ;;
    *) stop 3 "dflc refuses the graphs" ;;
    esac
    $CC $CFLAGS $SANITIZE $warnings -I"$TOP/runtime" -c "$1/graphs.c" -o "$1/graphs.o" 2>"$dir/log" ||
        stop 4 "the generated C is refused"
    # What is tried is the generated code: the nodes need not be optimized.
    $CC -std=gnu11 -O0 $SANITIZE -Wall -Wextra -Wno-misleading-indentation -I"$TOP/runtime" -I"$TOP/tests/oracle" \
        -I"$1" -c "$1/graphs_nodes.c" -o "$1/nodes.o" 2>"$dir/log" || stop 4 "the nodes are refused"
    $CC $SANITIZE "$1/graphs.o" "$1/nodes.o" "$DFLRT/libdflrt.a" -lpthread -lm -o "$1/graphs" \
        2>"$dir/log" || stop 4 "it cannot be linked"
}

# PROGRAM EXPECTED ...
run() {
    timeout 120 $UNDER "$@" >"$dir/log" 2>&1
    case $? in
    0) ;;
    1) stop 5 "that is not what the oracle says" ;;
    124) stop 7 "the program takes too long" ;;
    *) stop 6 "the program crashes" ;;
    esac
}

compile "$dir"
if [ -z "$LATER" ]; then
    run "$dir/graphs" "$dir/expected.txt"
else
    rm -rf "$dir/stores" && mkdir "$dir/stores"
    compile "$dir/later"
    run "$dir/graphs" "$dir/expected.txt" --save "$dir/stores"
    run "$dir/later/graphs" "$dir/later/expected.txt" --resume "$dir/stores"
fi
