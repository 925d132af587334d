# Reads what dflc graph --format svg writes, and says which boxes overlap, and which edges run through a
# box that is not theirs. Boxes are nodes, choices, ends, labels, and the frames of sections and subgraphs.
# Exits with 1 if there are any, and with 2 if it has seen no box or no edge.

function attribute(name,    at, rest) {
    at = index($0, " " name "=\"")
    if (at == 0) return ""
    rest = substr($0, at + length(name) + 3)
    return substr(rest, 1, index(rest, "\"") - 1)
}

# The first element of the line that is a box: a rectangle, or a shape with points.
function read_box(    at, rest, p) {
    at = index($0, "class=\"box\"")
    if (at == 0) return 0
    rest = substr($0, at)
    sub(/\/>.*/, "", rest)
    n++
    if (match(rest, / d="[^"]*"/)) {
        split(substr(rest, RSTART + 5), p, /[Mhlz ]+|-/)
        left[n] = p[1] - p[4]; top[n] = p[2]
        right[n] = p[1] + p[3] + p[4]; bottom[n] = p[2] + 2 * p[5]
    } else {
        left[n] = value(rest, "x"); top[n] = value(rest, "y")
        right[n] = left[n] + value(rest, "width"); bottom[n] = top[n] + value(rest, "height")
    }
    return 1
}

function value(text, name) {
    match(text, " " name "=\"[0-9]+")
    return substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0
}

function inside(x, y, i) { return x >= left[i] && x <= right[i] && y >= top[i] && y <= bottom[i] }

# Whether a stretch comes into the inner of a box; one of its coordinates is the same at both ends, but
# in corners, which are short.
function meets(x1, y1, x2, y2, i,    low_x, high_x, low_y, high_y) {
    low_x = x1 < x2 ? x1 : x2; high_x = x1 < x2 ? x2 : x1
    low_y = y1 < y2 ? y1 : y2; high_y = y1 < y2 ? y2 : y1
    return high_x > left[i] && low_x < right[i] && high_y > top[i] && low_y < bottom[i]
}

/^<g class="(node|choice|end|section|graph)/ {
    if (read_box()) {
        id[n] = attribute("id")
        frame[n] = /^<g class="(section|graph)/
    }
}
/^<g class="label/ { if (read_box()) { id[n] = "label of " attribute("data-edge"); own[n] = attribute("data-edge") } }
/^<path class="edge/ && / id="/ {
    edges++
    edge_id[edges] = attribute("id"); from[edges] = attribute("data-from"); to[edges] = attribute("data-to")
    path[edges] = attribute("d")
}

function wrong(text) { print text; failed = 1 }

function check_edge(e,    p, count, i, k, x, y, met, out) {
    count = split(substr(path[e], 2), p, /[LQ ]+/) / 2
    for (k = 1; k <= count; k++) { x[k] = p[2 * k - 1] + 0; y[k] = p[2 * k] + 0 }
    for (i = 1; i <= n; i++) {
        if (id[i] == from[e] || id[i] == to[e] || own[i] == edge_id[e]) continue
        met = out = 0
        for (k = 1; k < count; k++) met += meets(x[k], y[k], x[k + 1], y[k + 1], i)
        for (k = 1; k <= count; k++) out += !inside(x[k], y[k], i)
        if (met && (!frame[i] || out)) wrong("the edge " edge_id[e] " runs through " id[i])
    }
}

function contains(i, k) {
    return left[i] <= left[k] && right[i] >= right[k] && top[i] <= top[k] && bottom[i] >= bottom[k]
}

END {
    for (i = 1; i <= n; i++)
        for (k = i + 1; k <= n; k++)
            if (meets(left[i], top[i], right[i], bottom[i], k) && !(frame[i] && contains(i, k)) && !(frame[k] && contains(k, i)))
                wrong(id[i] " and " id[k] " overlap")
    for (e = 1; e <= edges; e++) check_edge(e)
    exit n == 0 || edges == 0 ? 2 : failed
}
