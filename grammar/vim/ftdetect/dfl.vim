autocmd BufRead,BufNewFile *.dfl setfiletype dfl
