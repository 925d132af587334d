# dflc check --compat: what checkpoints of an older version could not be read is an error before it ships;
# what will be read is silent. (cmd/schemas has programs that read such checkpoints.)
cat >old.dfl <<'END'
enum mood { calm, angry }
struct quote { symbol: string; price: f32; mood: mood; more: quote[]; }
graph g {
    state { in n : i32; out z : i64; total : f32 = 0; quotes : quote[]; text : string = ""; }
    node one (in n, out quotes) checkpoint;
    node two (in total, quotes, out z);
    start -> one -> two -> end;
}
graph gone { state { out a : i32; } node x (out a); start -> x -> end; }
END
cat >fine.dfl <<'END'
enum mood { furious, angry, calm }
struct quote { mood: mood; price: f64; volume: i64 = 1; more: quote[]; symbol: string; }
graph g {
    state { out z : i64; quotes : quote[]; sum : f64? = none was total; in n : i64; fresh : bool = true; }
    node one (in n, out quotes) checkpoint;
    node three (in sum, quotes, fresh, out z) was two;
    start -> one -> three -> end;
}
graph gone { state { out a : i32; } node x (out a); start -> x -> end; }
END
"$DFLC" check -w --compat old.dfl fine.dfl 2>err
[ ! -s err ]
cat >bad.dfl <<'END'
enum mood { calm }
struct quote { symbol: string; price: i64; mood: mood; more: quote[]; }
graph g {
    state { in n : i32; out z : i32; total : f32 = 0; quotes : quote[]; }
    node one (in n, out quotes) checkpoint;
    node last (in n, total, quotes, out z);
    start -> one -> last -> end;
}
END
! "$DFLC" check -w --compat old.dfl bad.dfl 2>err
cat >expected <<'END'
bad.dfl:3:7: error: graph 'g' has no node 'two' any more, and none that says 'was two'; a checkpoint that goes on there cannot be read
    3 | graph g {
      |       ^
old.dfl:6:10: note: the older version declares it here
bad.dfl:4:33: error: field 'z' was saved as i64, which i32 cannot hold
    4 |     state { in n : i32; out z : i32; total : f32 = 0; quotes : quote[]; }
      |                                 ^~~
old.dfl:4:33: note: the older version declares it here
bad.dfl:4:64: error: field 'quotes.price' was saved as f32, which i64 cannot hold
    4 |     state { in n : i32; out z : i32; total : f32 = 0; quotes : quote[]; }
      |                                                                ^~~~~~~
old.dfl:4:64: note: the older version declares it here
old.dfl:9:7: error: graph 'gone' is gone; nothing reads its checkpoints
    9 | graph gone { state { out a : i32; } node x (out a); start -> x -> end; }
      |       ^~~~
END
diff expected err
sed 's/price: i64/price: f32/; s/z : i32/z : i64/; s/last/two/' bad.dfl >worse.dfl
! "$DFLC" check -w --compat old.dfl worse.dfl 2>err
cat >expected <<'END'
worse.dfl:4:16: error: field 'n' is needed from 'two' on, where the older version does not save it
    4 |     state { in n : i32; out z : i64; total : f32 = 0; quotes : quote[]; }
      |                ^
old.dfl:6:10: note: a checkpoint that goes on at 'two' cannot be read
worse.dfl:4:64: error: field 'quotes.mood' was saved as 'angry', which enum mood has not
    4 |     state { in n : i32; out z : i64; total : f32 = 0; quotes : quote[]; }
      |                                                                ^~~~~~~
old.dfl:4:64: note: the older version declares it here
END
grep -v gone err | sed '/^    9 |/d; /^      |       ^~~~$/d' | diff expected -
# The older file is read like any other.
! "$DFLC" check -w --compat none.dfl fine.dfl 2>err
grep -q "^dflc: cannot read 'none.dfl'" err
echo 'graph {' >broken.dfl
! "$DFLC" check -w --compat broken.dfl fine.dfl 2>err
grep -q '^broken.dfl:1:7: error: ' err
