#!/bin/sh
# Encoding and decoding beside protobuf-c and msgpack-c: see codec.c.   bench/codec/run.sh [ROUNDS]
# A peer whose package is missing is named, and left out; `make bench-deps` installs them. Instructions are
# counted where valgrind is.
set -eu
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$here/../.." && pwd)
dflc=${DFLC:-$top/build/dflc} rt=${DFLRT:-$top/build} out=${OUT:-$top/build/codec}
mkdir -p "$out" && cd "$out"
cc=${CC:-cc} sources="$here/codec.c $here/content.c $here/codec_dflc.c" flags=''

"$dflc" -w -o codec.dfl.c "$here/codec.dfl"
has_header() {
    echo "#include <$1>" | $cc -fsyntax-only -x c - 2>/dev/null
}
if command -v protoc-c >/dev/null && has_header protobuf-c/protobuf-c.h; then
    protoc-c --proto_path="$here" --c_out=. codec.proto
    sources="$sources $here/codec_protobuf.c codec.pb-c.c" flags="$flags -DHAVE_PROTOBUF -lprotobuf-c"
else
    echo "protobuf-c is missing (make bench-deps)"
fi
if has_header msgpack.h; then
    sources="$sources $here/codec_msgpack.c" flags="$flags -DHAVE_MSGPACK -lmsgpackc"
else
    echo "msgpack-c is missing (make bench-deps)"
fi
# shellcheck disable=SC2086 # lists of words
$cc -O2 -g -std=gnu11 -Wall -Wextra -I. -I"$here" -I"$rt" $sources codec.dfl.c "$rt/libdflrt.a" $flags \
    -lpthread -lm -o codec

counts=''
if command -v valgrind >/dev/null; then
    counts=counts
    ./codec list >cells
    while IFS='	' read -r codec kind operation; do
        valgrind --tool=callgrind --callgrind-out-file=callgrind.out --collect-atstart=no \
            --toggle-collect=counted ./codec once "$codec" "$kind" "$operation" >/dev/null 2>callgrind.log
        printf '%s\t%s\t%s\t%s\n' "$codec" "$kind" "$operation" \
            "$(sed -n 's/.*Collected : //p' callgrind.log)"
    done <cells >counts
else
    echo "valgrind is missing: no instructions"
fi
steal() { awk '$1 == "cpu" { print $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }
before=$(steal)
{
    echo "machine: $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $(uname -sr)"
    echo "compiler: $($cc --version | head -n 1); rounds: ${1:-15}"
    ./codec "${1:-15}" $counts
    echo "$before $(steal)" |
        awk '{ printf "taken by the host meanwhile: %.1f %%\n", 100 * ($3 - $1) / ($4 - $2 + 0.01) }'
} | tee table.txt
