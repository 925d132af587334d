# -MD and its kin: what make reads.
printf 'graph g {\n    start -> end;\n}\n' >a.dfl
"$DFLC" -MD a.dfl
[ "$(cat a.d)" = 'a.c a.h: a.dfl' ]
"$DFLC" -MD -MF deps/none.d a.dfl 2>message && exit 1
grep -qx "dflc: cannot write 'deps/none.d': No such file or directory" message
"$DFLC" -MD -MF x.d -MT 'first second' -MTthird a.dfl
[ "$(cat x.d)" = 'first second third: a.dfl' ]
mkdir out
"$DFLC" -MD -d out a.dfl
[ "$(cat out/a.d)" = 'out/a.c out/a.h: a.dfl' ]
"$DFLC" -MD -o 'my $#file.c' a.dfl
[ "$(cat 'my $#file.d')" = 'my\ $$\#file.c my\ $$\#file.h: a.dfl' ]
"$DFLC" -MD -o s.c - <a.dfl
[ "$(cat s.d)" = 's.c s.h:' ]

# A machine file is a dependency as well.
cat >'my machine' <<'END'
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
"$DFLC" -MD -MP --machine 'my machine' a.dfl
printf 'a.c a.h: a.dfl \\\n my\\ machine\nmy\\ machine:\n' | cmp - a.d || { cat a.d; exit 1; }

# And a profile.
printf 'dflc profile 1\n' >p.profile
"$DFLC" -MD --profile p.profile a.dfl
printf 'a.c a.h: a.dfl \\\n p.profile\n' | cmp - a.d || { cat a.d; exit 1; }

# Nothing is written on error.
rm -f a.d && printf 'graph g {\n}\n' >a.dfl
"$DFLC" -MD a.dfl 2>message && exit 1
[ ! -e a.d ]

# What is imported, straight or through another file; with -MP a file that is gone is no error of make.
mkdir lib
printf 'struct deep { x : f64; }\n' >lib/deep.dfl
printf 'import "deep.dfl";\nstruct pair { left : deep; }\n' >lib/pair.dfl
printf 'import "pair.dfl";\ngraph g {\n    state { out p : pair; }\n    node n (out p);\n    start -> n -> end;\n}\n' >a.dfl
"$DFLC" -MD -MP -Ilib a.dfl
printf 'a.c a.h: a.dfl \\\n lib/pair.dfl \\\n lib/deep.dfl\nlib/pair.dfl:\nlib/deep.dfl:\n' >expected
sort expected >expected.sorted
sort a.d | cmp - expected.sorted || { cat a.d; exit 1; }
printf 'include a.d\n%%.c %%.h:\n\ttouch $*.c $*.h\n' >Makefile
touch -t 200101010000 lib/deep.dfl lib/pair.dfl a.dfl
make -rs a.c && make -rq a.c
touch -t 203001010000 lib/deep.dfl
! make -rq a.c
rm lib/deep.dfl
make -rs a.c
