# A graph of about `n` nodes of mixed shape: chains, guarded edges with max, sections, loops, matches.
# One block has ten nodes:  awk -v n=1000 -f scale_gen.awk
BEGIN {
    print "graph scale {"
    print "    state { x : i64; y : i64 merge sum; s : string[] merge append; b : bool; }"
    print "    limit steps 1000000;"
    blocks = int((n + 9) / 10)
    for (k = 0; k < blocks; k++) {
        for (i = 0; i < 8; i++)
            printf "    node n%d_%d (inout x) cost 1us;\n", k, i
        printf "    node left%d (in x, out y) cost 30us;\n", k
        printf "    node right%d (in x, out y, s) cost 20us;\n", k
        next_block = k + 1 < blocks ? sprintf("n%d_0", k + 1) : "end"
        printf "    n%d_0 -> n%d_4 when x > %d && x %% 7 != 3;\n", k, k, k
        printf "    n%d_0 -> n%d_1 -> n%d_2;\n", k, k, k
        printf "    n%d_2 -> n%d_1 when x < %d max 3;\n", k, k, k
        printf "    n%d_2 -> n%d_3 -> [left%d, right%d] -> n%d_4;\n", k, k, k, k, k
        printf "    n%d_4 -> match b { true -> n%d_5; false -> n%d_6; }\n", k, k, k
        printf "    n%d_5 -> n%d_7; n%d_6 -> n%d_7; n%d_7 -> %s;\n", k, k, k, k, k, next_block
    }
    print "    start -> n0_0;"
    print "}"
}
