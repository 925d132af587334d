# The table, or the same as JSON.   awk -f report.awk -v format=text|json machine.txt counts.tsv langgraph.tsv raw.tsv
BEGIN { FS = "\t" }

FILENAME ~ /machine.txt$/ { machine[++machines] = $0; next }
FILENAME ~ /counts.tsv$/ { count[$1, $2] = $3; next }
FILENAME ~ /langgraph.tsv$/ { langgraph[$1] = $2; next }
{
    if (!($1 in kind)) { order[++rows] = $1; kind[$1] = $2; nodes[$1] = $3; published[$1] = $4 }
    side[$1, ++sides[$1]] = $5
    ns[$1, $5] = $6; low[$1, $5] = $7; high[$1, $5] = $8; p99[$1, $5] = $9
    ratio[$1, $5] = $10; ratio_low[$1, $5] = $11; ratio_high[$1, $5] = $12
}

function number(v) { return v >= 100 ? sprintf("%.0f", v) : sprintf("%.1f", v) }

function text(row,    i, name, others, line, extra) {
    line = sprintf("| %s | %s [%s-%s] | %s |", row, number(ns[row, "dflc"]), number(low[row, "dflc"]),
        number(high[row, "dflc"]), number(p99[row, "dflc"]))
    if ((row, "byhand") in ns)
        line = line sprintf(" %s | %.2f [%.2f-%.2f] |", number(ns[row, "byhand"]), ratio[row, "dflc"],
            ratio_low[row, "dflc"], ratio_high[row, "dflc"])
    else
        line = line " | |"
    if ((row, "dflc") in count) {
        extra = ""
        if ((row, "byhand") in count && nodes[row] > 0)
            extra = sprintf(" (%+.1f a node)", (count[row, "dflc"] - count[row, "byhand"]) / nodes[row])
        line = line sprintf(" %d%s |", count[row, "dflc"], extra)
    } else
        line = line " |"
    line = line ((published[row] > 0) ? sprintf(" %s | %.1f |", published[row], published[row] / ns[row, "dflc"]) : " | |")
    line = line (row in langgraph ? sprintf(" %.0f |", langgraph[row] / ns[row, "dflc"]) : " |")
    for (i = 1; i <= sides[row]; i++) {
        name = side[row, i]
        if (name != "dflc" && name != "byhand")
            others = others (others == "" ? "" : ", ") sprintf("%s %s", name, number(ns[row, name]))
    }
    print line " " others " |"
}

function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return "\"" s "\"" }

function json(row, final,    i, name) {
    printf "  {\"row\": %s, \"kind\": \"%s\", \"nodes\": %d", quoted(row), kind[row], nodes[row]
    if (published[row] > 0) printf ", \"dashflow_published_ns\": %s", published[row]
    if (row in langgraph) printf ", \"langgraph_js_ns\": %s", langgraph[row]
    printf ", \"sides\": {"
    for (i = 1; i <= sides[row]; i++) {
        name = side[row, i]
        printf "%s\"%s\": {\"ns\": %s, \"ns_95\": [%s, %s], \"p99_ns\": %s", (i > 1) ? ", " : "", name, ns[row, name],
            low[row, name], high[row, name], p99[row, name]
        if ((row, "byhand") in ns)
            printf ", \"to_byhand\": %s, \"to_byhand_95\": [%s, %s]", ratio[row, name], ratio_low[row, name], ratio_high[row, name]
        if ((row, name) in count) printf ", \"instructions\": %d", count[row, name]
        printf "}"
    }
    printf "}}%s\n", final ? "" : ","
}

END {
    if (format == "json") {
        print "{\"machine\": ["
        for (i = 1; i <= machines; i++) printf "  %s%s\n", quoted(machine[i]), (i < machines) ? "," : ""
        print "], \"rows\": ["
        for (i = 1; i <= rows; i++) json(order[i], i == rows)
        print "]}"
        exit
    }
    for (i = 1; i <= machines; i++) print machine[i]
    print ""
    print "| row | dflc, ns [95 %] | p99 | by hand | ratio [95 %] | instructions | DashFlow | / dflc | LangGraph.js / dflc | others, ns |"
    print "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --- |"
    for (i = 1; i <= rows; i++) text(order[i])
}
