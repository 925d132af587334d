# What the command line cannot mean ends with status 2, one line on stderr and nothing on stdout.
# tests/unit/t_dflc_options.c has the text of every message.
printf 'graph main_graph {\n    start -> end;\n}\n' >a.dfl
misuse() { # the message, then the words
    expected=$1 status=0
    shift
    "$DFLC" "$@" >out 2>message </dev/null || status=$?
    [ $status = 2 ] && [ ! -s out ] && [ "$(cat message)" = "dflc: $expected" ] || {
        echo "dflc $*: status $status"; cat out message; exit 1
    }
}
misuse "no input file (see dflc --help)"
misuse "unknown option '--frobnicate' (see dflc --help)" --frobnicate a.dfl
misuse "unknown option '--formt=dot', did you mean '--format'? (see dflc graph --help)" graph --formt=dot a.dfl
misuse "no warning is called 'deadwrite' (in -Wno-deadwrite), did you mean 'dead-write'? (see dflc --help)" -Wno-deadwrite a.dfl
misuse "no warning is called 'all' (in -Wall) (see dflc --help)" -Wall a.dfl
misuse "unknown command 'grpah', did you mean 'graph'? (see dflc --help)" grpah a.dfl
misuse "unknown value 'png' of --format; it is one of dot, mermaid, json, svg, html (see dflc graph --help)" graph --format png a.dfl
misuse "-i has no use in 'dflc check'; it belongs to 'dflc fmt' (see dflc check --help)" check -i a.dfl
misuse "cannot read 'nowhere.dfl': No such file or directory" nowhere.dfl
misuse "cannot read '.': Is a directory" check .
misuse "cannot write 'no/where.c': No such file or directory" -o no/where.c a.dfl
misuse "cannot write 'no/a.c': No such file or directory" -d no a.dfl
misuse "'a.dfl' has no graph 'main_grahp', did you mean 'main_graph'?" graph --graph main_grahp a.dfl
misuse "'a.dfl' has no graph 'other'" graph --graph other a.dfl
misuse "'a.dfl' has no graph 'main'" explain --graph main a.dfl
misuse "one file at a time; 'b.dfl' is a second one (see dflc explain --help)" explain a.dfl b.dfl
misuse "--json has no use in 'dflc graph'; it belongs to 'dflc explain' (see dflc graph --help)" graph --json a.dfl
misuse "--format has no use in 'dflc explain'; it belongs to 'dflc graph' (see dflc explain --help)" explain --format json a.dfl
misuse "sarif goes to standard output, which is taken here; 'dflc check' can write it (see dflc explain --help)" explain --diagnostics=sarif a.dfl
[ "$(ls)" = "$(printf 'a.dfl\nmessage\nout')" ]

# Standard input, and files that look like options or commands.
"$DFLC" -o x.c - <a.dfl && [ -e x.c ] && [ -e x.h ]
"$DFLC" check - <a.dfl
cp a.dfl ./-o.dfl && "$DFLC" check -- -o.dfl
cp a.dfl fmt && "$DFLC" check fmt ./fmt

# Help names every command and all options of each.
"$DFLC" --help >help
for command in check explain graph fmt new calibrate; do
    grep -q "dflc $command \[options\]" help
    "$DFLC" $command --help >own
    grep -q "^usage: dflc $command \[options\]" own
    grep -q '^exit status' own
    "$DFLC" --help $command | cmp - own
done
"$DFLC" fmt --help | grep -q '^  --check '
! "$DFLC" fmt --help | grep -q '^  -o '
! "$DFLC" --help | grep -q '^  --check '
[ "$("$DFLC" --version)" = 'dflc 0.1.0' ]
