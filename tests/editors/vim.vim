" Compares what the syntax file makes of each file with what `dflc lsp` says its tokens are. $DFLC, $FILES, $FOUND.
set encoding=utf-8 nocompatible
filetype plugin indent on
syntax on
let s:wrong = []

function s:Framed(message) abort
    let body = json_encode(a:message)
    return 'Content-Length: ' . strlen(body) . "\r\n\r\n" . body
endfunction

" The numbers of the answer; columns are in bytes, as vim's.
function s:Tokens(text) abort
    let uri = 'file:///none/a.dfl'
    let said = s:Framed({'jsonrpc': '2.0', 'id': 1, 'method': 'initialize',
                \ 'params': {'capabilities': {'general': {'positionEncodings': ['utf-8']}}}})
    let said .= s:Framed({'jsonrpc': '2.0', 'method': 'textDocument/didOpen',
                \ 'params': {'textDocument': {'uri': uri, 'version': 1, 'text': a:text}}})
    let said .= s:Framed({'jsonrpc': '2.0', 'id': 2, 'method': 'textDocument/semanticTokens/full',
                \ 'params': {'textDocument': {'uri': uri}}})
    for body in split(system($DFLC . ' lsp 2>/dev/null', said), 'Content-Length: \d\+\r\n\r\n')
        let message = json_decode(body)
        if get(message, 'id', 0) == 2
            return message.result.data
        endif
    endfor
    return []
endfunction

" By the server's number: what the group must be; names must be no text.
let s:must = {7: '^dflType$', 8: '^dfl\%(Declaration\|Flow\|Mode\|Word\|Constant\)$', 9: '^dflNumber$',
            \ 10: '^dfl\%(String\|Header\|Escape\)$', 11: '^dfl\%(Comment\|Todo\)$'}

function s:Check(file) abort
    execute 'edit' fnameescape(a:file)
    if &filetype !=# 'dfl'
        call add(s:wrong, a:file . ': filetype ' . &filetype)
    endif
    let data = s:Tokens(join(getline(1, '$'), "\n") . "\n")
    if empty(data)
        call add(s:wrong, a:file . ': no tokens')
    endif
    let line = 1
    let column = 1
    for i in range(0, len(data) - 1, 5)
        let column = data[i] == 0 ? column + data[i + 1] : data[i + 1] + 1
        let line += data[i]
        for at in [column, column + data[i + 2] - 1]
            let group = synIDattr(synID(line, at, 1), 'name')
            let ok = has_key(s:must, data[i + 3]) ? group =~# s:must[data[i + 3]]
                        \ : group !~# '^dfl\%(String\|Comment\|Number\)$'
            if !ok
                call add(s:wrong, printf('%s:%d:%d: %s, and the token is a %d', a:file, line, at, group, data[i + 3]))
            endif
        endfor
    endfor
    let s:tokens = get(s:, 'tokens', 0) + len(data) / 5
endfunction

for file in readfile($FILES)
    call s:Check(file)
endfor

" The quickfix list of what dflc says, and the indent.
compiler! dfl
cgetexpr system($DFLC . ' check bad.dfl 2>&1')
let items = map(getqflist(), {_, v -> [bufname(v.bufnr), v.lnum, v.col, v.type]})
if items !=# [['bad.dfl', 3, 19, 'e'], ['bad.dfl', 3, 16, 'n']]
    call add(s:wrong, 'quickfix: ' . string(items))
endif
edit indent.dfl
let laid = getline(1, '$')
%left
normal! gg=G
if getline(1, '$') !=# laid
    call add(s:wrong, 'indent: ' . string(getline(1, '$')))
endif
call writefile(s:wrong + ['tokens: ' . s:tokens], $FOUND)
qall!
