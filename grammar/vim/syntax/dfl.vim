" Graphs of dflc. Words that are keywords only where a rule has them look like keywords everywhere; what they mean
" where they stand is known to `dflc lsp`.
if exists('b:current_syntax')
    finish
endif

syntax include @dflC syntax/c.vim
unlet! b:current_syntax

syntax keyword dflDeclaration graph node predicate router include import const prefix enum struct state
syntax keyword dflFlow        start end join else when match each
syntax keyword dflMode        in out inout
syntax keyword dflWord        cost retry every up to timeout checkpoint effect pause before after was calls runs
syntax keyword dflWord        merge with transient local max on error inline threads ranks settle need
syntax keyword dflWord        limit steps marked auto never nodes is some len
syntax keyword dflType        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 string bytes map handle fault
syntax keyword dflConstant    none true false

syntax match  dflNumber   '\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][+-]\?\d\+\)\?\%(ns\|us\|ms\|s\|m\|h\)\?\>'
syntax match  dflNumber   '\<0[xX][0-9a-fA-F_]\+\>'
syntax match  dflNumber   '\<0[bB][01_]\+\>'
syntax match  dflOperator '->\|[<>=!]=\|&&\|||\|[-+*/%<>!=?|]'
syntax match  dflEscape   '\\\%(x\x\+\|\o\{1,3}\|u\x\{4}\|U\x\{8}\|.\)' contained
syntax region dflString   start='"' skip='\\.' end='"' oneline contains=dflEscape
syntax match  dflHeader   '\%(\<include\s*\)\@<=<[^<>]*>'
syntax keyword dflTodo    TODO FIXME XXX contained
syntax match  dflComment  '//.*$' contains=dflTodo,@Spell
syntax region dflComment  start='/\*' end='\*/' contains=dflTodo,@Spell
syntax region dflBody     matchgroup=dflDelimiter start='{%' end='%}' contains=@dflC

syntax sync minlines=200

highlight default link dflDeclaration Keyword
highlight default link dflFlow        Conditional
highlight default link dflMode        StorageClass
highlight default link dflWord        Keyword
highlight default link dflType        Type
highlight default link dflConstant    Constant
highlight default link dflNumber      Number
highlight default link dflOperator    Operator
highlight default link dflEscape      SpecialChar
highlight default link dflString      String
highlight default link dflHeader      String
highlight default link dflTodo        Todo
highlight default link dflComment     Comment
highlight default link dflDelimiter   Delimiter

let b:current_syntax = 'dfl'
