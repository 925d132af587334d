# The sample with Meson: what is built, and again built exactly where it must.
# no-asan: what is installed is the plain build
for tool in meson ninja pkg-config; do
    command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 0; }
done
sample=$TOP/samples/builds
make -s -C "$TOP" install DESTDIR="$PWD/root" PREFIX=/opt/dflc >log
export PKG_CONFIG_PATH="$PWD/root/opt/dflc/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$PWD/root"
export LD_LIBRARY_PATH="$PWD/root/opt/dflc/lib"
unset CC CXX CFLAGS CXXFLAGS LDFLAGS

steps() { # what a build did
    ninja -C out >log || { cat log && exit 1; }
    sed -n 's/^\[[^]]*\] *\(Generating [a-z]*\|[A-Z].* [^ ]*\).*/\1/p' log | sort
}
same() { [ "$1" = "$2" ] || { printf 'wanted:\n%s\ndone:\n%s\n' "$1" "$2" && exit 1; }; }
all=$(sort <<'END'
Compiling C object libgraphs.a.p/meson-generated_.._sorting.c.o
Compiling C object libgraphs.a.p/meson-generated_.._tariff.c.o
Compiling C object libgraphs.a.p/nodes.c.o
Compiling C object parcels.p/main.c.o
Compiling C++ object parcels_cxx.p/main.cc.o
Generating sorting
Generating tariff
Linking static target libgraphs.a
Linking target parcels
Linking target parcels_cxx
END
)
cp -R "$sample" project
# As the README has it.
(cd project && sh -ec "$(grep '^meson setup' README.md)") >log 2>&1 || { cat log && exit 1; }
grep -q '^Ok: *[1-9]' log && grep -q '^Fail: *0' log
rm -rf project/out
meson setup project out >log 2>&1 || { cat log && exit 1; }
same "$all" "$(steps)"
for program in parcels parcels_cxx; do
    out/$program | diff -u "$sample/expected.txt" -
done
same '' "$(steps)"
touch project/graphs/parcel.dfl
same "$(echo "$all" | grep -v tariff)" "$(steps)"
same '' "$(steps)"
