# shellcheck shell=sh disable=SC2154
# Every example of the language reference compiles, or is refused as it says.
cd "$TOP" && exec tests/docs.sh grammar/README.md
