# Where the result of fmt goes, and what it returns.
printf 'graph g{start->end;}\n' >a.dfl
printf 'graph g {\n    start -> end;\n}\n' >good.dfl
cp a.dfl b.dfl

"$DFLC" fmt a.dfl | cmp - good.dfl                  # standard output, the file is untouched
cmp a.dfl b.dfl
"$DFLC" fmt - <a.dfl | cmp - good.dfl
"$DFLC" fmt a.dfl good.dfl >both
cat good.dfl good.dfl | cmp - both

status=0
"$DFLC" fmt --check a.dfl good.dfl b.dfl >names || status=$?
[ $status = 1 ]
printf 'a.dfl\nb.dfl\n' | cmp - names
"$DFLC" fmt --check good.dfl >names
[ ! -s names ]
status=0
"$DFLC" fmt --check - <a.dfl >names || status=$?
[ $status = 1 ] && [ "$(cat names)" = '<stdin>' ]

touch -d '2001-01-01' good.dfl 2>/dev/null || touch -t 200101010000 good.dfl
cp -p good.dfl old.dfl
"$DFLC" fmt -i a.dfl good.dfl
cmp a.dfl good.dfl
[ ! good.dfl -nt old.dfl ]                          # what was good is not written
[ "$(ls)" = "$(printf 'a.dfl\nb.dfl\nboth\ngood.dfl\nnames\nold.dfl')" ]

printf 'graph g { start -> ; }\n' >broken.dfl       # an error in one file leaves the others be
cp broken.dfl kept
status=0
"$DFLC" fmt -i broken.dfl b.dfl 2>message || status=$?
[ $status = 1 ]
cmp broken.dfl kept
cmp b.dfl good.dfl
grep -q '^broken.dfl:1:20: error: ' message

status=0
"$DFLC" fmt nowhere.dfl 2>message || status=$?
[ $status = 2 ]
grep -qx "dflc: cannot read 'nowhere.dfl': No such file or directory" message
if [ -c /dev/full ]; then
    status=0
    "$DFLC" fmt good.dfl >/dev/full 2>message || status=$?
    [ $status = 2 ] && grep -q 'cannot write to standard output' message
fi
