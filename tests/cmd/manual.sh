# The manual pages say all that they are to say, are laid out without a warning, and their examples run.
# no-asan: what is shown is the same
command -v scdoc >/dev/null || { echo "skipped: no scdoc" && exit 0; }
make -s -C "$TOP" man >log
pages=$TOP/build/man

for page in dflc.1 dfl.5 dfl.h.3; do
    grep -q '^\.TH "[^"]*" "[135]" "" "dflc [0-9.]*"' "$pages/$page"
    if command -v groff >/dev/null; then
        groff -t -man -ww -Tutf8 "$pages/$page" >shown 2>warnings
        [ ! -s warnings ] || { cat warnings && exit 1; }
    fi
done

# Of each command all that --help shows.
sed 's/\\f.//g; s/\\&//g; s/\\-/-/g' "$pages/dflc.1" >plain
commands=$("$DFLC" --help | sed -n 's/^       dflc \([a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 11 ]
for command in '' $commands; do
    grep -q "^\.SS dflc $command" plain
    "$DFLC" $command --help >help
    sed -n '/^options:/,/^$/s/^  \(-[^ ]*\( [A-Z][A-Za-z.]*\)\{0,1\}\) .*/\1/p' help >flags
    [ -s flags ]
    while read -r flag; do
        grep -qxFe "$flag" plain || { echo "dflc.1 lacks '$flag' of '$command'" && exit 1; }
    done <flags
done
"$DFLC" --help | sed -n '/^warnings:/,/^$/s/^  \([a-z-]*\) .*/\1/p' >warnings
while read -r warning; do
    grep -qx "$warning" plain
done <warnings

# Every function for people.
sed 's/\\&//g; s/\\-/-/g' "$pages/dfl.h.3" >plain
sed '/^\/\* For generated code/,$d' "$TOP/runtime/dfl.h" |
    grep -o '\<dfl_[a-z0-9][a-z0-9_]*(' | sort -u >functions
[ "$(wc -l <functions)" -gt 60 ]
while read -r function; do
    grep -qF "$function" plain || { echo "dfl.h.3 lacks $function)" && exit 1; }
done <functions
[ -z "$(grep '^#\(if\|endif\|pragma\)\|DFL__PRINTF' plain)" ]

# What is declared for each graph is what a header has.
sed -n '/^```/,/^```/{/^```/!p;}' "$TOP/dflc/package/man/dfl.5.scd" >review.dfl
"$DFLC" -w review.dfl
{ echo '#include "review.h"' && sed -n '/^```/,/^```/{/^```/!p;}' "$TOP/dflc/package/man/dfl.h.3.scd" | sed 's/GRAPH/review/g; s/;  .*/;/'; } >declared.c
[ "$(grep -c ');$' declared.c)" -gt 12 ]
"${CC:-cc}" -std=c11 -Wall -Werror -I"$DFLRT" -c declared.c
rm -f review.c review.h

# The examples.
sed -n '/^```/,/^```/{/^```/!p;}' "$TOP/dflc/package/man/dfl.5.scd" >review.dfl
"$DFLC" -Werror -Wno-missing-cost review.dfl
PATH=$(dirname "$DFLC"):$PATH
sed -n '/^# EXAMPLES/,$p' "$TOP/dflc/package/man/dflc.1.scd" >examples
sed -n '/^dflc /p' examples >commands
[ "$(wc -l <commands)" = 3 ]
sh -e commands >said
grep -qx 'Hello, world! Hello, world! Hello, world!' said
grep -q '^<svg' hello.svg
mkdir by-make && cd by-make
sed -n '/^%.c/,/^-include/p' ../examples >Makefile
cp ../review.dfl .
make -s review.c
[ -e review.d ]
make -q review.c
