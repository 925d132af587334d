# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Each operator of a line binds tighter than those of the next ones, and from left to right; or makes no chain. What dflc
# has read shows --dump=ast.
shape() { # EXPRESSION: how it was read
    printf 'const y = %s;\n' "$1" >e.dfl
    "$DFLC" --dump=ast e.dfl 2>&1
}
sed -n '4,$p' "$block" | sed 's/   *\(in front\|not in\) .*/ # \1/; s/is none  *is some//' >levels
tail -n +2 levels | sed 's/ #.*//' >binary
unary=$(sed -n 1p levels | sed 's/ #.*//')
[ "$unary" = '-   !' ] || [ "$(echo $unary)" = '- !' ]
tighter='' n=0
set -f
while read -r line; do
    for op in $line; do
        n=$((n + 1))
        shape "a $op b" | grep -q 'error: expected' && { echo "no operator '$op'" && exit 1; }
        for tight in $tighter; do
            [ "$(shape "a $op b $tight c" | tr -d ' \n')" = "$(shape "a $op (b $tight c)" | tr -d ' \n')" ] || { echo "'$tight' is not tighter than '$op'" && exit 1; }
        done
        if grep -qF "$op" levels && grep -F " $op " levels | grep -q 'not in' || grep "^$op " levels | grep -q 'not in'; then
            shape "a $op b $op c" | grep -q 'error:' || { echo "'$op' makes a chain" && exit 1; }
        elif [ "$op" != in ]; then
            [ "$(shape "a $op b $op c" | tr -d ' \n')" = "$(shape "(a $op b) $op c" | tr -d ' \n')" ] || { echo "'$op' is not from left to right" && exit 1; }
        fi
    done
    tighter="$tighter $line"
done <binary
[ $n -ge 14 ]
