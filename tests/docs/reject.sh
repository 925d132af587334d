# The table of what is refused names every case, and nothing that is none. Each warning has a case where
# it speaks and one where it is silent.
cd "$TOP/tests/reject"
for case in *.dfl; do
    grep -q "\`${case%.dfl}\`" README.md || { echo "README.md lacks ${case%.dfl}"; exit 1; }
done
for name in $(sed -n 's/^| .* | \(.*\) |$/\1/p' README.md | grep -o '`[a-z_0-9]*`' | tr -d '`'); do
    [ -e "$name.dfl" ] || { echo "README.md names $name, which is no case"; exit 1; }
done
for warning in $("$DFLC" --help | sed -n '/^warnings:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
    for how in speaks silent; do
        case=../warn/$(echo "$warning" | tr - _)_$how.dfl
        [ -e "$case" ] || { echo "there is no $case"; exit 1; }
    done
done
