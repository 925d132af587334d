# shellcheck shell=sh
# no-asan
# grammar/first-steps.md, typed as it stands: files are what its fences hold that begin with their name, fences with `sh` are
# run one after another, and the plain one behind says what comes out. A line of it may have ... for what is not the same twice,
# and be ... alone for any number of lines.
awk '/^```/ { open = !open; if (open) { k++; kind = substr($0, 4); print k, kind == "" ? "plain" : kind; n = 0 } next }
    open { print > ("block." k) }' "$TOP/grammar/first-steps.md" >blocks
PATH=$(dirname "$DFLC"):$PATH
export PATH
[ "$(wc -l <blocks)" -gt 10 ]

matches() { # EXPECTED SAID
    awk 'NR == FNR { want[++w] = $0; next } { have[++h] = $0 }
        function fits(line, form,    at) {
            at = index(form, "...")
            if (at == 0 || line == form) return line == form
            return substr(line, 1, at - 1) == substr(form, 1, at - 1)
        }
        END {
            for (i = j = 1; i <= w; i++) {
                if (want[i] == "...") {
                    while (j <= h && !(i < w && fits(have[j], want[i + 1]))) j++
                } else if (j > h || !fits(have[j++], want[i])) {
                    printf "expected: %s\n", want[i]
                    exit 1
                }
            }
            exit j <= h
        }' "$1" "$2"
}

: >said
while read -r k kind; do
    case $kind in
    sh) cp "block.$k" script && { { echo "set -e; DFLRT=$DFLRT"; grep -v '^DFLRT=' script; } | sh >said 2>&1 || { cat script said; exit 1; }; } ;;
    plain) matches "block.$k" said || { echo "block $k of first-steps.md, and what came:"; cat said; exit 1; } ;;
    *) name=$(sed -n '1s,^\(//\|/\*\) \([a-z]*\.[a-z]*\).*,\2,p' "block.$k") && [ -n "$name" ] && cp "block.$k" "$name" ;;
    esac
done <blocks
[ -s monday.html ]
