# -fno-checkpoints leaves nothing that saves in the generated code.
cat > g.dfl <<'D'
graph g {
    state { n : i64 = 1; m : i64; many : i64[]; }
    checkpoint auto;
    node one (inout n) effect cost 5ms;
    node two (out m) checkpoint cost 5ms;
    node three (inout many) cost 20ms;
    start -> [one, two] threads -> three -> end;
}
D
saves='DFL__SAVING|dfl__mark|g__saved|g__layout|g__risks|never_saves|save_every'
"$DFLC" g.dfl
test "$(grep -Eo "$saves" g.c | sort -u | wc -l)" -eq 7
"$DFLC" -fno-checkpoints g.dfl
! grep -E "$saves" g.c
grep -q 'no_checkpoints = true' g.c
