# Lines "runtime n cost gap median p99 p5 p95" (ns) to tables: medians over the rounds. Lines "inline n
# cost gap" name cells where the compiler decided alone: dflc is dflc-inline there, and both count as it.
BEGIN { gap = -1 }
$1 == "inline" { is_inline[$2 " " $3 " " $4] = 1; next }
{
    cell = $2 " " $3 " " $4
    if (!(cell in seen)) { seen[cell] = 1; cells[++n_cells] = cell }
    if (!($1 in known)) { known[$1] = 1; runtimes[++n_runtimes] = $1 }
    key = $1 " " cell
    all[key] = all[key] " " $5; tail[key] = tail[key] " " $6
}
function median(text,    a, n, i, j, t) {
    n = split(text, a, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
    return n ? a[int((n + 1) / 2)] : -1
}
function is_peer(r) { return r ~ /^(omp|tbb)/ }
function is_passive(r) { return r == "omp-passive" }
END {
    for (i = 1; i <= n_cells; i++) {
        split(cells[i], c, " ")
        if (c[3] != gap) {
            gap = c[3]
            printf "\n%s (median us of one section; p99 of dflc; dflc to the better of inline and the best peer)\n", \
                gap == 0 ? "hot" : gap == 100000 ? "after 100 us of computing" : "after 2 ms of computing"
            printf "%-10s", "cell"
            for (r = 1; r <= n_runtimes; r++) printf "%13s", runtimes[r]
            printf "%10s%8s  %s\n", "p99", "ratio", "choice"
        }
        printf "%-10s", c[1] "x" c[2] / 1000
        best = -1; passive = -1
        for (r = 1; r <= n_runtimes; r++) {
            key = runtimes[r] " " cells[i]
            text = all[key]
            if (cells[i] in is_inline && runtimes[r] ~ /^dflc(-inline)?$/) text = all["dflc " cells[i]] all["dflc-inline " cells[i]]
            t[r] = median(text); of[runtimes[r]] = t[r]
            printf "%13.2f", t[r] / 1000
            if ((runtimes[r] == "dflc-inline" || is_peer(runtimes[r])) && t[r] >= 0 && (best < 0 || t[r] < best)) best = t[r]
            if (is_passive(runtimes[r])) passive = t[r]
        }
        ratio = of["dflc"] / best; worst = ratio > worst ? ratio : worst
        forced = of["dflc-inline"] < of["dflc-threads"] ? of["dflc-inline"] : of["dflc-threads"]
        right = of["dflc"] <= 1.10 * forced
        n_right += right; n_over += ratio > 1.10
        if (ratio > 1.10) over = over sprintf("\n  %sx%s us after %s us: %.2f", c[1], c[2] / 1000, c[3] / 1000, ratio)
        if (passive > 0 && c[1] * c[2] < 20000) { n_passive++; n_five += passive >= 5 * of["dflc"] }
        printf "%10.2f%8.2f  %s\n", median(tail["dflc " cells[i]]) / 1000, ratio, right ? "right" : "WRONG"
    }
    printf "\ncells: %d; ratio above 1.10 in %d, at most %.2f%s\n", n_cells, n_over, worst, over
    printf "the choice is right, or within 10 %% of right, in %d of %d (%.0f %%)\n", n_right, n_cells, 100 * n_right / n_cells
    if (n_passive)
        printf "less than 20 us of work: 5 times as fast as the passive peer in %d of %d\n", n_five, n_passive
}
