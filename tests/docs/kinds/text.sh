# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# What is no language but says something definite: `text NAME WORD...` is held by text/NAME.sh against what it is about.
block=$1 page=$2 name=${3:?text of no kind} && shift 3
[ -e "$TOP/tests/docs/kinds/text/$name.sh" ] || { echo "there is no kind 'text $name'; tests/docs/kinds/text has those that there are"; exit 1; }
. "$TOP/tests/docs/kinds/text/$name.sh"
