# Every allocation that dflc makes fails in turn: it says so in one line, exits with 2, and leaves no output and no
# half of one.
[ -z "$SANITIZE" ] || { echo "skipped: sanitizers have allocators of their own" && exit 0; }
cat >fail.c <<'C'
#include <stdlib.h>
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static int fails(void) {
    static long made, at = -1;
    if (at < 0)
        at = atol(getenv("FAIL_AT"));
    return made++ == at;
}
void *__wrap_malloc(size_t n) { return fails() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t n) { return fails() ? NULL : __real_realloc(p, n); }
C
build=${DFLC%/dflc}
libs='' pg=''
for package in ncursesw jansson libpq; do
    libs="$libs $(pkg-config --libs $package 2>/dev/null || true)"
done
[ ! -e "$build/libdflrt-pg.a" ] || pg=$build/libdflrt-pg.a
# shellcheck disable=SC2086 # lists of words
cc -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc fail.c "$build/obj/dflc/main.o" "$build/libdflc.a" $pg \
    "$build/libdflrt.a" $libs -lpthread -o dflc 2>log || { cat log && exit 1; }
cat >g.dfl <<'D'
include "x.h";
graph child { state { in a : i64; out b : i64; } node n (in a, out b) {% *b = a; %} start -> n -> end; }
graph g {
    state { in docs : string[]; sum : i64 merge sum; n : i64; b : i64; faults : fault[]; }
    node one (in doc : string, out sum) cost 20us;
    node more (inout n) checkpoint retry 2 {% ++*n; %}
    node runs_child runs child (in a = n, out b = b);
    node bad ();
    start -> each doc in docs [one] -> [more, runs_child] settle faults -> bad -> end;
    bad -> end on error;
    more -> more when n < 3 max 5;
}
D
fails() { # a command line: each of its allocations
    n=0
    while :; do
        rm -rf out && mkdir out
        status=0
        FAIL_AT=$n ./dflc "$@" >stdout 2>stderr || status=$?
        [ $status != 0 ] || break
        [ $status = 2 ] && [ "$(cat stderr)" = 'dflc: out of memory' ] && [ -z "$(ls out)" ] ||
            { echo "dflc $*: allocation $n: status $status, left: $(ls out)" && cat stderr && exit 1; }
        n=$((n + 1))
        [ $n -lt 2000 ] || { echo "dflc $*: does not come to an end" && exit 1; }
    done
    [ $n -gt 3 ] || { echo "dflc $*: only $n allocations" && exit 1; }
}
fails -w -d out g.dfl
fails -w --diagnostics=sarif -d out g.dfl
fails check -w --diagnostics=json g.dfl
fails explain -w g.dfl
fails fmt g.dfl
for form in svg html json; do
    fails graph --format $form -w g.dfl
done
