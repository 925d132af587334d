#!/bin/sh
# Compiles the examples of a Markdown file:
#
#   DFLC=build/dflc DFLRT=build tests/docs.sh FILE.md
#
# A fence of three backticks opens an example; what follows them says what it is:
#
#   dfl             a whole file: `dflc check` must accept it
#   dfl as NAME     the same, and later examples can import it by that name
#   dfl refuse      must be refused; the next fence without a word holds what is said: each message
#                   from "error:" or "note:" on, or, if its first line begins with "example.dfl:",
#                   all that dflc prints
#   dfl warn        the same for what is accepted with warnings (elsewhere warnings are turned off)
#   c check         after an accepted example: compiled behind its header, and its C beside it
#
# Comments of one line before a `dfl` fence add what the example leaves out:
#
#   <!-- file: TEXT -->     stands before it, at top level
#   <!-- graph: TEXT -->    the example is inside of a graph, behind TEXT: example.dfl holds the
#                           line 'FILE-TEXT graph example { GRAPH-TEXT', the example, and a line '}'
#
# Other fences are for docs/every_block.sh. Prints what fails, then a line of counts; exits with 1 if
# something failed, or if the file has no example.
# shellcheck disable=SC2086 # lists of words are split on purpose
set -u
file=$1
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
case ${DFLC=build/dflc} in /*) ;; *) DFLC=$PWD/$DFLC ;; esac
case ${DFLRT=build} in /*) ;; *) DFLRT=$PWD/$DFLRT ;; esac

# Example k becomes $work/k.text, with its line and kind in $work/list.
awk -v dir="$work" '
    function put(line) { print line > (dir "/" k ".text") }
    /^<!-- (file|graph): .* -->$/ && !open {
        text = $0
        sub(/^<!-- [a-z]*: /, "", text)
        sub(/ -->$/, "", text)
        if ($2 == "file:") top = top text " "; else { inner = text; wrapped = 1 }
        next
    }
    /^```/ && !open {
        open = 1
        kind = substr($0, 4)
        k++
        print k, NR, kind == "" ? "plain" : kind > (dir "/list")
        printf "" > (dir "/" k ".text")
        if (kind ~ /^dfl/) {
            if (wrapped) put(top "graph example { " inner); else if (top != "") put(top)
        }
        next
    }
    /^```/ {
        if (kind ~ /^dfl/) {
            if (wrapped) put("}")
            top = inner = ""
            wrapped = 0
        }
        open = 0
        close(dir "/" k ".text")
        next
    }
    open { put($0) }
' "$file" || exit 2

failed=0 n=0
fail() { # LINE WHAT
    echo "$file:$1: $2"
    sed 's/^/    /' "$work/log"
    failed=$((failed + 1))
}

messages() { # of dflc in the log, as the plain example that begins with line 1 of $1 has them
    case $(head -n 1 "$1") in
    example.dfl:*) cat "$work/log" ;;
    *) sed -nE 's/^[^ ][^ ]*: ((error|warning|note): .*)$/\1/p' "$work/log" ;;
    esac
}

check() { # STATUS FLAGS: the example in place as example.dfl
    (cd "$work" && "$DFLC" check $2 example.dfl) >"$work/log" 2>&1
    [ $? = "$1" ] || fail "$line" "dflc does not exit with $1"
}

strict='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
compile() { # the C of the last example, and this one behind its header
    { echo '#include "example.h"' && cat "$work/$k.text"; } >"$work/block.c"
    (cd "$work" && "$DFLC" -w example.dfl && for source in example block; do
        ${CC:-cc} $strict -I"$DFLRT" -c $source.c -o $source.o || exit 1
    done) >"$work/log" 2>&1 || fail "$line" "the C does not compile"
}

expected='' # the line of an example whose messages come next
while read -r k line kind; do
    case $kind in
    dfl | 'dfl '*)
        n=$((n + 1))
        [ -z "$expected" ] || fail "$expected" "no fence with the messages follows"
        expected=''
        cp "$work/$k.text" "$work/example.dfl" ;;
    esac
    case $kind in
    dfl | 'dfl as '*)
        check 0 -w
        [ "$kind" = dfl ] || cp "$work/example.dfl" "$work/${kind#dfl as }" ;;
    'dfl refuse') check 1 -w && expected=$line ;;
    'dfl warn') check 0 '' && expected=$line ;;
    'c check') n=$((n + 1)) && compile ;;
    plain)
        [ -n "$expected" ] || continue
        messages "$work/$k.text" >"$work/said"
        diff -u "$work/$k.text" "$work/said" >"$work/log" || fail "$line" "dflc says something else"
        expected='' ;;
    dfl*) : >"$work/log" && fail "$line" "there is no kind '$kind'" ;;
    esac
done <"$work/list"
[ -z "$expected" ] || fail "$expected" "no fence with the messages follows"

echo "$file: $n examples, $failed failed"
[ "$n" -gt 0 ] && [ "$failed" = 0 ]
