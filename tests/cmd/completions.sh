# What bash, zsh and fish offer behind 'dflc'; and every flag that --help tells of is among it.
# no-asan: the shells take their time
mkdir -p place/inner && cd place
touch one.dfl two.txt
for shell in bash zsh fish; do
    "$DFLC" --completions=$shell >../$shell
done
"$DFLC" --completions=tcsh 2>message && exit 1
printf "dflc: unknown value 'tcsh' of --completions; it is one of bash, zsh, fish (see dflc --help)\n" | cmp - message
"$DFLC" --help >help
[ -z "$(grep -e --completions -e --manual help)" ]
commands=$(sed -n 's/^       dflc \([a-z]*\) .*/\1/p' help)
[ "$(echo "$commands" | wc -l)" -ge 11 ]
rm help message

# NAME: WORDS... is what a shell offers for them, sorted, on one line.
offered() { # WORDS WANTED
    got=$(offer "$1" | sort | tr '\n' ' ')
    [ "$got" = "${2:+$2 }" ] || { printf '%s\nwanted: %s\noffers: %s\n' "$1" "$2" "$got" && exit 1; }
}
has() { # WORDS WANTED...
    words=$1 && shift
    offer "$words" >../offers
    for word in "$@"; do
        grep -qxe "$word" ../offers || { echo "'$words' does not offer '$word'" && exit 1; }
    done
}
flags_of() { # COMMAND: the names that --help shows, what ends in = as that
    "$DFLC" $1 --help | sed -n '/^options:/,/^$/s/^  \(-[A-Za-z-]*=\{0,1\}\).*/\1/p' | sed 's/NAME$//' | sort -u
}
every_flag() { # COMMAND WORDS: joined ones without a = are offered with their words
    has "$2" $(flags_of "$1" | grep -v -e '^-W$' -e '^-Wno-$' -e '^-Werror$' -e '^-Wno-error$')
}

if command -v bash >/dev/null; then
    offer() {
        bash -c '
            compopt() { :; }
            source ../bash
            COMP_WORDS=(${1//=/ = }) # as bash splits them
            [[ $1 != *" " ]] || COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _dflc
            [[ ${#COMPREPLY[@]} = 0 ]] || printf "%s\n" "${COMPREPLY[@]}"' - "$1"
    }
    offered 'dflc ex' explain
    offered 'dflc --color=' 'always auto never'
    offered 'dflc --color=a' 'always auto'
    offered 'dflc graph --format s' svg
    offered 'dflc check ' 'inner one.dfl'
    offered 'dflc check one.dfl -Werror=unused' unused-field
    offered 'dflc -Wno-unused' -Wno-unused-field
    offered 'dflc -o ' 'inner one.dfl two.txt'
    offered 'dflc -d i' inner
    offered 'dflc store ver' verify
    offered 'dflc store verify ' inner
    "$DFLC" store --help | sed -n 's/^  \([a-z]*\) STORE.*/\1/p' | sort >../verbs
    offer 'dflc store ' | sort | diff ../verbs -
    offered 'dflc check --compat one.dfl ' 'inner one.dfl'
    offered 'dflc --mtbf ' ''
    has 'dflc ' check explain one.dfl
    for command in '' $commands; do
        every_flag "$command" "dflc $command -"
    done
fi

if command -v fish >/dev/null; then
    export HOME="$PWD/.." XDG_CONFIG_HOME="$PWD/.." XDG_DATA_HOME="$PWD/.."
    offer() {
        fish --no-config -c 'source ../fish; complete -C $argv[1]' "$1" | cut -f1
    }
    offered 'dflc ex' explain
    offered 'dflc --color=a' '--color=always --color=auto'
    has 'dflc -fsections=' -fsections=auto -fsections=inline -fsections=threads
    offered 'dflc graph --format s' svg
    offered 'dflc check ' 'inner/ one.dfl'
    offered 'dflc check -Werror=unused' -Werror=unused-field
    offered 'dflc -Wno-unused' -Wno-unused-field
    offered 'dflc store ver' verify
    offered 'dflc store verify ' inner/
    has 'dflc ' check explain one.dfl
    for command in '' $commands; do
        offer "dflc $command -" >../offers
        for flag in $(flags_of "$command"); do # of --color= it offers --color, and its values then
            grep -qe "^${flag%=}" ../offers || { echo "'$command' does not offer '$flag'" && exit 1; }
        done
    done
fi

# zsh hands what is said to functions of its own; here they show what they got.
if command -v zsh >/dev/null; then
    offer() {
        zsh -fc '
            _arguments() { print -l -- "$words[*]" "$@"; }
            compdef() { :; }
            words=(${(s: :)1} "") && CURRENT=$#words
            source ../zsh' - "$1"
    }
    has 'dflc' 'dflc ' '1: :_dflc_first' '\*--color=-\[auto, always or never\]:WHEN:(auto always never)' \
        '\*-o+\[write FILE.c, and FILE.h beside it\]:FILE.c:_files' '\*--no-lines\[no #line for C bodies\]'
    has 'dflc graph --costs' 'dflc --costs ' '\*:FILE:_files -g "\*.dfl"' \
        '\*--format=\[dot (the default), mermaid, json, svg or html\]:FORMAT:(dot mermaid json svg html)'
    has 'dflc store' '1:verb:(ls watch history .*)' '2:store:_files -/'
    for command in '' $commands; do
        offer "dflc $command" | sed -n 's/^\*\(-[A-Za-z-]*\).*/\1/p' | sed 's/-*$//' | sort -u >../told
        flags_of "$command" | sed 's/[-=]*$//' | sort -u | diff - ../told
    done
fi
