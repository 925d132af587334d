# Plants one mutant: awk -v want=NAME -f plant.awk LIST SOURCE > CHANGED
# Its old lines must stand in the source exactly once.

FNR == NR {
    if ($1 == "mutant")
        mine = $2 == want
    else if (mine && /^-/)
        old[++n_old] = substr($0, 2)
    else if (mine && /^\+/)
        new[++n_new] = substr($0, 2)
    next
}

{ line[++n] = $0 }

function stands_at(at, i) {
    for (i = 1; i <= n_old; i++)
        if (line[at + i - 1] != old[i])
            return 0
    return 1
}

END {
    for (at = 1; at + n_old <= n + 1; at++)
        if (stands_at(at)) {
            found++
            first = at
        }
    if (n_old == 0 || found != 1)
        exit 1
    for (at = 1; at <= n; at++) {
        if (at == first) {
            for (i = 1; i <= n_new; i++)
                print new[i]
            at += n_old - 1
            continue
        }
        print line[at]
    }
}
