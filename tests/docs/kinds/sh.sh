# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# A script, run as it stands, with a home of its own, where build/ is the repository's.
block=$1 page=$2
HOME=$PWD/home && mkdir "$HOME" && export HOME
ln -s "$TOP/build" build
case $page in grammar/tree-sitter/*) make -s -C "$TOP" treesitter ;; esac
sh -eux "$block"
[ -n "$(find "$HOME" -type f)" ]
