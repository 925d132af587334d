; As Helix wants it; Neovim indents by ../../vim.

[
  (enum)
  (struct)
  (graph)
  (state)
  (parameters)
  (when)
  (match)
  (branches)
] @indent

[ "}" "]" ")" ] @outdent
