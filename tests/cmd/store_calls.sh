# no-coverage
# Every call of the system that the file store makes goes through tests/torture/calls.h, so that no failure and
# no write is missed by the programs that count on it; and what is led there is what they are linked for.
[ "$(uname)" = Linux ] && command -v nm >/dev/null || { echo "skipped: no nm of GNU" && exit 0; }
calls=$TOP/tests/torture/calls.h
wrapped() { # FILES: what is led through them
    grep -oh '__wrap_[a-z_]*' "$@" | sed 's/__wrap_//' | sort -u
}
wrapped "$calls" >led

for program in $(grep -l '^#include "calls.h"' "$TOP"/tests/torture/*.c); do
    sed -n 's/^\/\/.*link: *\([^;]*\).*/\1/p' "$program" | tr ',' '\n' | sed -n 's/^--wrap=//p' |
        sort -u >linked
    wrapped "$calls" "$program" | comm -3 - linked >differs # faults.c leads allocations through itself
    [ ! -s differs ] || { echo "$program is linked otherwise than it and calls.h say:" && cat differs && exit 1; }
done

# What neither fails nor changes a file; a futex is only waited for, and a sync of a range only asked for.
cat >harmless <<'END'
__errno_location
clock_gettime
getpid
nanosleep
sigfillset
sync_file_range
syscall
END
ar x "$DFLRT/libdflrt.a"
nm -u log*.o store_f*.o store_compact.o | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u |
    grep -v '^dfl_\|^pthread_\|^mem\|^str\|^_*v\?snprintf\|^qsort\|^bsearch\|^__\(asan\|ubsan\|tsan\|stack_chk\)\|^_GLOBAL' >used
sort -u led harmless | comm -13 - used >missing
[ ! -s missing ] || { echo "not in calls.h:" && cat missing && exit 1; }
