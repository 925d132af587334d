# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# A form of what is called $1: it without what may be absent, and with each of that alone, is read. `[a | b]` is a or b,
# or nothing.
forms() { # a form a line: all of one choice each
    awk '{
        line = $0
        none = line
        while (match(none, /\[[^][]*\]/)) none = substr(none, 1, RSTART - 1) substr(none, RSTART + RLENGTH)
        print none
        from = 1
        while (match(substr(line, from), /\[[^][]*\]/)) {
            begin = from + RSTART - 1; length_ = RLENGTH
            n = split(substr(line, begin + 1, length_ - 2), way, / \| /)
            for (i = 1; i <= n; i++) {
                one = substr(line, 1, begin - 1) "\001" way[i] "\002" substr(line, begin + length_)
                while (match(one, /\[[^][]*\]/)) one = substr(one, 1, RSTART - 1) substr(one, RSTART + RLENGTH)
                gsub(/[\001\002]/, "", one)
                print one
            }
            from = begin + length_
        }
    }' "$block" | sed 's/NAME/it/; s/\<OLD\>/before/; s/TYPE/i32/; s/DEFAULT/1/; s/REDUCER/sum/; s/PARAMETER, \.\.\./in x, out y : i32/
        s/ATTRIBUTES/cost 5us retry 2 every 1ms checkpoint/; s/{% C %}/{% (void)ctx; %}/'
}
forms >lines
[ "$(wc -l <lines)" -gt 3 ]
while read -r line; do
    case $1 in
    field) printf 'graph g { state { %s } }\n' "$line" ;;
    node) printf 'graph g { %s }\n' "$line" ;;
    esac >g.dfl
    "$DFLC" fmt g.dfl >said 2>&1 || { cat said && exit 1; }
done <lines
