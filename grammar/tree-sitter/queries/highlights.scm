; What a word is where it stands, each captured once. What a name of an expression stands for is not known here:
; `dflc lsp` knows it, and its semantic tokens go over these colors.

[
  "graph" "node" "predicate" "router" "include" "import" "const" "prefix" "enum" "struct" "state"
  "start" "end" "join" "else" "when" "match" "each"
  "in" "out" "inout"
  "cost" "retry" "every" "up" "to" "timeout" "checkpoint" "effect" "pause" "before" "after" "was" "calls" "runs"
  "merge" "with" "transient" "local" "max" "on" "error" "inline" "threads" "ranks" "settle" "need"
  "limit" "steps" "marked" "auto" "never" "nodes" "is" "some" "len"
] @keyword

[ "true" "false" "none" ] @constant.builtin

[ "->" "=" "==" "!=" "<" "<=" ">" ">=" "&&" "||" "!" "+" "-" "*" "/" "%" "?" "|" ] @operator
[ "(" ")" "[" "]" "{" "}" "{%" "%}" ] @punctuation.bracket
[ ";" "," ":" "." ] @punctuation.delimiter

(comment) @comment
[ (string) (header) ] @string
(escape) @string.escape
[ (integer) (float) (duration) ] @number

(builtin_type) @type.builtin
(type_name) @type
(enum name: (identifier) @type)
(struct name: (identifier) @type)
(graph name: (identifier) @type)
(node graph: (identifier) @type)
(prefix name: (identifier) @module)

(constant name: (identifier) @constant)
(enumerator name: (identifier) @constant)

(field name: (identifier) @variable.member)
(field was: (identifier) @variable.member)
(field reducer: (identifier) @function.builtin)
(field function: (identifier) @function)
(member name: (identifier) @variable.member)
(member_access member: (identifier) @variable.member)
(parameter name: (identifier) @variable.member !type)
(parameter name: (identifier) @variable.parameter type: (_))
(section_attribute faults: (identifier) @variable.member)

(node name: (identifier) @function)
(predicate name: (identifier) @function)
(router name: (identifier) @function)
(attribute was: (identifier) @function)
(attribute function: (identifier) @function)
(targets (identifier) @function)
(place . (identifier) @function .)
(place section: (identifier) @label)

(section variable: (identifier) @variable)
(section index: (identifier) @variable)
(reference) @variable
