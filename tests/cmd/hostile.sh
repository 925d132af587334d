# Whatever the file holds, dflc compiles it or says why not: no crash, time and memory that grow with the
# file, and no more messages than somebody reads. Nothing is measured; who takes minutes, a gigabyte or a
# deep stack for one of these does something else than reading it.
case $SANITIZE in
'') ulimit -v 1500000; ulimit -s 1024; scale=3 ;; # 1 finds no more, in three times the time
*) scale=10 ;; # sanitizers are slower, and what they find does not take the whole size
esac
many=$((100000 / scale))

repeat() { # text, times: by pieces of some kilobytes
    awk -v text="$1" -v times="$2" 'BEGIN {
        for (piece = text; length(piece) < 16384; ) piece = piece piece
        for (left = length(text) * times; left > length(piece); left -= length(piece)) printf "%s", piece
        printf "%s", substr(piece, 1, left)
    }'
}

count() { # format with %d, times, what is added to a second %d
    awk -v format="$1" -v times="$2" -v add="${3:-0}" 'BEGIN {
        for (i = 0; i < times; i++) printf format, i, i + add, i
    }'
}

# The status, and a part of the first message.
ends_with() {
    status=0
    timeout 60 "$DFLC" -w -o out.c "$1" >stdout 2>said || status=$?
    case $status:$(head -n 1 said) in
    $2:*"$3"*) ;;
    *) echo "$1: status $status"; head -c 1000 said; exit 1 ;;
    esac
    [ "$(wc -l <said)" -le 500 ] && [ "$(wc -c <said)" -le 100000 ] || {
        echo "$1: $(wc -l <said) lines are said"; exit 1
    }
}

# Some megabytes of one bracket, some hundred kilobytes of anything else.
for text in '[' '(' '{' ']' ')' '}'; do
    repeat "$text" $((10485760 / scale)) >raw.dfl
    ends_with raw.dfl 1 'raw.dfl:1:1: error: '
done
for text in '<' '-' '!' '"' "'" '@' '#' '9' 'a' '*' '\\' '{%' '[(' '{ ' '0x'; do
    repeat "$text" $((1048576 / scale / ${#text})) >raw.dfl
    ends_with raw.dfl 1 'raw.dfl:1:1: error: '
done
for text in ';' ' ' '/' '\n'; do
    repeat "$text" $((1048576 / scale)) >raw.dfl
    ends_with raw.dfl 0 ''
done
for byte in '\000' '\377' '\303(' '\300\200' '\355\240\200' '\364\220\200\200'; do
    printf "graph g { start $byte" >bytes.dfl
    ends_with bytes.dfl 1 'bytes.dfl:1:17: error: '
done
printf '\377\376g\000' >utf16.dfl
ends_with utf16.dfl 1 'byte 0xff is not UTF-8'
for text in '{%' '{% x' '{% "' '{% /* %}' "{% ' %}" '/* x' '"x' '"\' 'graph' 'graph g {' '0x' '1e'; do
    printf '%s' "$text" >cut.dfl
    ends_with cut.dfl 1 'cut.dfl:1:'
done

# Nesting.
head='graph g { state { in x : i64; xs : i64[]; } node a (inout x); start -> a; '
nest() { # what opens, what is in it, what closes, the message
    { printf '%s' "$head"; repeat "$1" $many; printf '%s' "$2"; repeat "$3" $many; printf '; a -> end; }'; } >nest.dfl
    ends_with nest.dfl 1 "nested deeper than 1000 levels"
}
nest 'a -> [' a ']'
nest 'a -> when { x > 0 -> ' 'a;' '}'
nest 'a -> match x { 1 -> ' 'a;' '}'
nest 'a -> each y in xs [' a ']'
for open in 'a -> a when (' 'a -> a when len('; do
    { printf '%s%s' "$head" "$open"; repeat '(' $many; } >nest.dfl
    ends_with nest.dfl 1 'nested deeper than 1000 levels'
done
for operator in '!' '- ' 'x + ' 'x.' 'x > 0 && '; do
    { printf '%sa -> a when ' "$head"; repeat "$operator" $many; printf 'x > 0; a -> end; }'; } >nest.dfl
    ends_with nest.dfl 1 'nested deeper than 1000 levels'
done
for suffix in '[]' '?' '[2]'; do
    { printf 'graph g { state { x : i64'; repeat "$suffix" $many; printf '; } start -> end; }'; } >nest.dfl
    ends_with nest.dfl 1 'nested deeper than 1000 levels'
done
{ printf 'graph g { state { x : '; repeat 'map<string, ' $many; } >nest.dfl
ends_with nest.dfl 1 'nested deeper than 1000 levels'
{ count 'struct s%d { a : s%d; }\n' 9000 1; printf "struct s9000 { a : i64; } graph g { state { in x : s0; } node n (in x); start -> n -> end; }"; } >structs.dfl
ends_with structs.dfl 1 'structs are nested more than 200 deep'
{ count 'struct s%d { a : s%d[]; }\n' 2000 1; printf "struct s2000 { a : i64; } graph g { state { in x : s0; } node n (in x); start -> n -> end; }"; } >structs.dfl
ends_with structs.dfl 0 ''
count 'struct s%d { a : i64; }\n' 10001 >structs.dfl
ends_with structs.dfl 1 'structs.dfl:10001:8: error: a program has at most 10000 structs'
{ printf 'struct s0 { a : i64; }\n'; awk 'BEGIN { for (i = 0; i < 99; i++) printf "struct s%d { a : s%d; b : s%d; }\n", i + 1, i, i }'
  printf 'graph g { state { in x : s99; } node n (in x); start -> n -> end; }'; } >doubled.dfl
ends_with doubled.dfl 1 'the most is 2 GiB'
{ count 'graph g%d { node n runs g%d (); start -> n -> end; }\n' $((many / 5)) 1; printf "graph g$((many / 5)) { start -> end; }"; } >runs.dfl
ends_with runs.dfl 1 'runs.dfl:'
{ awk 'BEGIN { for (i = 0; i < 60; i++) printf "graph g%d { node n runs g%d (); node m runs g%d (); start -> n -> m -> end; }\n", i, i + 1, i + 1 }'
  printf 'graph g60 { start -> end; }'; } >doubled.dfl
ends_with doubled.dfl 1 'doubled.dfl:'
for i in 1 2 3; do printf 'import "i%d.dfl";\n' $((i - 1)) >i$i.dfl; done
printf 'import "i1.dfl";\n' >i0.dfl
ends_with i3.dfl 1 'i0.dfl:1:8: error: '

# Circles: one error, not a line for each member.
{ count 'const C%d = C%d;\n' $many 1; printf "const C$many = C0;\ngraph g { start -> end; }"; } >circle.dfl
ends_with circle.dfl 1 "constant 'C0' is defined by itself"
{ count 'struct s%d { a : s%d; }\n' $many 1; printf "struct s$many { a : s0; }\ngraph g { start -> end; }"; } >circle.dfl
ends_with circle.dfl 1 "struct 's0' holds itself"

# Many of one kind.
names=$((many * 3))
{ printf 'graph g { state { '; count 'f%d_ : i64;\n' $names; printf '} start -> end; }'; } >fields.dfl
ends_with fields.dfl 0 ''
{ printf 'graph g { '; count 'node n%d ();\n' $names; printf 'start -> n0 -> end; }'; } >nodes.dfl
ends_with nodes.dfl 1 "node 'n1' is declared and never used"
{ printf 'graph g { start'; count ' -> n%d' $names; printf ' -> end; }'; } >unknown.dfl
ends_with unknown.dfl 1 "unknown node 'n0'"
{ printf 'graph g { '; count 'node n%d ();\n' $many; printf 'start'; count ' -> n%d' $many; printf ' -> end; }'; } >chain.dfl
ends_with chain.dfl 0 ''
{ printf 'graph g { state { '; count 'f%d_ : i64;\n' $many; printf '} node n (in state'; count ', f%d_' $many; printf '); start -> n -> end; }'; } >params.dfl
ends_with params.dfl 0 ''
{ printf 'enum e { v'; count ', v%d' $many; printf '}\ngraph g { state { in x : e; } node a (in x); start -> match x { v -> a; '; count 'v%d -> a;\n' $many; printf '} a -> end; }'; } >enum.dfl
ends_with enum.dfl 0 ''
{ printf '%s a -> when { ' "$head"; count 'x == %d -> a;\n' $many; printf 'else -> end; } }'; } >arms.dfl
ends_with arms.dfl 0 ''
count 'graph g%d { node n () {%% return 0; %%} start -> n -> end; }\n' $((many / 10)) >graphs.dfl
ends_with graphs.dfl 0 ''

# Large.
{ printf 'const C = '; repeat 9 $((1048576 / scale)); printf ';'; } >large.dfl
ends_with large.dfl 1 'is larger than 18446744073709551615'
{ printf 'graph '; repeat g $((10485760 / scale)); printf ' { start -> end; }'; } >large.dfl
ends_with large.dfl 1 'letters, and the most is 255'
{ printf 'graph g { state { in s : string = "'; repeat s $((10485760 / scale)); printf '"; } node n (in s); start -> n -> end; }'; } >large.dfl
ends_with large.dfl 0 ''
{ printf 'graph g { node n () {%%'; repeat ' ' $((10485760 / scale)); printf '%%} start -> n -> end; }'; } >large.dfl
ends_with large.dfl 0 ''

# Errors without end, each on a line of its own, and all on one.
{ printf 'graph g {\n'; repeat 'start -> ;\n' $many; printf '}'; } >errors.dfl
ends_with errors.dfl 1 'errors.dfl:2:10: error: '
tail -n 1 said | grep -q '^dflc: [0-9]* more errors not shown$'
{ printf 'graph g { '; repeat 'start -> ; ' $many; printf '}'; } >errors.dfl
ends_with errors.dfl 1 'errors.dfl:1:20: error: '
{ printf 'graph g { state { '; count 'f%d_ : strong;\n' $many; printf '} start -> end; }'; } >errors.dfl
ends_with errors.dfl 1 "unknown type 'strong', did you mean 'string'?"
tail -n 1 said | grep -qx "dflc: $((many - 50)) more errors not shown"
"$DFLC" check --diagnostics=json errors.dfl 2>lines && exit 1
[ "$(wc -l <lines)" = "$many" ]
