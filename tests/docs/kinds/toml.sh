# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# For Helix; what it makes of the names it says itself where it is installed.
block=$1
if command -v hx >/dev/null; then
    HOME=$PWD && XDG_CONFIG_HOME=$PWD/.config && export HOME XDG_CONFIG_HOME
    mkdir -p .config/helix && cp "$block" .config/helix/languages.toml
    hx --health dfl >said 2>&1 || { cat said && exit 1; }
    grep -q 'dflc' said
elif python3 -c 'import tomllib' 2>/dev/null; then
    python3 -c 'import sys, tomllib
dfl, = tomllib.load(open(sys.argv[1], "rb"))["language"]
assert dfl["name"] == "dfl" and dfl["language-servers"] == ["dflc"]' "$block"
else
    echo "not read: blocks of toml; there is neither python3 of 3.11 or later nor hx (helix)" && exit 77
fi
