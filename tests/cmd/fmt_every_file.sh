# Every third .dfl of the tests, by its name, and every other one of the tree: laid out, it means the same (the same AST), keeps its comments in order,
# and stays as it is when it is laid out again. One with a syntax error is left alone.
# no-asan: 500 files one by one; the sanitizers see what lays them out in fmt/ and fuzz/
n=0
for file in $(find "$TOP/tests" "$TOP/samples" "$TOP/bench" -name '*.dfl'); do
    case $file in
    "$TOP"/tests/*) [ $(($(printf %s "${file##*/}" | cksum | cut -d' ' -f1) % 3)) = 0 ] || continue ;;
    esac
    if ! "$DFLC" --dump=ast "$file" >before.ast 2>/dev/null; then
        cp "$file" broken.dfl
        ! "$DFLC" fmt -i broken.dfl 2>message || { echo "$file is accepted"; exit 1; }
        cmp "$file" broken.dfl
        [ -s message ]
        continue
    fi
    "$DFLC" fmt "$file" >once.dfl
    "$DFLC" --dump=ast once.dfl >after.ast
    cmp before.ast after.ast || { echo "$file means something else"; exit 1; }
    "$DFLC" fmt once.dfl | cmp once.dfl - || { echo "$file does not stay"; exit 1; }
    for copy in "$file" once.dfl; do
        grep -o '//.*' "$copy" | sed 's/[[:space:]]*$//' >"comments.$([ "$copy" = once.dfl ] && echo b || echo a)"
    done
    cmp comments.a comments.b || { echo "$file loses comments"; exit 1; }
    n=$((n + 1))
done
[ $n -gt 50 ]
