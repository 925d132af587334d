# One graph for each cell: n branches of `cost` ns behind a gap of `gap` ns, in a loop.
#     awk -f graphs.awk -v out=dfl|table
BEGIN {
    n_ns = split("2 3 5 8 50", branches)
    n_costs = split("0 100 1000 5000 20000 100000", costs)
    n_gaps = split("0 100000 2000000", gaps)
    for (g = 1; g <= n_gaps; g++)
        for (b = 1; b <= n_ns; b++)
            for (c = 1; c <= n_costs; c++)
                cell(branches[b], costs[c], gaps[g])
}

function cell(n, cost, gap,    name, i, list) {
    name = "c" n "x" cost "_" gap
    if (out == "table") {
        printf "CELL(%s, %d, %d, %d)\n", name, n, cost, gap
        return
    }
    printf "graph %s {\n    state { in rounds : i64; i : i64 = 0; out sum : i64 merge sum; }\n", name
    printf "    node gap (inout i) calls bench_gap cost %dns;\n", gap
    for (i = 1; i <= n; i++) {
        printf "    node b%d (in i, out sum) calls bench_branch cost %dns;\n", i, cost
        list = list (i > 1 ? ", " : "") "b" i
    }
    printf "    node done (in i) calls bench_done cost 0ns;\n    limit none;\n"
    printf "    start -> gap -> [%s] -> done;\n", list
    printf "    done -> gap when i < rounds;\n    done -> end;\n}\n"
}
