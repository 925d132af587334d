# Reads rules as grammar/README.md has them, and prints files that they allow, a line each. A rule is a list of
# alternatives, each a list of items: a word, a quoted character, [ ... ] with alternatives, an item with * or ,+ behind it.

function token(    t) { # the next one of `text`
    sub(/^[ \n]+/, "", text)
    if (text == "") return ""
    if (match(text, /^'[^']+'/) || match(text, /^[A-Za-z][A-Za-z0-9_-]*/) || match(text, /^->/)) t = substr(text, 1, RLENGTH)
    else t = substr(text, 1, 1)
    text = substr(text, length(t) + 1)
    return t
}

# A node of the tree: kind[n] is alt, seq, opt, word; its parts part[n, 1..parts[n]]. Of a word: value, suffix.
function node(k) { kind[++nodes] = k; parts[nodes] = 0; return nodes }
function add(n, child) { part[n, ++parts[n]] = child }

function read_alternatives(closing,    a, s, t, n) {
    a = node("alt"); s = node("seq"); add(a, s)
    while ((t = token()) != "" && t != closing) {
        if (t == "|") { s = node("seq"); add(a, s); continue }
        if (t == "[") { n = node("opt"); add(s, n); add(n, read_alternatives("]")); continue }
        n = node("word"); add(s, n)
        gsub(/'/, "", t)
        value[n] = t
        if (sub(/^\*/, "", text)) suffix[n] = "*"
        else if (sub(/^,\+/, "", text)) suffix[n] = ",+"
    }
    return a
}

function pick(n) { return int(rand() * n) + 1 }

# Of alternatives the one that was taken least; deep in the tree, one without rules in it where there is one.
function choose(a, depth,    i, best) {
    for (i = 1; i <= parts[a]; i++)
        if (!best || (depth > 12 ? plain(part[a, i]) > plain(part[a, best]) : used[a, i] + rand() < used[a, best] + rand())) best = i
    used[a, best]++
    return part[a, best]
}
function plain(s,    i, n) {
    for (i = n = 0; i <= parts[s]; i++) if (kind[part[s, i]] == "word" && value[part[s, i]] in rule) n--
    return n
}

function terminal(t) {
    if (t == "NAME") return "n" pick(9)
    if (t == "STRING") return "\"s\""
    if (t == "COUNT") return pick(2) == 1 ? pick(9) : "N"
    if (t == "INTEGER") return pick(99)
    if (t == "FILE") return "f.h"
    if (t == "DURATION") return pick(2) == 1 ? pick(9) "us" : "T"
    if (t == "C-BODY") return "{% (void)ctx; %}"
    if (t == "expr") return substr("1     a.b   a + 1 !a    a in b", 6 * pick(5) - 5, 6)
    if (t == "path") return pick(2) == 1 ? "a" : "a.b"
    return t
}

function make_word(n, depth,    count, out) {
    count = suffix[n] == "" ? 1 : suffix[n] == "*" ? (depth > 12 ? 0 : pick(4) - 1) : (depth > 12 ? 1 : pick(3))
    if (value[n] == "item" && suffix[n] == "*") count = 3
    for (out = ""; count > 0; count--)
        out = out (suffix[n] == ",+" && out != "" ? ", " : " ") (value[n] in rule ? make(rule[value[n]], depth + 1) : terminal(value[n]))
    return out
}

function make(n, depth,    i, out) {
    if (kind[n] == "alt") return make(choose(n, depth), depth)
    if (kind[n] == "opt") return depth < 12 && rand() < 0.5 ? make(part[n, 1], depth) : ""
    if (kind[n] == "word") return make_word(n, depth)
    out = ""
    for (i = 1; i <= parts[n]; i++) out = out " " make(part[n, i], depth)
    return out
}

# A rule begins with its name and "=", on that line or the next one.
/^[a-z-]+ *=/ { begin(substr($0, 1, index($0, "=") - 1), substr($0, index($0, "=") + 1)); next }
/^[a-z-]+$/ { begin($0, ""); waits = 1; next }
waits { sub(/^ *= /, ""); waits = 0 }
{ of[name] = of[name] "\n" $0 }
function begin(n, rest) { gsub(/ /, "", n); name = n; names[++n_names] = n; of[n] = rest }

END {
    srand(seed)
    for (i = 1; i <= n_names; i++) rule[names[i]] = 0
    for (i = 1; i <= n_names; i++) { text = of[names[i]]; rule[names[i]] = read_alternatives("") }
    for (i = 1; i <= 400; i++) print make(rule["file"], 0)
    for (i = 1; i <= n_names; i++)
        for (j = 1; j <= parts[rule[names[i]]]; j++)
            if (!used[rule[names[i]], j]) { print "alternative " j " of " names[i] " is in none" > "/dev/stderr"; exit 1 }
}
