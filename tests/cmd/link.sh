# no-coverage
# Any program links with the library: no two of its files define one name, and all that they define
# begins with dfl.
# (ASan adds marks of its own to a library.)
nm -g --defined-only "$DFLRT/libdflrt.a" | awk 'NF == 3 && $3 !~ /^__odr_asan/ { print $3 }' | sort >names
[ "$(wc -l <names)" -gt 100 ]
[ -z "$(uniq -d names)" ] || { uniq -d names; exit 1; }
! grep -v '^dfl_' names
