# shellcheck shell=sh disable=SC2154; no-asan
# The README's example compiles, and is the sample that it says it is; the sample's output is what it shows; the
# rules for make that it shows build it.
work=$PWD
cd "$TOP"
tests/docs.sh README.md
fence() { # FIRST-LINE: the fence that begins with it
    awk -v first="$1" '/^```/ { open = !open; n = 0; next } open && ++n == 1 { shown = index($0, first) == 1 }
        open && shown' README.md
}
fence '// finance.dfl' | diff - samples/finance/finance.dfl
fence '$ ./finance stocks.csv' | sed 1d | diff - samples/finance/expected.txt >"$work/shown" || true
! grep '^<' "$work/shown" || exit 1
cp samples/finance/finance.dfl samples/finance/nodes.c samples/finance/stocks.csv "$work"
fence 'DFLC  = ' | sed "s|^DFLC .*|DFLC = $DFLC|; s|^DFLRT .*|DFLRT = $DFLRT|" >"$work/Makefile"
make -s -C "$work" finance
(cd "$work" && ./finance stocks.csv) | diff - samples/finance/expected.txt >"$work/shown" || true
! grep '^<' "$work/shown" || exit 1
