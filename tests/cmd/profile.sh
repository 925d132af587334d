# dflc profile: shows, merges; a profile that is none is refused at its place; --profile changes what is
# expected.
tab=$(printf '\t')
row() { printf '%s\n' "$1" | tr ' ' "$tab"; }
{ echo 'dflc profile 1'; row 'graph g 2'; row 'node a 2 2 2 3000 75:2'; row 'node b 1 1 1 90000 122:1'; row 'section [a] 4'; row 'edge a b 1'; row 'edge a end 1'; } >one.prof
"$DFLC" profile one.prof >shown
grep -q '^graph g: 2 runs$' shown
grep -q '^  b  *1  *90 us  *96.8 %  *90 us' shown
grep -q '^  a *b *1  *50.0 %$' shown

# Merged twice it has twice as much, in the same order; a third time nothing else changes.
"$DFLC" profile one.prof one.prof -o two.prof
{ echo 'dflc profile 1'; row 'graph g 4'; row 'node a 4 4 4 6000 75:4'; row 'node b 2 2 2 180000 122:2'; row 'section [a] 8'; row 'edge a b 2'; row 'edge a end 2'; } | cmp - two.prof
"$DFLC" profile two.prof -o again.prof && cmp two.prof again.prof
"$DFLC" profile --json two.prof >two.json
grep -q '"meanNs": 1500' two.json

# What is none is refused where it is wrong; nothing is written.
refuse() { # MESSAGE, the file on stdin
    cat >bad.prof
    ! "$DFLC" profile bad.prof -o out.prof 2>message || exit 1
    grep -q "^bad.prof:.*error: $1" message || { cat message; exit 1; }
    [ ! -e out.prof ]
}
printf '' | refuse 'this is no profile'
echo 'dflc profile 2' | refuse 'this is no profile, or one of another version'
{ echo 'dflc profile 1'; row 'node a 1 1 1 1'; } | refuse "expected 'graph' first"
{ echo 'dflc profile 1'; row 'graph g x'; } | refuse 'expected a count'
{ echo 'dflc profile 1'; row 'graph g 99999999999999999999'; } | refuse 'expected a count'
{ echo 'dflc profile 1'; row 'graph g 1'; row 'node a 1 1 1'; } | refuse "expected a node's name"
{ echo 'dflc profile 1'; row 'graph g 1'; row 'node a 1 1 1 1 496:1'; } | refuse 'there are buckets 0 to 495'
{ echo 'dflc profile 1'; row 'graph g 1'; row 'node a 1 1 1 1 12'; } | refuse "expected 'bucket:count'"
{ echo 'dflc profile 1'; row 'graph g 1'; row 'edge a 1'; } | refuse 'expected two names and a count'
{ echo 'dflc profile 1'; row 'graph g 1'; row 'thing a 1'; } | refuse "expected 'graph', 'node', 'section' or 'edge'"
head -c 200000 /dev/urandom | refuse 'this is no profile'
{ echo 'dflc profile 1'; head -c 200000 /dev/urandom; } >bad.prof
! "$DFLC" profile bad.prof >/dev/null 2>&1
! "$DFLC" profile 2>message || exit 1
grep -q 'no input file' message
! "$DFLC" profile nowhere.prof 2>message || exit 1
grep -q "cannot read 'nowhere.prof'" message

# What was measured replaces what is annotated: two branches of 1 us by their word, of 90 us in fact.
cat >g.dfl <<'END'
graph g {
    state { in n : i64; out m : i64 merge sum; }
    node a (in n, out m) cost 1us;
    node b (in n, out m) cost 1us;
    start -> [a, b] -> end;
}
END
{ echo 'dflc profile 1'; row 'graph g 2'; row 'node a 2 2 2 180000 122:2'; row 'node b 2 2 2 180000 122:2'; } >g.prof
"$DFLC" explain g.dfl >annotated
"$DFLC" explain --profile g.prof g.dfl >measured
grep -q 'rests on: annotated' annotated
grep -q 'rests on: profiled' measured
grep -q '90 us (profiled)' measured
