# The pictures that the README shows are what dflc draws: those who change it look at them again.
cp "$TOP/samples/finance/finance.dfl" "$TOP/samples/support/support.dfl" "$TOP/samples/support/run.json" .
same() { # the picture, how it is made
    picture=$1
    shift
    "$DFLC" graph -w --format svg "$@" >drawn.svg
    cmp drawn.svg "$TOP/samples/$picture" || {
        echo "make samples/$picture again, in its directory: dflc graph --format svg $* >${picture##*/}"
        exit 1
    }
}
same finance/finance.svg --costs finance.dfl
if "$DFLC" graph --format svg --trace run.json support.dfl 2>&1 >/dev/null | grep -q 'built without jansson'; then exit 0; fi
same support/run.svg --trace run.json support.dfl
