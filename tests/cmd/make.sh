# shellcheck shell=sh disable=SC2154
# The sample with plain make: what is built, and again built exactly where it must.
unset MAKEFLAGS MAKELEVEL
cp -R "$TOP/samples/builds" project && cd project
make -s clean DFLC="$DFLC" DFLRT="$DFLRT"
steps() { # what a build does: the file that each command is about
    make DFLC="$DFLC" DFLRT="$DFLRT" CFLAGS="-O0 $SANITIZE" LDFLAGS="$SANITIZE" parcels >log 2>&1 || { cat log && exit 1; }
    sed -n 's/.* -o \([^ ]*\) .*/\1/p; s/.* -d build \(.*\)/\1/p' log | sort
}
same() { [ "$1" = "$2" ] || { printf 'wanted:\n%s\ndone:\n%s\n' "$1" "$2" && exit 1; }; }
edit() { sed "$1" "$2" >edited && mv edited "$2"; }
all=$(printf '%s\n' build/main.o build/nodes.o build/sorting.o build/tariff.o graphs/sorting.dfl graphs/tariff.dfl parcels | sort)
same "$all" "$(steps)"
./parcels | diff -u expected.txt -
same '' "$(steps)"
sleep 1.1 && touch graphs/parcel.dfl
same "$(echo "$all" | grep -v tariff)" "$(steps)"
same '' "$(steps)"
# A file that is imported no longer may go.
sleep 1.1
edit 's/^import .*//' graphs/sorting.dfl
sed '/^[/]/d' graphs/parcel.dfl >>graphs/sorting.dfl
rm graphs/parcel.dfl
same "$(echo "$all" | grep -v tariff)" "$(steps)"
same '' "$(steps)"
./parcels | diff -u expected.txt -
