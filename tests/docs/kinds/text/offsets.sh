# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# What lies where in a segment and in a record: nothing overlaps and nothing is left out, and a store has it so.
awk 'substr($0, 1, 6) ~ /[0-9]$/ {
        if ($1 != at) { print "offset " $1 ", where " at + 0 " is next"; exit 1 }
        at += last = $2 ~ /^[0-9]+$/ ? $2 : 0
        rows++
    }
    END { exit rows < 8 || last }' "$block"

. "$TOP/tests/docs/given/README.sh"
log=parcels/00000001.log
text() { tail -c +$(($1 + 1)) $log | head -c "$2" | tr -d '\0'; }
number() { tail -c +$(($1 + 1)) $log | head -c "$2" | od -An -v -tu1 | tr -s ' ' '\n' | awk 'NF { n += $1 * f ^ i++ } END { print n + 0 }' f=256; }
offset_of() { awk -v what="$1" 'index($0, what) { print $1 }' "$block"; }
if grep -q '"dflclog' "$block"; then
    [ "$(text "$(offset_of '"dflclog')" 7)" = dflclog ]
    [ "$(number "$(offset_of version)" 4)" = 1 ]
    [ "$(number "$(offset_of "segment's number")" 4)" = 1 ]
    [ "$(number "$(offset_of zero)" 20)" = 0 ]
    [ "$(text "$(offset_of 'records, each')" 4)" = dflr ]
else
    at=64 seen=0 id=0
    while [ "$(text $((at + $(offset_of '"dflr"'))) 4)" = dflr ]; do
        at_type=$((at + $(offset_of 'type: ')))
        thread=$(number $((at + $(offset_of 'length of the thread'))) 2)
        next=$(number $((at + $(offset_of 'name of the next'))) 2)
        graph=$(number $((at + $(offset_of "graph's name"))) 2)
        names=$((at + $(offset_of 'thread id, next')))
        if [ "$(number $at_type 1)" = 1 ]; then
            seen=$((seen + 1))
            [ "$(text $names "$thread")" = anna ]
            [ "$(text $((names + thread + next)) "$graph")" = order ]
            [ "$(number $((at + $(offset_of 'follows'))) 8)" = $id ]
            id=$(number $((at + $(offset_of 'id, rising'))) 8)
            [ "$(number $((at + $(offset_of 'been executed'))) 8)" = $((seen - 1)) ]
        fi
        at=$((names + thread + next + graph + $(number $((at + $(offset_of 'length of the body'))) 4)))
        at=$(((at + 7) / 8 * 8))
    done
    [ $seen = 4 ] || { echo "$seen checkpoints of 4 were found by these offsets" && exit 1; }
fi
