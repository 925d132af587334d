# shellcheck shell=sh disable=SC2154
# The examples of the README, as soon as it marks one as dfl.
cd "$TOP"
grep -q '^```dfl' README.md || exit 0
exec tests/docs.sh README.md
