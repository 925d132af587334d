" A level for each bracket that is still open at the end of the line before.
if exists('b:did_indent')
    finish
endif
let b:did_indent = 1

setlocal indentexpr=DflIndent(v:lnum) indentkeys=0{,0},0],0),!^F,o,O
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*DflIndent')
    finish
endif

" Without what is in strings and comments.
function s:Code(lnum) abort
    let text = substitute(getline(a:lnum), '"\%(\\.\|[^"\\]\)*"', '""', 'g')
    return substitute(substitute(text, '/\*.\{-}\*/', '', 'g'), '//.*', '', '')
endfunction

function s:Count(text, chars) abort
    return len(substitute(a:text, '[^' . a:chars . ']', '', 'g'))
endfunction

function DflIndent(lnum) abort
    let before = prevnonblank(a:lnum - 1)
    if before == 0
        return 0
    endif
    let text = s:Code(before)
    let open = s:Count(text, '[({') - s:Count(substitute(text, '^\s*[])}]\+', '', ''), '\])}')
    let closed = s:Count(matchstr(s:Code(a:lnum), '^\s*[])}]*'), '\])}')
    return max([0, indent(before) + (open - closed) * shiftwidth()])
endfunction
