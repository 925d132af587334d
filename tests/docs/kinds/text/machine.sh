# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Some lines of a machine file; with the other lines of one it is a file that dflc takes.
sed '/^\.\.\.$/d' "$block" >some
[ -s some ]
sed 's/#.*//; s/ *=.*//; /^$/d' some | sort >keys
cp "$TOP/tests/explain/eight_cpus.machine" whole
sed 's/#.*//; s/ *=.*//; /^$/d' whole | sort -u >all
[ -z "$(comm -23 keys all)" ] || { comm -23 keys all && exit 1; }
awk 'NR == FNR { key[$1] = 1; next } !($1 in key)' some whole >rest
cat some rest >file.machine
printf 'graph g { node a (); node b (); start -> [a, b] -> end; }\n' >g.dfl
"$DFLC" check -w --machine file.machine g.dfl
