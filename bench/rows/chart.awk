# How many times as long as dflc the others take, row by row, on a logarithmic axis.
#   awk -f chart.awk langgraph.tsv raw.tsv >rows.svg
BEGIN { FS = "\t" }
FILENAME ~ /langgraph.tsv$/ { langgraph[$1] = $2; next }
{
    if (!($1 in seen)) { order[++rows] = $1; seen[$1] = 1; published[$1] = $4 }
    ns[$1, $5] = $6
}

function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); return s }
function x_of(ratio) { return left + (log(ratio) / log(10) + 1) * decade }
function dot(ratio, y, class) {
    if (ratio > 0)
        printf "<circle class=\"%s\" cx=\"%.1f\" cy=\"%d\" r=\"4\"><title>%.2f</title></circle>\n", class, x_of(ratio), y, ratio
}
function key(x, class, label) {
    printf "<circle class=\"%s\" cx=\"%d\" cy=\"20\" r=\"4\"/><text x=\"%d\" y=\"24\">%s</text>\n", class, x, x + 10, label
}

END {
    left = 190; decade = 92; step = 18; top = 60
    width = left + 7.4 * decade; height = top + rows * step + 30
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n", width, height
    print "<style>text{fill:#333}.line{stroke:#ddd}.one{stroke:#333}.h{fill:#2a7}.d{fill:#c63}.l{fill:#36c}.q{fill:#949}"
    print "@media(prefers-color-scheme:dark){svg{background:#161616}text{fill:#ccc}.line{stroke:#333}.one{stroke:#ccc}}</style>"
    key(left, "h", "by hand"); key(left + 90, "d", "DashFlow, published"); key(left + 230, "l", "LangGraph.js"); key(left + 335, "q", "SQLite")
    for (e = -1; e <= 6; e++) {
        x = left + (e + 1) * decade
        printf "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", e == 0 ? "one" : "line", x, x, top - 12, height - 20
        label = e < 0 ? "0.1" : sprintf("%d", 10 ^ e)
        while (label ~ /[0-9][0-9][0-9][0-9]($|,)/) sub(/[0-9][0-9][0-9]($|,)/, ",&", label)
        printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x, top - 16, label
    }
    for (i = 1; i <= rows; i++) {
        row = order[i]; y = top + i * step - 8
        printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 20, y + 4, escaped(row)
        printf "<line class=\"line\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", left, width, y, y
        dot(ns[row, "byhand"] / ns[row, "dflc"], y, "h")
        dot(published[row] / ns[row, "dflc"], y, "d")
        dot(langgraph[row] / ns[row, "dflc"], y, "l")
        dot(ns[row, "sqlite"] / ns[row, "dflc"], y, "q")
    }
    print "<text x=\"" left "\" y=\"" height - 6 "\">times as long as dflc, in one run (DashFlow: its own figures)</text>"
    print "</svg>"
}
