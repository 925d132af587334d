#!/bin/sh
# deb.sh DIR VERSION ABI HOST MAINTAINER: makes packages of DIR/root, in which everything has been installed, in
# DIR. Each has a file in debian/, NAME.control, and takes what is listed in NAME.files.
set -eu
dir=$(cd "$1" && pwd) version=$2 abi=$3 maintainer=$5
here=$(cd "$(dirname "$0")" && pwd)
license=$here/../../LICENSE
arch=$(dpkg-architecture -t "$4" -qDEB_HOST_ARCH 2>/dev/null)
multiarch=$(dpkg-architecture -t "$4" -qDEB_HOST_MULTIARCH 2>/dev/null)
tool=
[ "$arch" = "$(dpkg --print-architecture)" ] || tool=$4-
files=$here/../../grammar/generated/files # of a tarball: as old as the commit
{ [ ! -e "$files" ] && time=$(git -C "$here" log -1 --format=%ct 2>/dev/null); } ||
    time=$(date -r "$files" +%s 2>/dev/null || date -r "$here/../version.h" +%s)
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$time}"

filled() {
    sed -e "s|@VERSION@|$version|g; s|@ABI@|$abi|g; s|@ARCH@|$arch|g; s|@MULTIARCH@|$multiarch|g" \
        -e "s|@DATE@|$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")|g; s|@MAINTAINER@|$maintainer|g" "$@"
}

take() { # PACKAGE: its files, out of the root
    filled "$here/debian/$1.files" >"$dir/list"
    while read -r pattern; do
        for file in "$dir/root"/$pattern; do
            to=$dir/$name/${file#"$dir/root/"}
            mkdir -p "${to%/*}" && mv "$file" "$to"
        done
    done <"$dir/list"
}

strip_all() { # programs and libraries of $dir/$name
    find "$dir/$name" \( -path '*/bin/*' -o -name dflc-ranks \) -type f -exec "${tool}strip" -R .comment -R .note {} +
    find "$dir/$name" -name '*.so.*' -type f -exec "${tool}strip" --strip-unneeded -R .comment -R .note {} +
    find "$dir/$name" -name '*.a' -exec "${tool}strip" -D --strip-debug -R .comment -R .note {} +
}

documents() {
    doc=$dir/$name/usr/share/doc/$name
    mkdir -p "$doc" "$dir/$name/DEBIAN"
    { filled "$here/debian/copyright" && sed '1,4d; s/^$/./; s/^/ /' "$license"; } >"$doc/copyright"
    filled "$here/debian/changelog" | gzip -9n >"$doc/changelog.gz"
    find "$dir/$name" -path '*/share/man/*' -type f -exec gzip -9n {} +
}

# What shared libraries its programs and libraries need; "" if there are none.
depends() {
    binaries=$(find "$dir/$name" -type f \( -path '*/usr/bin/*' -o -name '*.so.*' \))
    [ -n "$binaries" ] || return 0
    mkdir -p "$dir/debian" && printf 'Source: dflc\n\nPackage: dflc\nArchitecture: any\n' >"$dir/debian/control"
    (cd "$dir" && dpkg-shlibdeps -O $binaries) | sed -n 's/^shlibs:Depends=//p'
}

control() {
    needs=$(depends)
    kib=$(du -k -s --apparent-size "$dir/$name/usr" | cut -f1)
    filled "$here/debian/$1.control" | sed -e "s|@NEEDS@|$needs|; s|@KIB@|$kib|" >"$dir/$name/DEBIAN/control"
    if [ "$1" = libdflrt ]; then
        echo "libdflrt $abi $name (>= $version)" >"$dir/$name/DEBIAN/shlibs"
        echo 'activate-noawait ldconfig' >"$dir/$name/DEBIAN/triggers"
    fi
    (cd "$dir/$name" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$dir/$name/DEBIAN/md5sums"
}

for package in dflc libdflrt libdflrt-dev; do
    name=$package
    [ $package != libdflrt ] || name=libdflrt$abi
    mkdir -p "$dir/$name"
    take $package
    strip_all
    documents
    control $package
    chmod -R u=rwX,go=rX "$dir/$name"
    find "$dir/$name" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group --build "$dir/$name" "$dir/${name}_${version}_$arch.deb" >>"$dir/log"
    rm -r "${dir:?}/$name"
    echo "  $1/${name}_${version}_$arch.deb"
done
left=$(find "$dir/root" ! -type d)
[ -z "$left" ] || { echo "no package has $left" >&2 && exit 1; }
rm -r "$dir/root" "$dir/list" "$dir/debian"
