# The ratios as a map: a square a cell, green where dflc is within 1.10 of the better of inline and the
# best peer, red above. Lines "inline n cost gap" as in table.awk.
$1 == "inline" { is_inline[$2 " " $3 " " $4] = 1; next }
{
    cell = $2 " " $3 " " $4
    if (!(cell in seen)) { seen[cell] = 1; cells[++n_cells] = cell }
    key = $1 " " cell
    all[key] = all[key] " " $5
    known[$1] = 1
}
function median(text,    a, n, i, j, t) {
    n = split(text, a, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
    return n ? a[int((n + 1) / 2)] : -1
}
function color(r) { return r <= 1.0 ? "#2e9e5b" : r <= 1.10 ? "#a5d6a7" : r <= 1.25 ? "#ffcc80" : "#e57373" }
END {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"980\" height=\"300\" font-family=\"sans-serif\" font-size=\"12\">"
    print "<rect width=\"980\" height=\"300\" fill=\"#ffffff\"/>"
    print "<text x=\"20\" y=\"24\" font-size=\"15\">dflc to the better of inline and the best peer, by cell (below 1 is faster)</text>"
    for (i = 1; i <= n_cells; i++) {
        split(cells[i], c, " ")
        if (c[3] != gap || i == 1) {
            gap = c[3]; panel++; row = 0; n = ""
            x0 = 70 + (panel - 1) * 310
            printf "<text x=\"%d\" y=\"50\">%s</text>\n", x0, gap == 0 ? "hot" : gap == 100000 ? "after 100 us" : "after 2 ms"
        }
        if (c[1] != n) { n = c[1]; row++; col = 0; printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", x0 - 6, 62 + row * 36 + 4, n }
        col++
        if (cells[i] in is_inline)
            all["dflc " cells[i]] = all["dflc-inline " cells[i]] = all["dflc " cells[i]] all["dflc-inline " cells[i]]
        best = median(all["dflc-inline " cells[i]])
        for (r in known) if (r ~ /^(omp|tbb)/) { t = median(all[r " " cells[i]]); if (t < best) best = t }
        ratio = median(all["dflc " cells[i]]) / best
        printf "<rect x=\"%d\" y=\"%d\" width=\"40\" height=\"32\" rx=\"3\" fill=\"%s\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.2f</text>\n", \
            x0 + (col - 1) * 42, 45 + row * 36, color(ratio), x0 + (col - 1) * 42 + 20, 66 + row * 36, ratio
        if (row == 1) printf "<text x=\"%d\" y=\"70\" text-anchor=\"middle\" fill=\"#555\">%s us</text>\n", x0 + (col - 1) * 42 + 20, c[2] / 1000
    }
    print "<text x=\"20\" y=\"285\" fill=\"#555\">rows: branches; columns: what one branch computes</text>\n</svg>"
}
