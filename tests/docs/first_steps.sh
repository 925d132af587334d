# shellcheck shell=sh
# no-asan
# grammar/first-steps.md, typed as it stands: files are what its fences hold that begin with their name, fences with `sh` are
# run one after another, and the plain one behind says what comes out (said.lib).
awk '/^```/ { open = !open; if (open) { k++; kind = substr($0, 4); print k, kind == "" ? "plain" : kind; n = 0 } next }
    open { print > ("block." k) }' "$TOP/grammar/first-steps.md" >blocks
PATH=$(dirname "$DFLC"):$PATH
export PATH
[ "$(wc -l <blocks)" -gt 10 ]

. "$TOP/tests/docs/said.lib"

: >said
while read -r k kind; do
    case $kind in
    sh) cp "block.$k" script && { { echo "set -e; DFLRT=$DFLRT"; grep -v '^DFLRT=' script; } | sh >said 2>&1 || { cat script said; exit 1; }; } ;;
    plain) matches "block.$k" said || { echo "block $k of first-steps.md, and what came:"; cat said; exit 1; } ;;
    *) name=$(sed -n '1s,^\(//\|/\*\) \([a-z]*\.[a-z]*\).*,\2,p' "block.$k") && [ -n "$name" ] && cp "block.$k" "$name" ;;
    esac
done <blocks
[ -s monday.html ]
