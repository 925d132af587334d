" :make checks the file; errors, warnings and notes go to the quickfix list.
if exists('current_compiler')
    finish
endif
let current_compiler = 'dfl'

CompilerSet makeprg=dflc\ check\ %:S
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%-G%.%#
