# make deb: packages that lintian finds nothing wrong with, that go in, do, and come out again without a trace.
# no-asan: what is packed is the plain build
for tool in dpkg-deb dpkg-shlibdeps scdoc pkg-config; do
    command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 0; }
done
unset DEBEMAIL DEBFULLNAME
make -s -C "$TOP" deb >log
made=$TOP/build/deb
version=$("$DFLC" --version) && version=${version#dflc }
arch=$(dpkg --print-architecture)
[ "$(cd "$made" && ls -d *)" = "$(printf '%s\n' dflc_ libdflrt-dev_ libdflrt1_ | sed "s/\$/${version}_$arch.deb/" && echo log)" ]
! command -v lintian >/dev/null || {
    lintian --no-user-dirs --allow-root --fail-on warning "$made"/*.deb >found 2>&1 || { cat found && exit 1; }
}

# Elsewhere the same bytes; and a file that nobody takes is missed.
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
make -s -C "$TOP" install DESTDIR="$PWD/again/root" PREFIX=/usr LIBDIR="/usr/lib/$multiarch" \
    ZSHDIR=/usr/share/zsh/vendor-completions >log
: >again/root/usr/share/stray
"$TOP/dflc/package/deb.sh" again "$version" 1 "$(dpkg-architecture -qDEB_HOST_GNU_TYPE)" \
    'The dflc authors <authors@dflc.invalid>' >log 2>message && exit 1
[ "$(cat message)" = "no package has $PWD/again/root/usr/share/stray" ]
for package in "$made"/*.deb; do
    cmp "$package" "again/${package##*/}"
done

# In a system of nothing but these packages.
root=$PWD/root
mkdir -p "$root/var/lib/dpkg" && : >"$root/var/lib/dpkg/status"
as_root='' && [ "$(id -u)" = 0 ] || as_root=fakeroot
PATH=$PATH:/usr/sbin:/sbin # dpkg wants ldconfig
system() { $as_root dpkg --root="$root" --log=/dev/null --force-depends "$@" >log 2>&1 || { cat log && exit 1; }; }
system -i "$made"/*.deb
[ "$("$root/usr/bin/dflc" --version)" = "dflc $version" ]
export PKG_CONFIG_LIBDIR="$root/usr/lib/$multiarch/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
"$root/usr/bin/dflc" new hello >log
cd hello
"$root/usr/bin/dflc" hello.dfl
cc -o hello hello.c nodes.c $(PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 pkg-config --cflags --libs dflrt)
[ "$(LD_LIBRARY_PATH=$root/usr/lib/$multiarch ./hello)" = 'Hello, world! Hello, world! Hello, world!' ]
cd ..

system --purge libdflrt-dev dflc libdflrt1
[ -z "$(find "$root" ! -type d ! -path "$root/var/lib/dpkg/*")" ]
[ ! -e "$root/usr" ]
