# -fno-events leaves nothing of events in the generated code, and does not go with -finstrument.
cat > g.dfl <<'D'
graph g {
    state { n : i64; m : i64; }
    node one (out n);
    node two (out m);
    start -> [one, two] -> end;
}
D
"$DFLC" g.dfl
grep -q dfl__wrote g.c
grep -q dfl__begin_branch g.c
"$DFLC" -fno-events g.dfl
! grep -E 'dfl__wrote|dfl__begin_branch|dfl__end_branch|DFL__WATCH' g.c
"$DFLC" -fno-events -finstrument g.dfl 2> err && exit 1
cat > expected <<'D'
dflc: -finstrument counts events; with -fno-events there are none (see dflc --help)
D
head -1 err | diff expected -
