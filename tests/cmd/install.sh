# make install: what a program needs, found by pkg-config, static and shared; and uninstall leaves nothing.
# no-asan: what is installed is the plain build
command -v pkg-config >/dev/null || { echo "skipped: no pkg-config" && exit 0; }
[ "$(uname)" = Linux ] || { echo "skipped: no shared library is made here" && exit 0; }

# Once into a place whose name has a space, without scdoc; then what follows is done with another.
made=$TOP/dflc/package/made/dflc.1 # of a tarball: then no scdoc is missed
make -s -C "$TOP" install DESTDIR="$PWD/a place" PREFIX=/opt/dflc SCDOC=no-scdoc >installed
[ -e "$made" ] || grep -qx '  no manual pages: there is no no-scdoc' installed
[ -e "$made" ] || [ ! -e "a place/opt/dflc/share/man" ]
[ "$("a place/opt/dflc/bin/dflc" --version)" = "$("$DFLC" --version)" ]
make -s -C "$TOP" uninstall DESTDIR="$PWD/a place" PREFIX=/opt/dflc
[ -z "$(find "a place" ! -type d)" ]

root=$PWD/root
make -s -C "$TOP" install DESTDIR="$root" PREFIX=/opt/dflc >installed
lib=$root/opt/dflc/lib
export PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
version=$("$DFLC" --version)
[ "dflc $(pkg-config --modversion dflrt)" = "$version" ]
[ "dflc $(pkg-config --modversion dfl)" = "$version" ]
dflc=$root/$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=dflc dfl)
[ "$("$dflc" --version)" = "$version" ]

# A program in C against both libraries, with what pkg-config says and nothing else.
hello='Hello, world! Hello, world! Hello, world!'
"$dflc" new hello >made
[ "$(make -s -C hello run DFLC="$dflc")" = "$hello" ]
make -s -C hello clean
cd hello
"$dflc" hello.dfl
cc -o shared hello.c nodes.c $(pkg-config --cflags --libs dflrt)
[ "$(LD_LIBRARY_PATH=$lib ./shared)" = "$hello" ]
cc -static -o static hello.c nodes.c $(pkg-config --static --cflags --libs dflrt)
[ "$(./static)" = "$hello" ]
readelf -d shared >needed
grep -q 'NEEDED.*\[libdflrt\.so\.1\]' needed

# C++, by the standard of 2017 and the one of 2020; "dfl" stands for compiler and library.
cat >main.cc <<'END'
#include "hello.h"

#include <cstdio>

int main() {
    hello_state state;
    dfl_run run = {};
    hello_state_init(&state);
    state.who = DFL_STR("C++");
    state.times = 1;
    int status = hello_run(&state, &run);
    std::printf("%.*s\n", DFL_ARG(state.greeting));
    hello_state_free(&state);
    return status;
}
END
sed '/^int main/,$d' nodes.c >functions.c
cc -c $(pkg-config --cflags dfl) hello.c functions.c
for std in c++17 c++20; do
    g++ -std=$std -Wall -Wextra -Wpedantic -Werror -o cxx main.cc hello.o functions.o \
        $(pkg-config --cflags --libs dfl)
    [ "$(LD_LIBRARY_PATH=$lib ./cxx)" = 'Hello, C++!' ]
done
cd ..

# Pages and completions lie where they are looked for.
share=$root/opt/dflc/share
for file in bash-completion/completions/dflc zsh/site-functions/_dflc fish/vendor_completions.d/dflc.fish; do
    [ -s "$share/$file" ]
done
if command -v scdoc >/dev/null; then
    for page in man1/dflc.1 man5/dfl.5 man3/dfl.h.3; do
        [ -s "$share/man/$page" ]
    done
fi

# The shared library shows what begins with dfl_, and of all that only what dfl.h declares. A program asks
# for its soname, which is the number of dfl.h's interface.
real=libdflrt.so.1.${version#dflc }
[ "$(readlink "$lib/libdflrt.so")" = "$real" ]
[ "$(readlink "$lib/libdflrt.so.1")" = "$real" ]
nm -D --defined-only "$lib/$real" | awk 'NF == 3 { print $3 }' | sort >shown
[ "$(wc -l <shown)" -gt 100 ]
[ -z "$(grep -v '^dfl_' shown)" ]
tr -cs 'a-z0-9_' '\n' <"$root/opt/dflc/include/dfl.h" | sort -u >declared
[ -z "$(comm -23 shown declared)" ]

# The optional libraries, where they were built.
if [ -e "$lib/libdflrt-sqlite.a" ]; then
    cat >sqlite.c <<'END'
#include <dfl_sqlite.h>

int main(void) {
    dfl_store *store;
    if (dfl_sqlite_open("checkpoints.db", NULL, &store) != DFL_OK)
        return 1;
    dfl_store_close(store);
    return 0;
}
END
    flags=$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --cflags --libs dflrt-sqlite | sed "s|/opt/dflc|$root&|g")
    cc -o sqlite sqlite.c $flags
    LD_LIBRARY_PATH=$lib ./sqlite
fi
if [ -e "$lib/libdflrt-pg.a" ]; then
    cat >pg.c <<'END'
#include <dfl_pg.h>

int main(void) {
    dfl_store *store;
    return dfl_pg_open("host=/nowhere/at/all", NULL, &store) != DFL_ESTORE;
}
END
    flags=$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --cflags --libs dflrt-pg | sed "s|/opt/dflc|$root&|g")
    cc -o pg pg.c $flags
    LD_LIBRARY_PATH=$lib ./pg
fi
if [ -e "$lib/libdflrt-mpi.a" ]; then
    cat >mpi.c <<'END'
#include <dfl_mpi.h>

int main(void) {
    return !dfl_mpi_open;
}
END
    flags=$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --cflags --libs dflrt-mpi | sed "s|/opt/dflc|$root&|g")
    cc -o mpi mpi.c $flags
fi

make -s -C "$TOP" uninstall DESTDIR="$root" PREFIX=/opt/dflc
[ -z "$(find "$root" ! -type d)" ] || { find "$root" ! -type d && exit 1; }
