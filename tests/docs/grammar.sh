# shellcheck shell=sh disable=SC2154
# Every example of the language reference compiles, or is refused as it says; and each command has its line there.
cd "$TOP"
for command in $("$DFLC" --help | sed -n 's/^       dflc \([a-z]*\) .*/\1/p'); do
    grep -q "^dflc $command " grammar/README.md || { echo "grammar/README.md: no line for dflc $command"; exit 1; }
done
exec tests/docs.sh grammar/README.md
