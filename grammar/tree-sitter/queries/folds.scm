[
  (graph)
  (state)
  (struct)
  (enum)
  (parameters)
  (body)
  (when)
  (match)
  (branches)
  (comment)
] @fold
