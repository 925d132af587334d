# What explain says on the whole, and that every member of its JSON is in its manual.
cp "$TOP"/tests/explain/*.dfl .
"$DFLC" explain copies.dfl >all.txt 2>message
[ ! -s message ]                                      # what is advice stands there, once
"$DFLC" explain - <plain.dfl | sed 's/<stdin>/plain.dfl/' >stdin.txt
"$DFLC" explain plain.dfl | cmp - stdin.txt
"$DFLC" explain --graph child choices.dfl >child.txt
grep -q 'graph child' child.txt
! grep -q 'graph parent' child.txt
"$DFLC" explain -fsections=threads copies.dfl | grep -q 'threads: -fsections says so'
"$DFLC" explain -Wno-could-parallel copies.dfl >quiet.txt
grep -q could-parallel all.txt
! grep -q could-parallel quiet.txt

# Nothing is written but to standard output; errors instead of half a text; other warnings as ever.
printf 'graph g {\n    start -> nowhere -> end;\n}\n' >bad.dfl
for flag in '' --json; do
    status=0
    "$DFLC" explain $flag bad.dfl >out 2>message || status=$?
    [ $status = 1 ] && [ ! -s out ] && grep -q "unknown node 'nowhere'" message
done
printf 'graph g { state { x : i32; out y : i32; } node a (out x, y); start -> a -> end; }\n' >warns.dfl
"$DFLC" explain warns.dfl >out 2>message
grep -q unused-field message
! grep -q unused-field out
status=0
"$DFLC" explain -Werror=could-parallel copies.dfl >out 2>message || status=$?
[ $status = 1 ] && [ ! -s out ] && grep -q 'Werror=could-parallel\|could-parallel' message
[ -z "$(ls | grep '\.[ch]$')" ]

for name in $(cat "$TOP"/tests/explain/*.json | grep -o '"[A-Za-z]*":' | tr -d '":' | sort -u); do
    grep -q "\`$name\`" "$TOP/dflc/formats.md" || { echo "formats.md lacks $name"; exit 1; }
done
