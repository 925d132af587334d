# A graph of about `n` nodes:  awk -v n=1000 [-v shape=chain] -f scale_gen.awk
# mixed: blocks of ten nodes: a chain, guarded edges with max, a loop, a section, an each, a match.
# chain: one after the other, every tenth with a guarded edge that leaves out the next.
function mixed(    blocks, k, i, next_block) {
    print "    state {"
    print "        in list : i64[]; x : i64; y : i64 merge sum; s : string[] merge append; b : bool;"
    print "    }"
    print "    limit steps 1000000;"
    blocks = int((n + 9) / 10)
    for (k = 0; k < blocks; k++) {
        for (i = 0; i < 7; i++)
            printf "    node n%d_%d (inout x) cost 1us;\n", k, i
        printf "    node left%d (in x, out y) cost 30us;\n", k
        printf "    node right%d (in x, out y, s) cost 20us;\n", k
        printf "    node item%d (in v : i64, in x, out y) cost 2us;\n", k
        next_block = k + 1 < blocks ? sprintf("n%d_0", k + 1) : "end"
        printf "    n%d_0 -> n%d_4 when x > %d && x %% 7 != 3;\n", k, k, k
        printf "    n%d_0 -> n%d_1 -> n%d_2;\n", k, k, k
        printf "    n%d_2 -> n%d_1 when x < %d max 3;\n", k, k, k
        printf "    n%d_2 -> n%d_3 -> [left%d, right%d] -> n%d_4;\n", k, k, k, k, k
        printf "    n%d_4 -> match b { true -> n%d_5; false -> n%d_6; }\n", k, k, k
        printf "    n%d_5, n%d_6 -> items%d;\n", k, k, k
        printf "    items%d: each v in list [item%d] -> %s;\n", k, k, next_block
    }
    print "    start -> n0_0;"
}
function chain(    i) {
    print "    state { x : i64; }"
    for (i = 0; i < n; i++)
        printf "    node n%d (inout x) cost 1us;\n", i
    print "    start -> n0;"
    for (i = 0; i < n; i++) {
        if (i % 10 == 0 && i + 2 < n)
            printf "    n%d -> n%d when x > %d;\n", i, i + 2, i
        printf "    n%d -> %s;\n", i, i + 1 < n ? "n" (i + 1) : "end"
    }
}
BEGIN {
    print "graph scale {"
    if (shape == "chain")
        chain()
    else
        mixed()
    print "}"
}
