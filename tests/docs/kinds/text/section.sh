# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# What the C of the sample says above its section, on one line.
"$DFLC" -w -d . "$TOP/samples/finance/finance.dfl"
tr -s ' *\n' ' ' <finance.c | grep -qF "$(cat "$block")" || { grep -A3 'Threads as' finance.c; exit 1; }
