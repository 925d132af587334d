# find_package(dflc) and dflc as a part of a project: what is built, and again built exactly where it must.
# no-asan: what is installed is the plain build
for tool in cmake ninja; do
    command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 0; }
done
[ "$(uname)" = Linux ] || { echo "skipped: no shared library is made here" && exit 0; }
root=$PWD/root sample=$TOP/samples/builds here=$PWD
make -s -C "$TOP" install DESTDIR="$root" PREFIX=/opt/dflc >log
config=$root/opt/dflc/lib/cmake/dflc
unset DFLC_EXECUTABLE CMAKE_GENERATOR CMAKE_PREFIX_PATH CC CXX CFLAGS CXXFLAGS LDFLAGS MAKEFLAGS MAKELEVEL

configure() { cmake "$@" >log 2>&1 || { cat log && exit 1; }; }
build() { cmake --build "$@" >log 2>&1 || { cat log && exit 1; }; }
steps() { # DIRECTORY: what a build of it did
    build "$1"
    sed -n 's/^\[[^]]*\] *\(\(Compiling graph\|Building\|Linking\) .*\)/\1/p' log | sort
}
program() { # DIRECTORY
    "$1/parcels" | diff -u "$sample/expected.txt" -
    "$1/parcels_cxx" | diff -u "$sample/expected.txt" -
}
all=$(cat <<'END'
Building C object CMakeFiles/graphs.dir/dfl/graphs/sorting.c.o
Building C object CMakeFiles/graphs.dir/dfl/graphs/tariff.c.o
Building C object CMakeFiles/graphs.dir/nodes.c.o
Building C object CMakeFiles/parcels.dir/main.c.o
Building CXX object CMakeFiles/parcels_cxx.dir/main.cc.o
Compiling graph graphs/sorting.dfl
Compiling graph graphs/tariff.dfl
Linking C executable parcels
Linking C static library libgraphs.a
Linking CXX executable parcels_cxx
END
)
imported=$(echo "$all" | grep -v tariff)
relinked=$(echo "$all" | grep -v '^Building C object.*\(nodes\|main\)\|sorting\|CXX object')
said() { tr -s ' \n' ' ' <log | grep -qF "$1" || { cat log && exit 1; }; } # CMake breaks lines
edit() { sed "$1" "$2" >edited && mv edited "$2"; }
same() { [ "$1" = "$2" ] || { printf 'wanted:\n%s\ndone:\n%s\n' "$1" "$2" && exit 1; }; }

# CMake and what it runs, C++ of 2017 and 2020, the static and the shared library.
tried() { # GENERATOR OPTIONS...
    generator=$1 && shift
    rm -rf project && cp -R "$sample" project
    configure -S project -B out/"$generator" -G "$generator" -Ddflc_DIR="$config" -DCMAKE_BUILD_TYPE=Debug "$@"
    out=out/$generator
    same "$all" "$(steps "$out")"
    program "$out"
    same '' "$(steps "$out")"
    touch project/graphs/parcel.dfl
    same "$imported" "$(steps "$out")"
    same '' "$(steps "$out")"
}
tried Ninja
[ -z "$(grep -l "$here" out/Ninja/dfl/graphs/*.[ch])" ]
! readelf -d out/Ninja/parcels | grep dflrt || exit 1
# A file that is imported no longer may go; another one's headers do not depend on it.
edit 's/^import .*//' project/graphs/sorting.dfl
sed '/^[/]/d' project/graphs/parcel.dfl >>project/graphs/sorting.dfl
rm project/graphs/parcel.dfl
same "$imported" "$(steps out/Ninja)"
same '' "$(steps out/Ninja)"
program out/Ninja
edit 's/95/96/' project/graphs/tariff.dfl
steps out/Ninja >done
grep -qx 'Compiling graph graphs/tariff.dfl' done
[ -z "$(grep sorting done)" ]

# As the README has it.
rm -rf project && cp -R "$sample" project
(cd project && CMAKE_PREFIX_PATH=$root/opt/dflc sh -ec "$(grep '^cmake -B' README.md)") >log 2>&1 || { cat log && exit 1; }
grep -q '100% tests passed' log

tried 'Unix Makefiles' -DCMAKE_CXX_STANDARD=20 -DBUILD_SHARED_LIBS=ON
readelf -d 'out/Unix Makefiles/parcels' | grep -q 'NEEDED.*libdflrt.so.1'
grep -q -- '-std=gnu++20' 'out/Unix Makefiles/CMakeFiles/parcels_cxx.dir/flags.make'

# For another machine dflc is one that runs here; the one beside the library is not tried.
mkdir cross none && cp -R "$sample" cross/project
nowhere="-G Ninja -DCMAKE_MAKE_PROGRAM=$(command -v ninja) -DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF"
cat >none/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(none NONE)
find_package(dflc ${wanted} REQUIRED)
END
! cmake -S none -B out/none -DCMAKE_SYSTEM_NAME=Linux -Ddflc_DIR="$config" $nowhere 2>log >&2 || exit 1
said 'no dflc that runs on this machine was found; set DFLC_EXECUTABLE to one'
! cmake -S none -B out/none -G Ninja -Dwanted=0.99 -Ddflc_DIR="$config" 2>log >&2 || exit 1
said 'compatible with requested version "0.99"'

# As a part of a project, with a compiler for another libc. Its own dflc comes of make, which is only asked here:
# a build of it in any directory is tried by dist.sh.
cat >make <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$here/asked"
mkdir -p "$here/out/cross/_deps/dflc-build/host" && cp "$DFLC" "$here/out/cross/_deps/dflc-build/host/dflc"
END
chmod +x make
{ echo 'cmake_minimum_required(VERSION 3.20)' && echo 'project(cross C)'
    sed -n '/^```cmake/,/^```$/{/^```/!p;}' "$TOP/samples/builds/README.md"
    echo 'add_executable(parcels project/main.c project/nodes.c)'
    echo 'dfl_add_graph(parcels FILES project/graphs/sorting.dfl project/graphs/tariff.dfl OPTIONS -fno-checkpoints)'
} >cross/CMakeLists.txt
grep -q FetchContent_MakeAvailable cross/CMakeLists.txt
cc=$(command -v musl-gcc || command -v cc)
configure -S cross -B out/cross -G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_EXE_LINKER_FLAGS=-static -DFETCHCONTENT_SOURCE_DIR_DFLC="$TOP" \
    -DDFLC_MAKE="$here/make" -DDFLC_MAKE_FLAGS=CC=clang
build out/cross
build out/cross
grep -q 'no work to do' log
out/cross/parcels | diff -u "$sample/expected.txt" -
host=$here/out/cross/_deps/dflc-build/host
[ "$(sed 's/-j[0-9]* //' asked)" = "-s -C $TOP B=$host CC=clang $host/dflc" ]

# What cannot be meant is said.
refused() { # MESSAGE, the call on standard input
    { echo 'cmake_minimum_required(VERSION 3.20)' && echo 'project(none NONE)' && echo 'add_custom_target(t)' &&
        echo "include($TOP/dflc/cmake/DflcGraphs.cmake)" && cat; } >none/CMakeLists.txt
    ! cmake -S none -B out/none -G Ninja 2>log >&2 || exit 1
    said "$1"
}
echo 'dfl_add_graph(u FILES a.dfl)' | refused "dfl_add_graph: there is no target 'u'"
echo 'dfl_add_graph(t a.dfl)' | refused "dfl_add_graph: unknown argument 'a.dfl'"
echo 'dfl_add_graph(t OPTIONS -w)' | refused "dfl_add_graph: there are no FILES for 't'"
echo 'dfl_add_graph(t FILES a.dfl)' | refused 'dfl_add_graph: graphs become C; put C among the languages of project()'
