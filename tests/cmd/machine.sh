# --machine: one file for all that is compiled, refused with place and reason where it is wrong.
printf 'graph g {\n    node n () cost 1us;\n    start -> n -> end;\n}\n' >a.dfl
cp a.dfl b.dfl
cat >good <<'END'
# a machine
format = 1
name = test
cpus = 2
publish_ns = 40
hand_over_ns = 150
stagger_ns = 20
claim_ns = 60
join_ns = 100
branch_ns = 20
wake_100us_caller_ns = 7000
wake_100us_latency_ns = 29000
wake_2ms_caller_ns = 11000
wake_2ms_latency_ns = 44000
copy_ns_per_kib = 20
save_ns = 100000
END
"$DFLC" --machine good a.dfl
"$DFLC" --machine=good a.dfl
"$DFLC" check --machine - a.dfl b.dfl <good
"$DFLC" graph --machine good a.dfl >drawn

# What a failure is expected after: the flag's, or the file's, or the default.
printf 'graph g {\n    checkpoint auto;\n    node n () cost 1us;\n    start -> n -> end;\n}\n' >auto.dfl
said() { "$DFLC" explain "$@" auto.dfl | sed -n 's/^ *a failure is expected every \(.*\):$/\1/p'; }
[ "$(said)" = '24h (the default), a save takes 100 us and 3 us a KiB (the default)' ]
{ cat good; echo 'mtbf = 90m'; echo 'save_ns_per_kib = 0'; } >fails
[ "$(said --machine good)" = '24h (the default), a save takes 100 us and 3 us a KiB (the machine file)' ]
[ "$(said --machine fails)" = '90m (the machine file), a save takes 100 us (the machine file)' ]
[ "$(said --machine fails --mtbf 1.5s --save-price=7ms)" = '1500ms (the command line), a save takes 7 ms (the command line)' ]

refused() { # exit status, first line, words
    expected=$1 first=$2 status=0
    shift 2
    rm -f a.c a.h
    "$DFLC" "$@" >out 2>message || status=$?
    [ $status = "$expected" ] && [ "$(head -n 1 message)" = "$first" ] && [ ! -e a.c ] || {
        echo "dflc $*: status $status"; cat out message; exit 1
    }
}
refused 2 "dflc: cannot read 'nowhere': No such file or directory" --machine nowhere a.dfl
refused 2 "dflc: cannot read '.': Is a directory" --machine . a.dfl
sed 's/^save_ns/sav_ns/' good >bad
refused 1 "bad:16:1: error: a machine has no 'sav_ns', did you mean 'save_ns'?" --machine bad a.dfl
refused 1 "bad:16:1: error: a machine has no 'sav_ns', did you mean 'save_ns'?" check --machine bad a.dfl b.dfl
[ "$(grep -c error message)" = 1 ]
head -n 9 good >bad
refused 1 "bad:1:1: error: this machine file lacks 'branch_ns', 'wake_100us_caller_ns', 'wake_100us_latency_ns', 'wake_2ms_caller_ns', 'wake_2ms_latency_ns', 'copy_ns_per_kib', 'save_ns'" --machine bad a.dfl
head -c 100000 /dev/zero >bad
refused 1 "bad:1:1: error: this is no machine file: it is above 64 KiB" --machine bad a.dfl
sed 's/= 2$/= two/' good >bad
refused 1 '{"severity": "error", "message": "'"'cpus'"' is a whole number", "file": "bad", "line": 4, "column": 8, "endLine": 4, "endColumn": 11, "notes": []}' --diagnostics=json --machine bad a.dfl
refused 1 '' check --diagnostics=sarif --machine bad a.dfl
grep -q '"uri": "bad"' out
