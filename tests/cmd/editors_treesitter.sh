# tree-sitter reads what dflc reads, with the same C bodies and colors; it finds an error where dflc's parser does, and
# comes to an end with anything. Its parser.c is that of its grammar.js.
# no-asan: it is the grammar that is looked at
made=$TOP/grammar/tree-sitter/src/generated
[ "$(sed -n 2p "$made")" = "$(cksum <"$TOP/grammar/tree-sitter/grammar.js")" ] || {
    echo "grammar.js has changed: 'make treesitter-parser' makes parser.c of it"
    exit 1
}
if [ "$(tree-sitter --version 2>/dev/null)" = "$(head -n 1 "$made")" ]; then
    tree-sitter generate --abi 14 -o generated "$TOP/grammar/tree-sitter/grammar.js"
    cmp generated/parser.c "$TOP/grammar/tree-sitter/src/parser.c"
else
    echo "parser.c was not made again: this is not $(head -n 1 "$made")"
fi

pkg-config --exists tree-sitter || { echo "skipped: no libtree-sitter" && exit 0; }
! "$DFLC" lsp </dev/null 2>&1 | grep -q jansson || { echo "skipped: no jansson" && exit 0; }
build=$(dirname "$DFLC") grammar=$TOP/grammar/tree-sitter
# shellcheck disable=SC2046 # lists of flags are split on purpose
{
    gcc -O0 -I"$grammar/src" -c -o parser.o "$grammar/src/parser.c"
    gcc -O1 -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$grammar/src" -c -o scanner.o \
        "$grammar/src/scanner.c"
    gcc -O0 -g -std=gnu11 -Wall -Wextra -Werror -I"$TOP" -I"$TOP/dflc" $(pkg-config --cflags tree-sitter jansson) \
        -o treesitter "$TOP/tests/editors/treesitter.c" parser.o scanner.o "$build/libdflc.a" "$DFLRT/libdflrt.a" \
        $(pkg-config --libs tree-sitter jansson) -lpthread -lm
}

# The examples of the manual: tests/docs.sh hands them to what keeps them.
mkdir examples
cat >keep <<'END'
#!/bin/sh
cp example.dfl "$(mktemp "$EXAMPLES/XXXXXX")"
exit 1
END
chmod +x keep
(cd "$TOP" && EXAMPLES=$OLDPWD/examples DFLC=$OLDPWD/keep tests/docs.sh grammar/README.md >/dev/null) || true
[ "$(find examples -type f | wc -l)" -ge "$(grep -c "^\`\`\`dfl" "$TOP/grammar/README.md")" ]

files=$(find "$TOP/samples" "$TOP/tests/exec" "$TOP/tests/lsp/files" -name '*.dfl' | sort)
# shellcheck disable=SC2086 # no name has a blank
{
    ./treesitter messages $files >messages
    "$DFLC" lsp <messages >answers
    timeout 60 ./treesitter colors "$grammar/queries" answers $files
    timeout 60 ./treesitter agrees $files "$TOP"/tests/*/*.dfl examples/*
}
timeout 60 ./treesitter words "$grammar/queries"
timeout 60 ./treesitter bodies
timeout 60 ./treesitter hostile

# What dflc says in words of its own, of what it has read, is no error in a tree.
refused=
for file in "$TOP"/tests/reject/syntax_*.dfl; do
    case ${file##*/syntax_} in
    comparison_chain.dfl | goes_on_after_block.dfl | goes_on_after_guard.dfl | nested_operators.dfl | not_utf8.dfl | \
        number_range.dfl | string_escape.dfl | suffix_twice.dfl) ;;
    *) refused="$refused $file" ;;
    esac
done
# shellcheck disable=SC2086
timeout 60 ./treesitter refuses $refused
