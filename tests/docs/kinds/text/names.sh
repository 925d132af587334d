# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# A drawing: what it calls by a name of C, what stands behind -> or before a number is in a file, or in those of a directory.
grep -oE '[a-z]+_[a-z_]+|->[a-z_]+|[a-z]+ [0-9]' "$block" | sed 's/^->//; s/ [0-9]$//' | sort -u >names
[ -s names ]
while read -r name; do
    (cd "$TOP" && grep -rqw "$name" "$@") || { echo "$name is in none of: $*" && exit 1; }
done <names
