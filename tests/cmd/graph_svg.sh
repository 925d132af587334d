# What is drawn of every construct; that no name and no text of a guard is markup; that nothing overlaps,
# at any size; and the same bytes each time.
overlaps="awk -f $TOP/tests/graph/overlaps.awk"
cp "$TOP/tests/graph/everything.dfl" .
svg() {
    "$DFLC" graph -w --format svg "$@"
}
well_formed() {
    ! command -v xmllint >/dev/null || xmllint --noout "$1"
}
svg everything.dfl >all.svg

# A place, an edge and a label each carry their names.
for part in '<g class="node pause" id="everything/subgraph">' '<g class="node router" id="everything/pick">' \
    '<g class="choice" id="everything/choice\.[0-9]*">' '<g class="section each" id="everything/section\.2">' \
    '<g class="graph" id="everything/team">' '<g class="node checkpoint" id="everything/team/digest">' \
    '<path class="edge error" id="everything/graph>3" data-from="everything/graph"' \
    '<path class="edge timeout" id="everything/graph>2"' '<path class="edge loop" id="everything/style>1"' \
    '<g class="label else" data-edge="everything/style>2">' '>urgent max 3</text>' '>retry 2</text>'; do
    sed 's/&#62;/>/g' all.svg | grep -q -- "$part" || { echo "there is no $part"; exit 1; }
done

# Costs and decisions only when they are asked for.
! grep -q 'cost 100us\|60us' all.svg
svg --costs everything.dfl >costs.svg
grep -q '>cost 100us<' costs.svg
grep -q '>an element takes 130us<' costs.svg
grep -q '>cost 1ms<' costs.svg
svg --costs -fsections=inline everything.dfl | grep -q 'inline: -fsections says so'
$overlaps costs.svg

# One graph of several.
svg --graph research everything.dfl >one.svg
grep -q 'id="research/digest"' one.svg
! grep -q everything one.svg

# The checker is one: a box that is moved onto another, and an edge that is.
sed '/id="research\/digest"/s/y="[0-9]*" width/y="190" width/' one.svg >moved.svg
$overlaps moved.svg >said && exit 1
grep -q 'research/search and research/digest overlap\|research/digest and research/search overlap' said
sed '/id="research\/digest&#62;1"/s/ d="M/ d="M0 190L500 190L/' one.svg >moved.svg
$overlaps moved.svg >said && exit 1
grep -q 'the edge research/digest&#62;1 runs through research/search' said

# Texts that would be markup, control characters, what turns the direction of text, what is no UTF-8.
{
    echo 'graph hostile { state { in a : string; n : i32; }'
    echo 'node x (in a, out n); node y (in a, out n); node z (in a, out n);'
    printf 'start -> x -> match a { "</text><script>alert(1)</script>" -> y;\n'
    printf ' "&amp;\\"\x27]]>", "\\x01\\u202e\xe2\x80\xae" -> z; "\xf0\x9f\x98\x80 \xe7\xb7\x91" -> y; else -> end; }\n'
    echo 'y, z -> end; }'
} >hostile.dfl
svg hostile.dfl >hostile.svg
well_formed hostile.svg
! grep -q '<script' hostile.svg
grep -q '&#60;/text&#62;&#60;script&#62;' hostile.svg
grep -c "$(printf '\xe2\x80\xae')" hostile.svg | grep -qx 0
$overlaps hostile.svg

# Long names break, and what is cut stands in a title.
long=$(awk 'BEGIN { for (i = 0; i < 13; i++) printf "very_long_name%s", i < 12 ? "_" : "" }')
cat >long.dfl <<END
graph $long { state { in f_${long} : i32; out b : i32; }
    node n_${long} (in f_${long}, out b);
    start -> n_${long} when f_${long} > 1 && f_${long} < 10;
    start -> end;
    n_${long} -> end;
}
END
svg long.dfl >long.svg
well_formed long.svg
$overlaps long.svg
grep -q "<title>n_${long}</title>" long.svg
grep -q "<title>f_${long} &#62; 1 &#38;&#38; f_${long} &#60; 10</title>" long.svg
width=$(sed -n '1s/.* width="\([0-9]*\)".*/\1/p' long.svg)
[ "$width" -lt 1200 ]

# Graphs of all sizes: chains with loops, choices, errors, sections and edges from everywhere to one place.
graph() { # nodes, kind
    awk -v n="$1" -v kind="$2" 'BEGIN {
        print "graph g { state { in a : i32; b : i32; n : i32[] merge append; out c : i32; }"
        print "node last (inout b);\nlast -> end;"
        for (i = 0; i < n; i++) print "node n" i (kind == "fan" ? "(in a, out n)" : "(in a, inout b, out c)") ";"
        if (kind == "fan") {
            for (i = 0; i < n; i++) printf "%s n%d", (i ? "," : "start -> ["), i
            print "] inline -> last; }"
            exit
        }
        print "start -> n0;"
        seed = 7
        for (i = 0; i < n; i++) {
            seed = (seed * 1103 + 12345) % 65536
            back = kind == "far" ? seed % n : i > seed % 9 ? i - seed % 9 : 0
            ahead = i + 2 + seed % 5
            print "n" i " -> n" back " when a == " i " && b < " seed " max 3;"
            print "n" i " -> " (ahead < n ? "n" ahead : "end") " when b > " seed ";"
            print "n" i " -> " (i + 1 < n ? "n" i + 1 : "last") ";"
            if (seed % 3 == 0) print "n" i " -> last on error;"
        }
        print "}"
    }'
}
case $SANITIZE in
'') most=2000 looked_at=120 ;;
*) most=400 looked_at=50 ;; # it is the checker that takes the time, and it has no sanitizer
esac
for kind in near fan far; do
    for n in 5 50 120 $most; do
        graph $n $kind >big.dfl
        timeout 60 "$DFLC" graph -w --format svg big.dfl >big.svg
        [ "$(grep -c '<g class="node" id="g/n' big.svg)" = "$n" ]
        [ $n -gt $looked_at ] || $overlaps big.svg
        [ $n -gt $looked_at ] || well_formed big.svg
        svg big.dfl | cmp - big.svg
    done
    # The text grows with the graph, no faster.
    graph $((most / 4)) $kind >quarter.dfl
    [ "$(wc -c <big.svg)" -lt $(($(svg quarter.dfl | wc -c) * 6)) ]
done

# Edges that are too long say where they lead instead.
grep -q '<g class="label loop far" data-edge="g/n[0-9]*&#62;[0-9]">.*→ n[0-9]*</text>' big.svg
