# What is drawn, and that every member of the JSON is in its manual.
cp "$TOP/tests/graph/everything.dfl" .
"$DFLC" graph --graph research everything.dfl >one.dot
grep -q '"research/digest"' one.dot
! grep -q everything one.dot
"$DFLC" graph everything.dfl >all.dot
grep -q '"everything/team/plan" -> "everything/team/section 1 fork"' all.dot
"$DFLC" graph - <everything.dfl | cmp - all.dot
"$DFLC" graph --format=dot everything.dfl | cmp - all.dot
"$DFLC" graph -fsections=inline everything.dfl | grep -q 'inline: -fsections says so'
"$DFLC" graph --format json --graph everything everything.dfl >both.json
grep -c '"entry"' both.json | grep -qx 7               # research too, since it runs there

# Twice the same bytes; errors instead of half a picture.
for format in dot mermaid json svg; do
    "$DFLC" graph --format $format everything.dfl >first
    "$DFLC" graph --format $format everything.dfl | cmp - first
    printf 'graph g {\n    start -> nowhere -> end;\n}\n' >bad.dfl
    status=0
    "$DFLC" graph --format $format bad.dfl >out 2>message || status=$?
    [ $status = 1 ] && [ ! -s out ] && grep -q "unknown node 'nowhere'" message
done

# A graph that runs a graph that runs ... twice each: the picture stays finite.
{
    echo 'graph g0 { state { a : i32; } node n (inout a); start -> n -> end; }'
    for i in $(seq 1 10); do
        echo "graph g$i { state { a : i32; }
            node l runs g$((i - 1)) (in a, out a); node r runs g$((i - 1)) (in a, out a);
            start -> l -> r -> end; }"
    done
} >nested.dfl
"$DFLC" graph --graph g10 nested.dfl >nested.dot
grep -q '"g10/l/l/l/l/l/l/l/l/l/l/n"' nested.dot

for name in $(cat "$TOP"/tests/graph/*.json both.json | grep -o '"[A-Za-z]*":' | tr -d '":' | sort -u); do
    grep -q "\`$name\`" "$TOP/dflc/formats.md" || { echo "formats.md lacks $name"; exit 1; }
done
