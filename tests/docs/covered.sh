# shellcheck shell=sh disable=SC2154
# A page with an example in DFL is one that a case here compiles.
cd "$TOP"
for page in *.md */*.md */*/*.md; do
    case $page in build/*) continue ;; esac
    grep -q '^```dfl' "$page" || continue
    grep -q "$page" tests/docs/*.sh || { echo "$page has examples, and no case in tests/docs compiles them"; exit 1; }
done
