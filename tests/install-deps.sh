#!/bin/sh
# Installs what is missing, through the system's package manager:
#   tests/install-deps.sh build    what `make` and `make demo` need
#   tests/install-deps.sh test     what `make test` needs as well
#   tests/install-deps.sh bench    what the benchmarks are measured beside
# Says and does nothing when everything is there.
set -u
purpose=${1:-build}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

have() {
    command -v "$1" >/dev/null 2>&1
}

builds() { # flags of the compiler; the first lines of a C program come from standard input
    { cat && echo 'int main(void) { return 0; }'; } >"$scratch/probe.c"
    # shellcheck disable=SC2086 # CC may hold flags
    ${CC:-cc} "$@" -o "$scratch/probe" "$scratch/probe.c" >/dev/null 2>&1
}

has_header() {
    printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h "$1" | builds
}

# The grammar needs bison 3.6; on macOS, Homebrew keeps its own out of the PATH.
has_bison() {
    for bison in ${BISON:-} /opt/homebrew/opt/bison/bin/bison /usr/local/opt/bison/bin/bison \
        bison; do
        case $("$bison" --version 2>/dev/null | sed -n '1s/.* //p') in
        3.[6-9]* | 3.[1-9][0-9]* | [4-9].*) return 0 ;;
        esac
    done
    return 1
}

has_tbb() {
    echo '#include <tbb/task_group.h>' | ${CXX:-g++} -std=c++17 -x c++ -fsyntax-only - 2>/dev/null
}

# One word for each thing that is missing; package() has its name.
missing() {
    echo '#include <stdio.h>' | builds || echo cc
    have make || echo make
    have flex || echo flex
    has_bison || echo bison
    case $manager in
    apt) have musl-gcc || echo musl ;;
    dnf) builds -static </dev/null || echo static ;;
    esac
    if [ "$purpose" = bench ]; then
        have g++ || echo cxx
        has_tbb || echo tbb
        has_header lmdb.h || echo lmdb
        has_header rocksdb/c.h || echo rocksdb
        has_header sqlite3.h || echo sqlite
        { has_header protobuf-c/protobuf-c.h && have protoc-c; } || echo protobuf-c
        has_header msgpack.h || echo msgpack-c
    fi
    [ "$purpose" = test ] || return 0
    have gcc || echo cc
    have g++ || echo cxx
    have clang || echo clang
    has_header cmocka.h || echo cmocka
    { has_header sqlite3.h && have pkg-config; } || echo sqlite
    pkg-config --exists libpq 2>/dev/null || echo libpq
    "$(dirname "$0")/pg_server.sh" found || echo postgresql
    has_header curses.h || echo ncurses
    has_header jansson.h || echo jansson
    [ "$manager" != apt ] || has_header tree_sitter/api.h || echo tree-sitter
    have tmux || echo tmux
    have cmake || echo cmake
    have ninja || echo ninja
    have meson || echo meson
    have scdoc || [ "$manager" = brew ] || echo scdoc
    have fish || echo fish
    have zsh || echo zsh
    have vim || echo vim
    have luac5.4 || have luac || have nvim || echo lua
    case $manager in apt | dnf) has_header sys/sdt.h || echo sdt ;; esac
    case $manager in
    brew) ;; # no valgrind on current macOS
    dnf) have valgrind || echo valgrind
        builds -fsanitize=address,undefined </dev/null && builds -fsanitize=thread </dev/null ||
            echo sanitizers ;;
    *) have valgrind || echo valgrind ;;
    esac
}

package() {
    case $manager:$1 in
    apt:cc) echo gcc libc6-dev ;; apt:cxx) echo g++ ;; apt:musl) echo musl-tools ;;
    apt:cmocka) echo libcmocka-dev ;;
    apt:sqlite) echo libsqlite3-dev pkg-config ;; dnf:sqlite) echo sqlite-devel pkgconf-pkg-config ;;
    apk:sqlite) echo sqlite-dev pkgconf ;; pacman:sqlite | brew:sqlite) echo sqlite pkgconf ;;
    apt:libpq) echo libpq-dev ;; dnf:libpq) echo libpq-devel ;;
    apk:libpq) echo libpq-dev ;; pacman:libpq) echo postgresql-libs ;;
    dnf:postgresql) echo postgresql-server ;; brew:libpq | brew:postgresql) echo postgresql ;;
    apt:jansson) echo libjansson-dev pkg-config ;; dnf:jansson) echo jansson-devel pkgconf-pkg-config ;;
    apk:jansson) echo jansson-dev pkgconf ;; pacman:jansson | brew:jansson) echo jansson pkgconf ;;
    apt:tree-sitter) echo libtree-sitter-dev pkg-config ;;
    apt:ncurses) echo libncurses-dev pkg-config ;; dnf:ncurses) echo ncurses-devel pkgconf-pkg-config ;;
    apk:ncurses) echo ncurses-dev pkgconf ;; pacman:ncurses | brew:ncurses) echo ncurses pkgconf ;;
    apt:sdt) echo systemtap-sdt-dev ;; dnf:sdt) echo systemtap-sdt-devel ;;
    apt:lmdb) echo liblmdb-dev ;; dnf:lmdb) echo lmdb-devel ;; apk:lmdb) echo lmdb-dev ;;
    apt:rocksdb) echo librocksdb-dev ;; dnf:rocksdb) echo rocksdb-devel ;; apk:rocksdb) echo rocksdb-dev ;;
    apt:protobuf-c) echo libprotobuf-c-dev protobuf-c-compiler ;; apt:msgpack-c) echo libmsgpack-dev ;;
    dnf:protobuf-c) echo protobuf-c-devel protobuf-c-compiler ;; dnf:msgpack-c) echo msgpack-devel ;;
    apk:protobuf-c) echo protobuf-c-dev protobuf-c-compiler ;; apk:msgpack-c) echo msgpack-c-dev ;;
    apt:tbb) echo libtbb-dev ;; dnf:tbb) echo tbb-devel ;; apk:tbb) echo onetbb-dev ;;
    pacman:tbb | brew:tbb) echo tbb ;;
    apt:ninja | dnf:ninja | apk:ninja) echo ninja-build ;;
    apt:valgrind) echo valgrind libc6-dbg ;;
    apt:lua | apk:lua) echo lua5.4 ;;
    dnf:vim) echo vim-enhanced ;;
    dnf:cc) echo gcc ;; dnf:cxx) echo gcc-c++ ;; dnf:static) echo glibc-static ;;
    dnf:cmocka) echo libcmocka-devel ;;
    dnf:sanitizers) echo libasan libubsan libtsan ;;
    apk:cc) echo gcc musl-dev ;; apk:cxx) echo g++ ;;
    apk:cmocka) echo cmocka-dev ;;
    pacman:cc | pacman:cxx | brew:cc | brew:cxx) echo gcc ;; brew:clang) echo llvm ;;
    *:cc) echo gcc ;; *:cxx) echo g++ ;;
    *) echo "$1" ;;
    esac
}

manager=
for candidate in apt-get dnf apk pacman brew; do
    have "$candidate" && manager=${candidate%-get} && break
done

case $manager in
dnf | pacman) have musl-gcc ||
    echo "dflc: no musl-gcc (optional: package musl-gcc or musl), so no static musl builds" ;;
esac

wanted=$(missing)
if [ -z "$wanted" ]; then
    exit 0
fi
packages=$(for thing in $wanted; do package "$thing"; done | tr ' ' '\n' | sort -u | tr '\n' ' ')

give_up() {
    echo "dflc: $1; please install these packages and run make again: $packages" >&2
    exit 1
}

[ -n "$manager" ] || give_up "no package manager is known here"
sudo=
if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then
    sudo -n true >/dev/null 2>&1 || give_up "no rights to install what is missing"
    sudo='sudo -n'
fi

echo "dflc: installing $packages"
# shellcheck disable=SC2086 # lists of words
case $manager in
apt)
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
    ;;
dnf) $sudo dnf install -y -q $packages ;;
apk) $sudo apk add -q $packages ;;
pacman) $sudo pacman -Sy --needed --noconfirm $packages ;;
brew) brew install -q $packages ;;
esac >&2 || give_up "$manager could not install what is missing"

wanted=$(missing)
packages=$(for thing in $wanted; do package "$thing"; done | tr '\n' ' ')
[ -z "$wanted" ] || give_up "something is missing still"
