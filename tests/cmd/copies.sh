# What a fork copies, counted: nothing for branches that only read, or that write what nobody else touches
# before they read it; a large field only for the branch that changes it.
graph() { # the nodes
    cat >g.dfl <<END
graph g {
    state { in n : i64; in grid : f64[100000]; in mesh : f64[100000]; out a : f64; out b : f64;
            out done : f64[100000]; }
    $1
    start -> [left, right] -> end;
}
END
    "$DFLC" explain -w g.dfl >said
}
copies() { grep -q "the fork copies $1" said || { cat said; exit 1; }; }
graph 'node left (in grid, out a); node right (in mesh, grid, out b);'
copies nothing
graph 'node left (in grid, out a, done); node right (in mesh, grid, out b);'
copies nothing
graph 'node left (in grid, out a); node right (in mesh, inout done, out b);'
copies '781 KiB'
grep -q 'done  781 KiB  for right' said
# In the frames of the branches stands what they write, and nothing else.
"$DFLC" --dump=plan -w g.dfl >plan
! grep -q 'grid\|mesh' plan
grep -q 'done: replace own$' plan
# The same in the C: no assignment of the large fields but of the one.
"$DFLC" -w g.dfl
[ "$(grep -c 'memcpy(&*j\.right\.own\.done' g.c)" = 1 ]
! grep -q 'own\.grid\|own\.mesh' g.c
