#!/bin/sh
# Runs the cases of tests/ and samples/ (tests/README.md says what a case of each suite is):
#
#   tests/run.sh [--mode plain|asan|tsan|valgrind|coverage|once|cross-TARGET] [--accept] [SUITE | SUITE/NAME]...
#   tests/run.sh --total     the sum of the modes that have run since build/results was removed
#
# Every case runs in a process and a directory of its own, $JOBS (2) at a time. Printed are the
# failures, and one line of counts.
#
# The torture, oracle and fuzz suites run a small part of what they can, the same each time. With TORTURE=1 they
# run all of it: each case by a seed of its own ($SEED sets one) for at most $SECONDS_EACH (1800) seconds, and
# says what it did; what a failed round or graph has left is kept in build/torture.
# shellcheck disable=SC2086,SC2046 # lists of words are split on purpose
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
mode=plain accept='' one=''
while [ $# -gt 0 ]; do
    case $1 in
    --mode) mode=$2 && shift ;;
    --one) one=$2 && shift ;;
    --accept | --total) accept=$1 ;;
    -*) sed -n '4,5s/^# *//p' "$0" >&2 && exit 2 ;;
    *) break ;;
    esac
    shift
done

build=$top/build rt=$top/build sanitize='' under='' wide='' suites='exec byhand unit torture oracle fuzz'
case $mode in
plain) suites="reject warn emit fmt graph explain lsp cmd docs $suites samples" ;;
asan) build=$top/build/asan rt=$build suites="reject warn emit fmt graph explain lsp cmd docs $suites samples"
    sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all' ;;
tsan) rt=$top/build/tsan suites="$suites samples" sanitize=-fsanitize=thread
    # TSan wants memory where it expects it; recent kernels spread addresses too far for it.
    setarch "$(uname -m)" -R true 2>/dev/null && under="setarch $(uname -m) -R" ;;
coverage) build=$top/build/coverage rt=$build # for `make coverage`; what counts is in the library
    suites="reject warn emit fmt graph explain lsp cmd docs $suites samples" ;;
once) suites="reject warn emit fmt graph explain lsp cmd docs $suites samples" ;; # plain, by one compiler: for mutants
valgrind) suites='exec byhand'
    under='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite' ;;
cross-*) # after tests/cross.sh has built for it; `dflc` is the target's too
    target=${mode#cross-} rt=$top/build/cross/$target build=$top/build/cross/$target/here
    . "$top/tests/cross.lib"
    CC=$(compiler_for "$target") under=$(emulator_for "$target")
    suites='exec byhand unit cross'
    ! is_narrow "$target" || wide=$(wide_wraps '') # they read directories of 64 bits under qemu
    ! has_dflc "$target" || suites="reject warn emit explain fmt $suites" ;;
*) echo "tests/run.sh: there is no mode '$mode'" >&2 && exit 2 ;;
esac
results=$top/build/results/$mode built=${build%/here} static='' crossed='' units_with=-lcmocka patience=1
case $mode in cross-*) static=-static crossed=-I$top/tests/cross units_with=-static patience=10 ;; esac
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
command -v timeout >/dev/null || timeout() { shift && "$@"; }
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1

# ---- which cases ----

path_of() { # SUITE/NAME: its main file
    case $1 in
    unit/* | byhand/* | torture/* | fuzz/*) echo "$top/tests/$1.c" ;;
    samples/*) echo "$top/$1/Makefile" ;;
    oracle/*) echo "$top/tests/$1.way" ;;
    cmd/* | docs/* | cross/*) echo "$top/tests/$1.sh" ;;
    lsp/*) echo "$top/tests/$1.jsonl" ;;
    *) echo "$top/tests/$1.dfl" ;;
    esac
}

says() { # FILE TEXT: is it in a comment of the first three lines?
    head -n 3 "$1" | grep -q "^\(//\|#\).*$2"
}

# Which of three turns a case has. By its name alone: another case moves none.
turn_of() { # NAME
    echo $(($(printf %s "$1" | cksum | cut -d' ' -f1) % 3))
}

# Valgrind sees what sections do on the thread of the run; of programs that sanitizers see by the same flags, a third.
valgrind_skips() { # SUITE FILE
    says "$2" no-valgrind && return
    case $1 in byhand) return 1 ;; esac
    ! says "$2" 'flags:.*-fsections=inline' && [ "$(turn_of "$(basename "${2%.*}")")" != 2 ]
}

cases() { # SUITE or SUITE/NAME...
    for word in "$@"; do
        case $word in */*) echo "$word" && continue ;; esac
        for file in $(path_of "$word/*"); do
            [ -e "$file" ] || continue
            case $mode in
            tsan) [ "$word" = samples ] || says "$file" 'needs: tsan' || continue ;;
            valgrind) valgrind_skips "$word" "$file" && continue ;;
            asan) says "$file" no-asan && continue ;;
            coverage) says "$file" no-coverage && continue ;;
            cross-*) [ ! -e "${file%.dfl}.cc" ] || continue # C++ is not crossed
                case ${file##*/} in t_sqlite_* | *_sqlite.c | t_pg_* | *_pg.c) continue ;; esac
                case ${file##*/} in t_dflc_*) has_dflc "$target" || continue ;; esac ;;
            esac
            file=${file%/Makefile}
            echo "$word/$(basename "${file%.*}")"
        done
    done
}

# ---- one case; it works in $tmp, and ends with fail or by coming to its end ----

fail() {
    { echo "FAIL $one ($mode): $*" && head -c 4000 "$tmp/log" | sed 's/^/    /'; } 2>/dev/null
    grep -q "^fail $one/" "$results" || echo "fail $one" >>"$results"
    exit 1
}

same() { # WHAT EXPECTED ACTUAL: equal, or with --accept made so
    if [ -n "$accept" ]; then
        cmp -s "$2" "$3" || { cp "$3" "$2" && echo "accepted ${2#"$top"/}"; }
    else
        diff -u "$2" "$3" >"$tmp/log" 2>&1 || fail "$1 differs"
    fi
}

# The options of each `// flags:` line; one empty line where there is none.
flags_of_case() {
    lines=$(head -n 3 "$(path_of "$one")" | sed -n 's|^// flags: *||p' | sed 's|;.*||; s| *//.*||')
    echo "$lines"
}

# dflc on NAME.dfl in its own directory: messages and #line then hold the bare name.
dflc() { # EXPECTED-STATUS [FLAGS]
    flags=${2-$(flags_of_case)}
    mkdir -p "$tmp/out" && cd "$top/tests/$suite" || exit 2
    timeout $((60 * patience)) "$build/dflc" $flags -d "$tmp/out" "$name.dfl" >"$tmp/stdout" 2>"$tmp/log"
    status=$?
    [ $status = "$1" ] || fail "dflc exits with $status, not $1"
    cp "$tmp/log" "$tmp/stderr"
}

# Optimized by gcc alone, whose warnings want it. It takes others most of the time of the tests: with the address
# sanitizer ten times that of the rest. What an optimizer makes of generated code the oracle's graphs show. Lines
# of the source are for those who show some: sanitizers and valgrind.
compile() { # COMPILER SOURCE OBJECT FLAGS...
    compiler=$1 source=$2 object=$3 how='-O0 -gdwarf-4'
    case $mode/$1 in
    plain/gcc | plain/g++ | plain/cc) how=-O2 ;;
    plain/*) how=-O0 ;;
    asan/clang) how="$how -D__SANITIZE_ADDRESS__=1" ;; # as gcc does
    esac
    shift 3
    $compiler $how $sanitize "$@" -I"$tmp/out" -I"$top/runtime" -I"$top/tests/$suite" \
        -c "$source" -o "$object" >"$tmp/log" 2>&1 || fail "$compiler refuses ${source##*/}"
}

link_and_run() { # COMPILER OBJECTS-AND-LIBRARIES...
    "$@" $sanitize -lpthread -lm -o "$tmp/program" >"$tmp/log" 2>&1 || fail "$1 cannot link"
    (cd "$tmp" && timeout $((${CASE_SECONDS:-120} * patience)) $under ./program >stdout 2>log </dev/null) ||
        fail "the program of $1 exits with $?"
}

# Clang's sanitizers see what gcc's do not: offsets of null pointers, among others. They look at the generated code;
# the runtime is as it is without. A third of the cases, that neither clang nor musl runs otherwise.
also_by_clang() {
    [ $suite = exec ] && [ -n "${CLANG_SANITIZES:-}" ] && [ "$(turn_of "$name")" = 2 ] || return 0
    echo "clang c17 run $top/build/libdflrt.a"
}

# Each compiler with another C standard, whether what it makes is run, its library, and flags to link with.
compilers() {
    case $mode in
    cross-*) echo "$CC c11 run $rt/libdflrt.a -static" && return ;;
    plain) ;;
    *) echo "${CC:-cc} c11 run $rt/libdflrt.a"
        [ -z "${first-yes}" ] || also_by_clang
        return ;;
    esac
    echo "gcc c11 run $rt/libdflrt.a"
    [ -n "${first-yes}" ] || return
    clang=run musl=run
    if [ $suite = exec ]; then
        turn=$(turn_of "$name")
        [ "$turn" = 0 ] || clang=read
        [ "$turn" = 1 ] || musl=read
    fi
    command -v clang >/dev/null && echo "clang c17 $clang $rt/libdflrt.a"
    [ ! -e "$rt/musl/libdflrt.a" ] || echo "musl-gcc c2x $musl $rt/musl/libdflrt.a -static"
}

messages_case() { # EXPECTED-STATUS
    dflc "$1"
    [ "$1" = 0 ] || [ -z "$(ls "$tmp/out")" ] || fail "dflc has written $(ls "$tmp/out")"
    same "what dflc says" "$top/tests/$one.err" "$tmp/stderr"
}

# Nodes and main, for the flags before too where these make the same header: most do.
user_code() { # COMPILER
    user=$tmp/user-$1.o
    [ -n "${new_header-yes}" ] || [ ! -e "$user" ] || return 0
    case $1 in
    g++) compile g++ "$top/tests/$one.cc" "$user" -std=c++17 $strict ;;
    *) compile "$1" "$top/tests/$one.c" "$user" -std=gnu11 $wide -Wall -Wextra -Werror ;;
    esac
}

program_case() { # of exec, emit or byhand; the .c and the .out of NAME may be absent
    compilers >"$tmp/compilers"
    while read -r cc std use library static; do
        objects=''
        if [ $use = read ]; then
            compile $cc "$tmp/out/$name.c" /dev/null -fsyntax-only -std=$std $strict
            continue
        fi
        if [ $suite != byhand ]; then
            compile $cc "$tmp/out/$name.c" "$tmp/generated.o" -std=$std $strict
            objects=$tmp/generated.o
        fi
        [ $suite != emit ] || continue
        link=$cc
        if [ -e "$top/tests/$one.cc" ]; then
            [ $cc = gcc ] || continue
            link=g++
        fi
        user_code $link
        link_and_run $link $static $objects "$user" "$library"
        [ ! -e "$top/tests/$one.out" ] || same "the output" "$top/tests/$one.out" "$tmp/stdout"
    done <"$tmp/compilers"
}

header_case() { # the generated header from C++
    echo "#include \"$name.h\"" >"$tmp/header.cc"
    compile g++ "$tmp/header.cc" /dev/null -fsyntax-only -std=c++17 $strict
}

# The lines of flags of a mode: valgrind takes the first, which says -fsections=inline where there are two, and
# sanitizers the others, if there are any.
flags_of_mode() { # FILE with all
    case $mode in
    valgrind) head -n 1 "$1" ;;
    asan | tsan) grep -v -e -fsections=inline "$1" || cat "$1" ;;
    *) cat "$1" ;;
    esac
}

# Once for each `// flags:` line, with the same output; by other compilers than gcc for the first of them.
exec_case() {
    flags_of_case >"$tmp/all_flags"
    flags_of_mode "$tmp/all_flags" >"$tmp/flags"
    first=yes new_header=yes
    while read -r line <&3; do
        dflc 0 "$line"
        ! cmp -s "$tmp/out/$name.h" "$tmp/before.h" || new_header=''
        program_case
        [ $mode != plain ] || [ -z "$new_header" ] || header_case
        cp "$tmp/out/$name.h" "$tmp/before.h"
        first='' new_header=yes
    done 3<"$tmp/flags"
}

has_postgres() { # the library, and a server to try it on
    [ -e "$rt/libdflrt-pg.a" ] && "$top/tests/pg_server.sh" found && return
    echo "$one ($mode): skipped, there is no PostgreSQL server or no libpq"
    echo "ok $one/skipped" >>"$results"
    return 1
}

pg_flags() { # of a case that talks to the server itself
    case $name in t_pg_* | *_pg) pkg-config --cflags libpq ;; esac
}

# The graphs that lie beside a case in C, compiled.
graphs_of_case() {
    graphs=''
    [ -e "$top/tests/$one.dfl" ] || return 0
    dflc 0 ''
    graphs=$tmp/graphs.o
    compile "${CC:-cc}" "$tmp/out/$name.c" "$graphs" -std=c11 $strict
}

unit_case() { # each test of a cmocka program counts
    library=$rt/libdflrt.a
    case $name in t_dflc_*) library="$built/libdflc.a $rt/libdflrt.a" ;; esac
    optional=''
    case $name in
    t_sqlite_*) optional="$rt/libdflrt-sqlite.a -lsqlite3" ;;
    t_pg_*) has_postgres && optional="$rt/libdflrt-pg.a $(pkg-config --libs libpq)" || return 0 ;;
    esac
    graphs_of_case
    linked=$(word_of_case link)
    case $mode in cross-*) ! is_narrow "$target" || { wide=$(wide_wraps "$linked") && linked=$(wide_link "$linked"); } ;; esac
    compile "${CC:-cc}" "$(path_of "$one")" "$tmp/unit.o" -O0 -std=gnu11 -Wall -Wextra $(pg_flags) $wide \
        -I"$top" -I"$top/dflc" -I"$built" $crossed
    ${CC:-cc} $sanitize $linked "$tmp/unit.o" $graphs $optional $library $optional $units_with -lpthread -lm -o "$tmp/program" \
        >"$tmp/log" 2>&1 || fail "cannot link"
    timeout $((${CASE_SECONDS:-120} * patience)) $under "$tmp/program" >"$tmp/log" 2>&1
    status=$?
    sed -n "s|^\[ *OK *\] |ok $one/|p; s|^\[ *FAILED *\] \([A-Za-z0-9_]*\)$|fail $one/\1|p" \
        "$tmp/log" >>"$results"
    [ $status = 0 ] || {
        grep -v '^\[ *\(RUN\|OK\) *\]' "$tmp/log" >"$tmp/shown" && mv "$tmp/shown" "$tmp/log"
        fail "exits with $status"
    }
    grep -q "^ok $one/" "$results" || fail "it has no test"
}

word_of_case() { # WORD: what stands behind `WORD:` in a directive
    head -n 3 "$(path_of "$one")" | sed -n "s|^//.*$1: *\\([^;]*\\).*|\\1|p"
}

# A place for its files: memory, where it is quick or wants that; $TMPDIR or /tmp else.
torture_files() {
    files=$tmp/files
    if [ -w /dev/shm ] && { [ "${TORTURE:-}" != 1 ] || says "$(path_of "$one")" 'in memory'; }; then
        files=$(mktemp -d /dev/shm/dflc-XXXXXX) || exit 2
        trap 'rm -rf "$tmp" "$files"' EXIT
    fi
    mkdir -p "$files"
}

torture_fail() { # STATUS: what it has left is kept for a look
    if [ "${TORTURE:-}" = 1 ]; then
        kept=$top/build/torture/$mode
        rm -rf "${kept:?}/$name" && mkdir -p "$kept" && cp -R "$files" "$kept/$name"
        echo "its files: $kept/$name" >>"$tmp/log"
    fi
    fail "exits with $1"
}

torture_case() { # a program that runs rounds; see tests/torture/torture.h
    case $name in *_pg) has_postgres || return 0 ;; esac
    rounds=$(word_of_case quick) seed=1 seconds=0 most=${CASE_SECONDS:-120}
    if [ "${TORTURE:-}" = 1 ]; then
        rounds=$(word_of_case full) seconds=${SECONDS_EACH:-1800}
        most=$((seconds + 300))
        seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
        echo "$one ($mode): seed $seed, $rounds rounds"
    fi
    most=$((most * patience))
    torture_files
    graphs_of_case
    compile "${CC:-cc}" "$(path_of "$one")" "$tmp/torture.o" -std=gnu11 $strict $(pg_flags)
    optional=''
    case $name in
    *_sqlite) optional="$rt/libdflrt-sqlite.a -lsqlite3" ;;
    *_pg) optional="$rt/libdflrt-pg.a $(pkg-config --libs libpq)" ;;
    esac
    ${CC:-cc} $sanitize $static $(word_of_case link) "$tmp/torture.o" $graphs $optional "$rt/libdflrt.a" $(word_of_case libs) \
        -lpthread -lm -o "$tmp/$name" >"$tmp/log" 2>&1 || fail "cannot link"
    TMPDIR=$files timeout $most $under "$tmp/$name" --seed "$seed" --rounds "$rounds" \
        --seconds "$seconds" >"$tmp/said" 2>"$tmp/log" || torture_fail $?
    [ "${TORTURE:-}" != 1 ] || echo "$one ($mode): $(tail -n 1 "$tmp/said")"
}

oracle_case() { # generated graphs against the oracle; see tests/oracle/way.sh
    graphs=$(word_of_case quick) seconds=0
    seed=$(printf %s "$name" | cksum | cut -d' ' -f1)
    [ $mode = plain ] || graphs=$((graphs / 2)) # what sanitizers add takes its time to compile
    if [ "${TORTURE:-}" = 1 ]; then
        graphs=$(word_of_case full) seconds=${SECONDS_EACH:-1800}
        seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
        echo "$one ($mode): seed $seed, $graphs graphs"
    fi
    mkdir "$tmp/way"
    DFLC=$build/dflc DFLRT=$rt TOP=$top SANITIZE=$sanitize UNDER=$under ORACLE=$top/build/oracle \
        "$top/tests/oracle/way.sh" "$name" "$seed" "$graphs" "$seconds" "$tmp/way" >"$tmp/log" 2>&1 || {
        kept=$top/build/torture/$mode/oracle_$name
        rm -rf "$kept" && mkdir -p "${kept%/*}" && cp -R "$tmp/way/failed" "$kept" 2>/dev/null
        echo "its files: $kept" >>"$tmp/log"
        fail "a graph fails"
    }
    [ "${TORTURE:-}" != 1 ] || echo "$one ($mode): $(tail -n 1 "$tmp/log")"
}

# What dflc is linked with where it is there, as in the Makefile.
optional_libraries() {
    for package in ncursesw ncurses; do
        pkg-config --libs $package 2>/dev/null && break
    done
    pkg-config --libs jansson 2>/dev/null
}

# What the first lines of a target say of its corpus, and what an earlier run with TORTURE=1 has found.
corpus_of_case() {
    for pattern in $(word_of_case corpus) "build/fuzz/$name/*"; do
        for file in $top/$pattern; do
            [ ! -f "$file" ] || echo "$file"
        done
    done
}

# libFuzzer, where there is a clang that has it: it goes where the code is. Its findings and its corpus are kept.
libfuzzer_case() {
    kept=$top/build/fuzz
    mkdir -p "$kept/$name" "$tmp/corpus"
    for file in $(corpus_of_case); do
        cp "$file" "$tmp/corpus/$(echo "${file#"$top"/}" | tr / _)"
    done
    clang -std=gnu11 -O1 -gdwarf-4 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -DLIBFUZZER -I"$top" -I"$top/dflc" \
        -I"$top/runtime" -I"$top/build" -I"$tmp/out" -I"$top/tests/fuzz" "$(path_of "$one")" $generated \
        "$top/build/fuzzed/libdflc.a" "$top/build/fuzzed/libdflrt.a" $(optional_libraries) -lpthread -lm -o "$tmp/$name" \
        >"$tmp/log" 2>&1 || fail "clang refuses it"
    (cd "$tmp" && TMPDIR=$files "./$name" -seed="$seed" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2500 \
        -artifact_prefix="$kept/$name-" "$kept/$name" "$tmp/corpus") >"$tmp/log" 2>&1 || {
        tail -n 40 "$tmp/log" >"$tmp/end" && mv "$tmp/end" "$tmp/log"
        fail "libFuzzer has found something: $kept/$name-*"
    }
    echo "$one ($mode): $(sed -n 's/^Done \([0-9]* runs\).*/libFuzzer, \1/p' "$tmp/log"), seed $seed"
}

fuzz_case() { # each file of the corpus, and some that are changed; see tests/fuzz/fuzz.h
    rounds=$(word_of_case quick) seed=1 seconds=0 generated=''
    export FUZZ_COMPILES=30
    torture_files
    if grep -q '"nodes.h"' "$(path_of "$one")"; then
        mkdir -p "$tmp/out" && (cd "$top/tests/fuzz" && "$build/dflc" -w -d "$tmp/out" state.dfl) || fail "state.dfl"
        generated=$tmp/out/state.c
    fi
    if [ "${TORTURE:-}" = 1 ]; then
        rounds=$(word_of_case full) seconds=${SECONDS_EACH:-60} FUZZ_COMPILES=300
        seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
        [ ! -e "$top/build/fuzzed/libdflc.a" ] || { libfuzzer_case && return; }
    fi
    compile "${CC:-cc}" "$(path_of "$one")" "$tmp/fuzz.o" -std=gnu11 -Wall -Wextra -Werror -I"$top" -I"$top/dflc" -I"$build" \
        -I"$top/build"
    [ -z "$generated" ] || compile "${CC:-cc}" "$generated" "$tmp/generated.o" -std=c11
    ${CC:-cc} $sanitize "$tmp/fuzz.o" ${generated:+"$tmp/generated.o"} "$build/libdflc.a" "$rt/libdflrt.a" \
        $(optional_libraries) -lpthread -lm -o "$tmp/$name" >"$tmp/log" 2>&1 || fail "cannot link"
    (cd "$tmp" && TMPDIR=$files FUZZ_KEEP=$tmp/failed timeout $((seconds + 120)) $under "./$name" --seed "$seed" \
        --rounds "$rounds" --seconds "$seconds" $(corpus_of_case)) >"$tmp/said" 2>"$tmp/log" || {
        status=$?
        mkdir -p "$top/build/fuzz" && cp "$tmp/failed" "$top/build/fuzz/$name-failed" 2>/dev/null
        echo "what it was given: build/fuzz/$name-failed" >>"$tmp/log"
        fail "exits with $status"
    }
    [ "${TORTURE:-}" != 1 ] || echo "$one ($mode): $(tail -n 1 "$tmp/said")"
}

# What a README tells to type: its fences `commands`, each line up to the remark behind two spaces.
commands_of() {
    awk '/^```/ { shown = !shown && $0 == "```commands"; next }
        shown { sub(/   *[^ ].*/, ""); print }' "$1"
}

# Each must work in the sample as it stands after `make check`, without anybody to answer (75: a question is left).
# What wants a server, or another build system, is tried elsewhere.
run_commands() {
    commands_of "$tmp/sample/README.md" >"$tmp/commands"
    while read -r command <&3; do
        case $command in *http:* | *'"$db"'* | cmake\ * | meson\ *) continue ;; esac
        (cd "$tmp/sample" && DFLC=$build/dflc DFLRT=$rt PATH=$build:$PATH timeout 60 sh -c "$command") >"$tmp/log" 2>&1 </dev/null
        case $?:$command in
        0:* | 75:./approval\ * | 137:*\ -k\ *) ;;
        *) fail "a command of its README fails: $command" ;;
        esac
    done 3<"$tmp/commands"
}

samples_case() { # a copy, built by its own Makefile as a user would
    cp -R "$top/$one" "$tmp/sample"
    set -- -s -C "$tmp/sample" DFLC="$build/dflc" DFLRT="$rt" PG_SERVER="$top/tests/pg_server.sh"
    if [ $mode = plain ]; then
        set -- "$@" CFLAGS="-O2 $strict"
    else
        set -- "$@" CFLAGS="-O1 -gdwarf-4 $sanitize" LDFLAGS="$sanitize"
    fi
    if [ -z "$accept" ]; then
        $under make "$@" check >"$tmp/log" 2>&1 || fail "make check fails"
        [ $mode != plain ] || run_commands
    else
        make "$@" run >"$tmp/stdout" 2>"$tmp/log" || fail "make run fails"
        same "the output" "$top/$one/expected.txt" "$tmp/stdout"
    fi
}

fmt_case() { # as it should be laid out, and stay
    cd "$top/tests/fmt" || exit 2
    "$build/dflc" fmt "$name.dfl" >"$tmp/stdout" 2>"$tmp/log" || fail "dflc fmt exits with $?"
    same "the layout" "$top/tests/$one.out" "$tmp/stdout"
    "$build/dflc" fmt - <"$tmp/stdout" >"$tmp/again" 2>"$tmp/log" || fail "fmt refuses its own work"
    diff -u "$tmp/stdout" "$tmp/again" >"$tmp/log" || fail "fmt does not leave its own work alone"
}

graph_case() {
    cd "$top/tests/graph" || exit 2
    for format in dot mermaid json svg; do
        "$build/dflc" graph --format $format "$name.dfl" >"$tmp/$format" 2>"$tmp/log" ||
            fail "dflc graph --format $format exits with $?"
        same "$name.$format" "$top/tests/$one.$format" "$tmp/$format"
    done
    ! command -v dot >/dev/null || dot -Tsvg -o "$tmp/drawn" "$tmp/dot" >"$tmp/log" 2>&1 ||
        fail "dot refuses it"
    [ ! -s "$tmp/log" ] || fail "dot warns"
    ! command -v python3 >/dev/null || python3 -m json.tool <"$tmp/json" >"$tmp/log" 2>&1 ||
        fail "it is no JSON"
    awk -f overlaps.awk "$tmp/svg" >"$tmp/log" 2>&1 || fail "something overlaps"
    ! command -v xmllint >/dev/null || xmllint --noout "$tmp/svg" >"$tmp/log" 2>&1 ||
        fail "it is no XML"
}

explain_case() { # `// flags:` count here too
    cd "$top/tests/explain" || exit 2
    for format in txt json; do
        flag='' && [ $format = txt ] || flag=--json
        "$build/dflc" explain $(flags_of_case) $flag "$name.dfl" >"$tmp/$format" 2>"$tmp/log" ||
            fail "dflc explain $flag exits with $?"
        [ ! -s "$tmp/log" ] || fail "dflc explain $flag warns"
        same "$name.$format" "$top/tests/$one.$format" "$tmp/$format"
    done
    ! command -v python3 >/dev/null || python3 -m json.tool <"$tmp/json" >"$tmp/log" 2>&1 ||
        fail "it is no JSON"
}

# The lines of a session as messages, and messages as lines: no body has a line end.
framed() {
    LC_ALL=C awk '{ printf "Content-Length: %d\r\n\r\n%s", length($0), $0 }'
}
unframed() {
    LC_ALL=C awk 'BEGIN { RS = "\r\n\r\n" } NR > 1 { sub(/Content-Length: [0-9]*$/, ""); print }'
}

lsp_case() { # what an editor says, and all that it is answered; see tests/README.md
    ! "$build/dflc" lsp </dev/null 2>&1 | grep -q jansson || return 0
    cp -R "$top/tests/lsp/files" "$tmp/work" && cd "$tmp/work" || exit 2
    sed "/^\/\//d; s|\$DIR|$tmp/work|g" "$(path_of "$one")" | framed >"$tmp/asked"
    timeout 60 "$build/dflc" lsp $(flags_of_case) <"$tmp/asked" >"$tmp/said" 2>"$tmp/log"
    status=$?
    [ $status = "$(word_of_case exits | grep . || echo 0)" ] || fail "dflc lsp exits with $status"
    unframed <"$tmp/said" >"$tmp/lines"
    framed <"$tmp/lines" | cmp - "$tmp/said" >"$tmp/log" 2>&1 || fail "its messages are not framed"
    sed "s|$tmp/work|\$DIR|g" "$tmp/lines" >"$tmp/answers"
    same "what it answers" "$top/tests/$one.out" "$tmp/answers"
}

cmd_case() { # a shell script, in a directory of its own
    mkdir "$tmp/work" && cd "$tmp/work" || exit 2
    DFLC="$build/dflc" DFLRT="$rt" TOP="$top" SANITIZE="$sanitize" CROSS_CC="${CC:-}" UNDER="$under" \
        sh -eu "$(path_of "$one")" >"$tmp/log" 2>&1 || fail "the script exits with $?"
}

if [ -n "$one" ]; then
    suite=${one%%/*} name=${one#*/}
    tmp=$(mktemp -d) || exit 2
    trap 'rm -rf "$tmp"' EXIT
    case $suite in
    reject) messages_case 1 ;;
    warn) messages_case 0 ;;
    emit) dflc 0 && program_case && header_case
        for suffix in c h; do
            same "$name.$suffix" "$top/tests/$one.$suffix" "$tmp/out/$name.$suffix"
        done ;;
    byhand) program_case ;;
    docs | cross) cmd_case ;;
    *) "${suite}_case" ;;
    esac
    [ $suite = unit ] || echo "ok $one" >>"$results"
    exit 0
fi

# ---- all of them ----

# A case that fails in one mode has failed; one that runs in several modes counts once.
count() { # RESULT-FILES...
    sort -u "$@" | awk '
        { seen[$2] } $1 == "fail" { bad[$2] }
        END { for (i in seen) if (i in bad) failed++; else passed++
              print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 }'
}

if [ "$accept" = --total ]; then
    count "$top"/build/results/*
    exit
fi
mkdir -p "$top/build/results" && : >"$results"
[ $# -gt 0 ] || set -- $suites
! cases "$@" | grep -q '^oracle/' || make -s -C "$top" build/oracle || exit 2
# A clang without the sanitizers' libraries is no failure.
[ $mode != asan ] || ! echo 'int main(void) { return 0; }' |
    clang $sanitize -x c -o "$top/build/results/probe" - 2>/dev/null || export CLANG_SANITIZES=yes
rm -f "$top/build/results/probe"
cases "$@" | xargs -P "${JOBS:-2}" -I CASE "$0" --mode $mode $accept --one CASE
status=$?
echo "$mode: $(count "$results")"
[ $status = 0 ]
