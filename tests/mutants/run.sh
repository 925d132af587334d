#!/bin/sh
# Plants faults, one at a time, in a copy of the sources, and runs the quick tests that should find each:
#
#   tests/mutants/run.sh             all of them; renews results.txt
#   tests/mutants/run.sh NAME...     these
#
# A fault that survives the cases of its own is shown to whole suites; not with ONLY_NAMED=1. *.mutants has the faults (tests/README.md).
# shellcheck disable=SC2046,SC2086 # lists of words are split on purpose
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
copy=$top/build/mutants
sound=$top/build/mutants.sound
more='unit reject warn exec explain emit torture oracle/inline oracle/threads'

# The time of a file stays, so that make does only what is new. What a mutant is made from, and put back to, is a copy as
# well: the checkout may go on meanwhile.
copy_to() {
    mkdir -p "$1" && (cd "$top" && git ls-files -z | xargs -0 tar cf - 2>/dev/null) | (cd "$1" && tar xpf -)
}
copy_to "$copy" && rm -rf "$sound" && copy_to "$sound" || exit 2
# What a run that was broken off has left planted is older than what was made of it.
! [ -f "$copy/planted" ] || touch "$copy/$(cat "$copy/planted")"

entry() { # NAME WORD: what the mutant says behind it
    cat "$sound"/tests/mutants/*.mutants | awk -v want="$1" -v word="$2" '
        $1 == "mutant" { mine = $2 == want }
        mine && $1 == word { sub(/^[a-z]+ /, ""); print }'
}

build() {
    make -s -C "$copy" -j2 MUSL_CC= CFLAGS='-O1 -g' build/dflc runtime >"$copy/log" 2>&1
}

cases_of() { # SUITE or SUITE/NAME: its main files' names
    case $1 in
    */*) echo "$1" ;;
    *) for file in "$sound/tests/$1"/*; do
        case $file in *.dfl | */t_*.c | "$sound"/tests/torture/*.c) file=${file##*/} && echo "$1/${file%.*}" ;; esac
    done ;;
    esac
}

passes() { # CASE
    CASE_SECONDS=${CASE_SECONDS:-60} "$copy/tests/run.sh" --mode once "$1" >"$copy/log" 2>&1
}

# Prints the first case that fails, and did not without the mutant; and how.
killer() { # CASES...
    for word in "$@"; do
        for case in $(cases_of "$word"); do
            grep -qx "$case" "$copy/broken" || passes "$case" ||
                { echo "$case: $(sed -n 's/^FAIL [^:]*: //p' "$copy/log" | head -n 1)" && return 0; }
        done
    done
    return 1
}

# What fails without any mutant kills none.
note_broken() { # CASES...
    for word in "$@"; do
        for case in $(cases_of "$word"); do
            passes "$case" || { echo "broken   $case" >&2 && echo "$case" >>"$copy/broken"; }
        done
    done
}

try() { # NAME: prints its line of the results
    file=$(entry "$1" file)
    cat "$sound"/tests/mutants/*.mutants >"$copy/list"
    if ! awk -v want="$1" -f "$here/plant.awk" "$copy/list" "$sound/$file" >"$copy/changed"; then
        echo "misfit   $1: its old lines are not once in $file" && return 1
    fi
    echo "$file" >"$copy/planted"
    cp "$copy/changed" "$copy/$file"
    if ! build; then
        echo "misfit   $1: it does not compile"
        status=1
    elif by=$(killer $(entry "$1" kill)); then
        echo "killed   $1 by $by"
        status=0
    elif [ -z "${ONLY_NAMED:-}" ] && by=$(killer $more); then
        echo "killed   $1, not by its own, by $by"
        status=0
    else
        echo "SURVIVED $1 ($file): $(entry "$1" breaks)"
        status=1
    fi
    cp "$sound/$file" "$copy/$file" && rm "$copy/planted"
    return $status
}

build || { echo "the sources do not build: $copy/log" >&2 && exit 2; }
all=$(cat "$sound"/tests/mutants/*.mutants | awk '$1 == "mutant" { print $2 }')
some=$*
[ -n "$some" ] || set -- $all
: >"$copy/broken"
note_broken $(for name in "$@"; do entry "$name" kill; done | tr ' ' '\n' | sort -u)
[ -n "${ONLY_NAMED:-}" ] || note_broken $more
bad=0 lines=$copy/results
: >"$lines"
for name in "$@"; do
    try "$name" >"$copy/line" || bad=$((bad + 1))
    cat "$copy/line" && cat "$copy/line" >>"$lines"
done
[ -n "$some" ] || cp "$lines" "$here/results.txt"
echo "$# mutants, $bad not killed"
[ $bad = 0 ]
