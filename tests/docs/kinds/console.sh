# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Commands behind '$ ', each with what it prints (said.lib). What the page takes as there is made by ../given.
block=$1 page=$2
given=$TOP/tests/docs/given/$(echo "${page%.md}" | tr / _).sh
. "$TOP/tests/docs/said.lib"
PATH=$(dirname "$DFLC"):$PATH
[ ! -e "$given" ] || . "$given"
awk '/^\$ / { k++; print substr($0, 3) > ("command." k); printf "" > ("wanted." k); next }
    k { print > ("wanted." k) }
    !k { print "output before the first command"; exit 1 }' "$block"
k=0
while [ -e "command.$((k += 1))" ]; do
    sh "command.$k" >said 2>&1 || true
    matches "wanted.$k" said || { cat "command.$k" said; exit 1; }
done
[ $k -gt 1 ]
