# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# A form and its parts: the words of the first column, those of lists in lower case, are members of the structs of a file.
awk 'NR > 1 { sub(/^ */, ""); sub(/  .*/, ""); n = split($0, part, /, /); for (i = 1; i <= n; i++) print part[i] }' "$block" >parts
[ -s parts ]
while read -r part; do
    grep -qw "$part" "$TOP/$1" || { echo "$1 has no '$part'" && exit 1; }
done <parts
