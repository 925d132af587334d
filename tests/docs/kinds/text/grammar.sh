# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Files that are made by these rules by chance, until each alternative has been in some, are read by dflc; and each word that
# the scanner knows stands in a rule.
awk -v seed=7 -f "$TOP/tests/docs/kinds/text/grammar.awk" "$block" >made
[ "$(grep -c '^' made)" -ge 300 ]
n=0
while read -r line; do
    n=$((n + 1))
    printf '%s\n' "$line" | sed 's/{%/\n{%/g' >g.dfl
    "$DFLC" fmt g.dfl 2>&1 | grep 'error: ' >said || continue
    ! grep -v 'given twice\| is either \| is taken either \|an edge has one' said >bad || { echo "by these rules it is a file, and dflc says:" && cat g.dfl bad && exit 1; }
done <made
for word in $(sed -n 's/^ *{"\([a-z0-9]*\)", T_[A-Z0-9_]*},.*/\1/p' "$TOP/grammar/dfl.l" | sort -u); do
    grep -qw "$word" "$block" || echo "$word"
done >absent
# Words of expressions, which have a table of their own.
[ -z "$(grep -vxE 'is|len|some|with' absent)" ] || { echo "no rule has:" && cat absent && exit 1; }
