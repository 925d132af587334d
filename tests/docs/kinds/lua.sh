# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# For Neovim, which runs it where it is; else Lua reads it.
block=$1
for lua in luac5.4 luac5.3 luac; do
    ! command -v $lua >/dev/null || { $lua -p "$block" && read=yes && break; }
done
if command -v nvim >/dev/null; then
    nvim --headless -u NONE -c "luafile $block" -c 'lua assert(#vim.api.nvim_get_autocmds({ event = "FileType", pattern = "dfl" }) == 1)' \
        -c quit >said 2>&1 && [ ! -s said ] || { cat said && exit 1; }
elif [ -z "${read-}" ]; then
    echo "not read: blocks of lua; there is neither luac (lua5.4) nor nvim (neovim)" && exit 77
fi
