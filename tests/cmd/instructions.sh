# no-coverage
# Six core rows of the benchmarks take no more instructions than is committed in instructions.tsv, within 3 %. That
# file says for which compiler its numbers are; with another one, nothing is compared. Where a change is meant:
#     RENEW=1 tests/run.sh cmd/instructions        and commit instructions.tsv with it
[ -z "$SANITIZE" ] && [ "$(uname -m)" = x86_64 ] && command -v valgrind >/dev/null &&
    [ -f /usr/include/valgrind/callgrind.h ] || { echo "skipped: counts are of plain x86-64 code, by callgrind" && exit 0; }
counts=$TOP/tests/cmd/instructions.tsv
compiler=$(cc --version | head -n 1)
rows='sequential 3
sequential 5
binary route
loop of 5
fan-out 3
memory checkpoint loop'
make -s -f "$TOP/bench/rows/Makefile" CC=cc core
"$TOP/bench/rows/count.sh" ./core . >all.tsv
{
    echo "# dflc side, one run; $compiler"
    echo "$rows" | while IFS= read -r row; do
        awk -F'\t' -v row="$row" '$1 == row && $2 == "dflc" { print $1 "\t" $3 }' all.tsv
    done
} >now.tsv
[ "$(wc -l <now.tsv)" = 7 ] || { cat now.tsv && exit 1; }
[ -z "${RENEW:-}" ] || { cp now.tsv "$counts" && exit 0; }
if [ "$(head -n 1 "$counts")" != "$(head -n 1 now.tsv)" ]; then
    echo "skipped: the counts are of another compiler"
    exit 0
fi
awk -F'\t' '/^#/ { next }
    NR == FNR { before[$1] = $2; next }
    $2 > before[$1] * 1.03 { printf "%s: %d instructions, %d before\n", $1, $2, before[$1]; worse = 1 }
    $2 < before[$1] * 0.97 { printf "%s: %d instructions, %d before: renew the counts\n", $1, $2, before[$1]; worse = 1 }
    END { exit worse }' "$counts" now.tsv
