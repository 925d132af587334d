" Graphs of dflc.
if exists('b:did_ftplugin')
    finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s comments=s1:/*,mb:*,ex:*/,:// formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=4 softtabstop=4
setlocal formatprg=dflc\ fmt\ - suffixesadd=.dfl include=^\\s*import
compiler dfl

let b:undo_ftplugin = 'setlocal commentstring< comments< formatoptions< expandtab< shiftwidth< softtabstop<'
            \ . ' formatprg< suffixesadd< include< makeprg< errorformat<'
