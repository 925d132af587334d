# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Its probes are those that a program has.
command -v readelf >/dev/null && echo '#include <sys/sdt.h>' | "${CC:-cc}" -E - >/dev/null 2>&1 ||
    { echo "not looked at: probes of bpftrace; there is no <sys/sdt.h> (systemtap-sdt-dev) or no readelf (binutils)" && exit 77; }
printf 'graph g { state { out n: i32; } node a (out n) {%% (void)ctx; *n = 1; %%} start -> a -> end; }\n' >g.dfl
"$DFLC" -w -fusdt g.dfl
"${CC:-cc}" -I"$DFLRT" -c g.c
readelf -n g.o | awk '/Provider: / { ours = $2 } /Name: / { print ours ":" $2 }' | sort -u >has
grep -oE 'usdt:[^ ]+' "$block" | cut -d: -f3- >wants
[ -s wants ]
while read -r probe; do
    grep -qx "$probe" has || { echo "there is no probe $probe" && exit 1; }
done <wants
! command -v bpftrace >/dev/null || [ "$(id -u)" != 0 ] || {
    sed "s/-p PID/-d/; s|\./finance|$PWD/g.o|" "$block" >script
    sh script >said 2>&1 || ! grep -i 'syntax error' said || exit 1
}
