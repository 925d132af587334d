# make dist: what it packs builds without flex, bison and scdoc, to the same bytes wherever it lies.
# no-asan: it is about the build
command -v scdoc >/dev/null || { echo "skipped: no scdoc" && exit 0; }
tar --version | grep -q GNU || { echo "skipped: tar is not GNU's" && exit 0; }

[ -e "$TOP/grammar/generated/files" ] || git -C "$TOP" rev-parse 2>/dev/null ||
    { echo "skipped: $TOP is no checkout" && exit 0; }

# From a checkout its files are packed; what is not one has been packed before.
make -s -C "$TOP" dist >log
version=$("$DFLC" --version)
name=dflc-${version#dflc }
packed=$TOP/build/$name.tar.gz
tar -tzf "$packed" >files
for file in Makefile README.md grammar/dfl.y grammar/generated/dfl.tab.c grammar/generated/dfl.lex.c \
    dflc/package/made/dfl.h.3; do
    grep -qx "$name/$file" files
done
[ -z "$(grep -v "^$name/" files)" ]

# Flex, bison and scdoc that must not be run stand before the real ones.
mkdir tools one two-longer
for tool in flex bison scdoc; do
    printf '#!/bin/sh\necho %s >>"%s/was run"\nexit 1\n' $tool "$PWD" >tools/$tool
    chmod +x tools/$tool
done
here=$PWD

# Quickly, with another place, language, time zone and umask each: the compiler, which has the runtime in it, and
# elsewhere an object by each rule of the Makefile. What differs by the time of day no file may have.
build() { # DIRECTORY TARGETS...
    (cd "$1" && shift && tar -xzf "$packed" && cd "$name" && env PATH="$here/tools:$PATH" MAKEFLAGS= \
        make -s -j2 "$@" dist CFLAGS='-O0 -g -Werror=date-time' >"$here/log" 2>&1) || { cat "$here/log" && exit 1; }
}
each_rule='libdflrt.a obj/dflc/main.o obj/dflc/codegen/header.o obj/dfl.tab.o obj/dfl.lex.o obj/assets.o'
(export TZ=UTC LC_ALL=C && umask 022 && build one build/dflc)
(export TZ=Asia/Tokyo LC_ALL=C.UTF-8 && umask 077 && build two-longer $(printf 'build/%s ' $each_rule))
[ ! -e 'was run' ]
[ -z "$(grep -a "$here" one/$name/build/dflc)" ]

for file in $each_rule $name.tar.gz; do
    cmp "one/$name/build/$file" "two-longer/$name/build/$file"
done
cmp "one/$name/build/$name.tar.gz" "$packed"
for file in dfl.tab.c dfl.tab.h dfl.lex.c; do
    cmp "one/$name/build/$file" "$TOP/build/$file"
done
[ "$(one/$name/build/dflc --version)" = "$version" ]

# Where they were built is not in any of them.
for file in "$TOP"/build/dflc "$TOP"/build/libdflrt*.a "$TOP"/build/shared/*; do
    [ -z "$(grep -la "$TOP" "$file")" ] || { echo "$file holds $TOP" && exit 1; }
done

# What is neither a checkout nor has a list cannot be packed.
mkdir bare
(cd bare && "$TOP/dflc/package/dist.sh" . dflc-0) 2>message && exit 1
[ "$(cat message)" = "make dist: this is neither a git checkout nor what a make dist has packed" ]

# A grammar that was changed is for flex and bison again.
cd one/$name
touch grammar/dfl.l grammar/dfl.y
make -s build/dfl.lex.c build/bison.done FLEX="$here/tools/flex" BISON="$here/tools/bison" -k >log 2>&1 && exit 1
sort "$here/was run" >ran
printf 'bison\nflex\n' | cmp - ran
