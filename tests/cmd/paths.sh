# A path is anybody's text: whatever stands in it, the C is the same C; and what is imported is a plain file.
cat >plain.dfl <<'END'
graph part {
    state { in s : i64; out n : i64; }
    node a (in s, out n) {% *n = s; %}
    start -> a -> end;
}
graph g {
    state { in s : i64; out n : i64; }
    node a (in s, out n) {% *n = s; %}
    node b runs part (in s = 5 / s, out n);
    node c (in s, inout n);
    start -> a -> b when 10 / s > 3;
    a -> c;
    b -> c -> end;
}
END
compiles() { # DIRECTORY
    mkdir -p "$1"
    cp plain.dfl "$1/p.dfl"
    "$DFLC" -w -d . "$1/p.dfl"
    "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -I. -I"$DFLRT" -c p.c -o p.o
}
compiles 'ends*/here'
compiles 'begins/*here'
compiles 'both/*/*/'
compiles 'a"quote'
compiles 'back\slash\'
compiles 'tri??/graph'
compiles 'per%s%n%d'
compiles "$(printf 'two\nlines\ttab\033[2J')"
grep -q 'two\\nlines' p.c

# The header is named in an #include, which escapes nothing.
refused() { # FILE
    cp plain.dfl "$1"
    status=0
    "$DFLC" -w "$1" 2>said || status=$?
    [ $status = 2 ] && [ "$(cat said)" = "dflc: C cannot include a header called '${1%.dfl}.h': choose another name with -o" ]
    [ ! -e "${1%.dfl}.c" ] && [ ! -e "${1%.dfl}.h" ]
    "$DFLC" -w -o named.c "$1"
}
refused 'q"q.dfl'
refused 'q\q.dfl'

# A pipe would be waited for.
mkfifo pipe
echo 'import "pipe";' >imports.dfl
status=0
timeout 10 "$DFLC" check imports.dfl 2>said || status=$?
[ $status = 1 ]
cat >expected <<'END'
imports.dfl:1:8: error: 'pipe' is no plain file, so it cannot be imported
    1 | import "pipe";
      |        ^~~~~~
END
diff -u expected said
# Who names one himself wants it.
"$DFLC" check -w - <plain.dfl
cat plain.dfl >pipe &
timeout 10 "$DFLC" check -w pipe
