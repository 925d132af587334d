# shellcheck shell=sh disable=SC2154
# Every example for who comes from LangGraph compiles; and what its tables name is there: warnings, options, functions.
cd "$TOP"
page=grammar/from-langgraph.md
tests/docs.sh $page
for name in $(grep -o '`dfl_[a-z_]*`\|`DFL_[A-Z_]*`' $page | tr -d '`' | sort -u); do
    grep -qw "$name" runtime/dfl.h || { echo "$page: there is no $name"; exit 1; }
done
for warning in unbounded-loop large-copy could-parallel missing-cost; do
    grep -q "\`$warning\`" $page && "$DFLC" --help | grep -q "^  $warning " || { echo "$page: $warning"; exit 1; }
done
for command in history fork; do
    "$DFLC" store --help | grep -q "^  $command STORE" || { echo "$page: there is no dflc store $command"; exit 1; }
done
