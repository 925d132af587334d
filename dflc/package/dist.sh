#!/bin/sh
# dist.sh B NAME: packs NAME.tar.gz in the directory B, where dfl.tab.[ch], dfl.lex.c and man/ are already. Run in the
# top directory of a git checkout, or of what such a file was unpacked to; both pack the same bytes.
set -eu
build=$1 name=$2
made=grammar/generated pages=dflc/package/made # what no checkout has; $made/files lists what one has
stage=$build/dist

rm -rf "$stage" && mkdir -p "$stage/$name/$made" "$stage/$name/$pages"
if [ -e "$made/files" ]; then
    cp "$made/files" "$stage/files"
    time=$(date -r "$made/files" +%s)
elif ! git rev-parse 2>/dev/null; then
    echo "make dist: this is neither a git checkout nor what a make dist has packed" >&2
    exit 1
else
    git ls-files | LC_ALL=C sort >"$stage/files"
    time=$(git log -1 --format=%ct)
fi
tar -cf - -T "$stage/files" | tar -xf - -C "$stage/$name"
cp "$build/dfl.tab.c" "$build/dfl.tab.h" "$build/dfl.lex.c" "$stage/files" "$stage/$name/$made/"
cp "$build/man/dflc.1" "$build/man/dfl.5" "$build/man/dfl.h.3" "$stage/$name/$pages/"

# Nothing of this user, this day or the order of this file system.
tar -C "$stage" --sort=name --mtime="@${SOURCE_DATE_EPOCH:-$time}" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --format=ustar -cf - "$name" | gzip -9n >"$stage/packed"
mv "$stage/packed" "$build/$name.tar.gz"
rm -rf "$stage"
