# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# A word of the language names a node exactly if it is not among these.
tr -s ' ' '\n' <"$block" | sed '/^$/d' | sort >want
sed -n 's/^ *{"\([a-z0-9]*\)", T_[A-Z0-9_]*},.*/\1/p' "$TOP/grammar/dfl.l" | sort -u >all
[ "$(wc -l <all)" -gt 60 ]
sort -u want all | while read -r word; do
    printf 'graph g { node %s (); }\n' "$word" | "$DFLC" fmt - >/dev/null 2>&1 || echo "$word"
done | diff want -
