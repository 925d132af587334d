# What vim shows of every sample and of every program under tests/exec is what dflc takes it for; :make and = work.
# no-asan: it is vim that is looked at
command -v vim >/dev/null && vim --version | grep -q '+syntax' || { echo "skipped: no vim with syntax" && exit 0; }
! "$DFLC" lsp </dev/null 2>&1 | grep -q jansson || { echo "skipped: no jansson" && exit 0; }
find "$TOP/samples" "$TOP/tests/exec" "$TOP/tests/lsp/files" -name '*.dfl' | sort >files
printf 'graph g {\n    state { in x : i32; }\n    node a (in x, x);\n    start -> a -> end;\n}\n' >bad.dfl
cat >indent.dfl <<'END'
graph g {
    state {
        in x : i32;     // a { in a comment
    }

    node a (in x);
    start -> a -> when {
        x > 1 -> [
            b,
            c
        ];
        else -> match x {
            1 -> a;
        }
    }
}
END
FILES=$PWD/files FOUND=$PWD/found HOME=$PWD \
    timeout 300 vim -u NONE -i NONE -n -es --cmd "set runtimepath^=$TOP/grammar/vim" -S "$TOP/tests/editors/vim.vim" </dev/null >log 2>&1 || true
cat found log
[ "$(wc -l <found)" = 1 ]
[ "$(sed 's/tokens: //' found)" -gt 5000 ]
