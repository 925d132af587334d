# shellcheck shell=sh disable=SC2154
# no-asan: it is about the build
# A compiler without integers of 128 bits is told so once, with what can be built; the runtime asks for none.
cc=${CC:-cc}
if "$cc" -std=c11 -U__SIZEOF_INT128__ -fsyntax-only "$TOP/dflc/wide.h" 2>said; then exit 1; fi
[ "$(grep -c 'error: ' said)" = 1 ]
grep -qF '#error "dflc counts with 128 bits, which this compiler has for no machine of 32 bits. Build dflc where it has them, and the runtime alone here: make runtime"' said
[ -z "$(grep -rlE '__int128|wide\.h' "$TOP"/runtime)" ]
[ "$(cd "$TOP" && grep -rl __int128 dflc)" = dflc/wide.h ]
