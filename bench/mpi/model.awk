# How long an each over N points of WORK us takes on R ranks:
#
#   awk -v chunk=US -v state=US -v point=US -v n=N -v work=US -v ranks="1 3 7" -f model.awk
#
# A simulation of what runtime/spread.c does. Rank 0 hands out a chunk to each rank, and then waits; whoever answers first gets
# the next. Of the `chunk` microseconds that a chunk without work takes beside one rank (campaign bench), rank 0 is taken
# to be busy for half, with one rank at a time; the rest is on the way and on the rank. Sending the fields that branches read
# takes it `state` microseconds for each rank, with its first chunk; and each point `point` microseconds, with the chunk that
# it is in. Four chunks a rank, as the runtime makes.
function least(   r, at) {
    at = 1
    for (r = 2; r <= R; r++)
        if (answer[r] < answer[at]) at = r
    return at
}

function simulate(   chunks, k, r, now, busy, rest) {
    chunks = 4 * R < n ? 4 * R : n
    busy = chunk / 2; rest = chunk - busy
    now = 0
    for (k = 0; k < chunks && k < R; k++) {
        now += busy + state + size(k, chunks) * point
        answer[k + 1] = now + rest + size(k, chunks) * work
    }
    for (r = k + 1; r <= R; r++) answer[r] = 1e30
    for (; k < chunks; k++) {
        r = least()
        now = (answer[r] > now ? answer[r] : now) + busy + size(k, chunks) * point
        answer[r] = now + rest + size(k, chunks) * work
    }
    for (r = 1; r <= R; r++)
        if (answer[r] < 1e30 && answer[r] > now) now = answer[r]
    return now
}

function size(k, chunks) { # points of chunk k
    return int(n * (k + 1) / chunks) - int(n * k / chunks)
}

BEGIN {
    many = split(ranks, list, " ")
    for (i = 1; i <= many; i++) {
        R = list[i]
        t = simulate()
        printf "%d %.2f %.2f\n", R, t / 1000, n * work / t
    }
}
