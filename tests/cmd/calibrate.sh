# What calibrate writes can be read, is plausible, and is not written for a noisy machine. Nothing here
# asks how long anything took: where the machine is noisy, that is what must be said.
calibrate() { # exit statuses that are right, then options
    right=$1 status=0
    shift
    rm -f here.machine
    timeout 60 "$DFLC" calibrate --quick "$@" >figures 2>said || status=$?
    case " $right " in *" $status "*) ;; *) echo "calibrate $*: status $status"; cat said; exit 1 ;; esac
}
figure() { sed -n "s/^$1 *= \([0-9]*\).*/\1/p" figures; }
at_least() { [ "$(figure "$1")" -ge "$2" ] || { echo "$1 is below $2"; cat figures; exit 1; }; }

calibrate '0 1' -o here.machine
cat said
if [ $status = 0 ]; then
    cmp here.machine figures
    grep -q '^noisy *= no$' figures
    ! grep -q noisy said
else
    [ ! -e here.machine ]
    grep -q '^noisy *= yes$' figures
    grep -q '^dflc: this machine is noisy:$' said
    grep -q "^dflc: 'here.machine' is not written; when the machine is quiet, try again, or say --noisy$" said
    grep -q '^# noisy: ' figures
fi
[ "$(ls -A | sed '/^figures$/d; /^said$/d; /^here.machine$/d')" = '' ]

# With --noisy it is written either way.
calibrate 0 --noisy -o here.machine
cmp here.machine figures
grep -q '^name *= here$' here.machine
printf 'graph g {\n    node n () cost 1us;\n    start -> n -> end;\n}\n' >a.dfl
"$DFLC" --machine here.machine a.dfl
[ -z "$(sed '/^#/d; /^$/d; /^[a-z0-9_]* *= [a-z0-9._-]*\( *#.*\)\{0,1\}$/d' here.machine)" ]

# One in the caller's place would not be believed: nothing is free, and nothing takes a second.
at_least cpus 1
at_least copy_ns_per_kib 1
at_least save_ns 100
grep -q '^save_ns_per_kib *= [0-9]' figures
grep -q '^# mtbf *= 24h ' figures # not measured
if [ "$(figure cpus)" -gt 1 ]; then
    at_least hand_over_ns 10
    at_least wake_100us_caller_ns 100
    at_least wake_100us_latency_ns 500
    at_least wake_2ms_latency_ns 500
    [ "$(figure hand_over_ns)" -lt 100000000 ]
    [ "$(grep -c 'not measured' figures)" -le 1 ]
fi

# One CPU: its threads are not measured, and it is said.
if taskset 1 true 2>taskset; then
    status=0
    timeout 60 taskset 1 "$DFLC" calibrate --quick >figures 2>said || status=$?
    [ $status -le 1 ]
    grep -q '^dflc: there is but one CPU to be had: threads never pay$' said
    grep -q '^cpus *= 1$' figures
    [ "$(grep -c 'not measured' figures)" = 9 ]
fi

# Where nothing can be saved, and what makes no sense.
calibrate 2 -o no/where
[ ! -s figures ] && [ "$(cat said)" = "dflc: cannot save in 'no': No such file or directory" ]
mkdir directory
calibrate 2 --noisy -o directory
grep -q "^dflc: cannot write 'directory': Is a directory$" said
[ "$(ls -A directory)" = '' ]
calibrate 2 a.dfl
[ "$(cat said)" = "dflc: 'dflc calibrate' reads no file; to write 'a.dfl', say -o (see dflc calibrate --help)" ]
if [ -e /dev/full ]; then
    status=0
    "$DFLC" calibrate --quick >/dev/full 2>said || status=$?
    [ $status = 2 ]
    grep -q '^dflc: cannot write to standard output: ' said
fi
