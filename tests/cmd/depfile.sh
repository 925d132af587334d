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

# Nothing is written on error.
rm -f a.d && printf 'graph g {\n}\n' >a.dfl
"$DFLC" -MD a.dfl 2>message && exit 1
[ ! -e a.d ]
