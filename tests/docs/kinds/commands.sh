# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Lines with a command and, behind two spaces, a remark; \ goes on. There must be the target of make and its variables, the
# command of dflc and its options, the script and the case. The commands of a sample are run: by the suite samples, or by a
# case that has the line from there.
block=$1 page=$2
bad() { echo "$1: $line" && exit 1; }

targets_of() { # DIRECTORY
    [ -e "targets.$1" ] || make -pRrq -C "$TOP/$2" : 2>/dev/null | sed -n 's/^\([A-Za-z][A-Za-z0-9/_-]*\):.*/\1/p' | sort -u >"targets.$1"
    cat "targets.$1"
}
make_has() { # WORDS
    case $page in samples/*/*) directory=${page%/README.md} ;; *) directory=. ;; esac
    while [ $# -gt 0 ]; do
        case $1 in
        -C) directory=$2 && shift ;;
        *=*) grep -rqw "${1%%=*}" "$TOP/Makefile" "$TOP"/dflc/package/*.mk || bad "make knows no variable '${1%%=*}'" ;;
        *) targets_of "$(echo $directory | tr / _)" "$directory" | grep -qx "$1" || bad "there is no target '$1' in $directory" ;;
        esac
        shift
    done
}
dflc_has() { # WORDS; options in the remark are the command's, too
    command=''
    case ${1-} in '['* | FILE* | -*) ;; *) command=$1 ;; esac
    "$DFLC" $command --help >help
    for flag in $(echo "$line" | sed "s/'[^']*'//g" | grep -oe '[[ ]--*[a-z][a-z-]*' | tr -d '[ '); do
        grep -qwe "$flag" help || bad "dflc $command has no option $flag"
    done
    [ -z "$command" ] || grep -q "^usage: dflc $command" help || bad "dflc has no command $command"
    case $command:${2-} in store:VERB | queue:VERB) ;; store:* | queue:*) grep -q "^  $2 " help || bad "dflc $command has no verb $2" ;; esac
}
script_has() { # WORDS: those that look like options stand in it; those that look like cases are some
    script=$TOP/$1 && shift
    [ -x "$script" ] || bad 'there is no such script'
    for word in "$@"; do
        case $word in
        -- | cross-*) ;;
        -*) grep -q -e "$word" "$script" || bad "it has no option $word" ;;
        [a-z]*/*) ls "$TOP/tests/$word".* >/dev/null 2>&1 || bad "there is no case $word" ;;
        [a-z]*) [ -d "$TOP/tests/$word" ] || grep -q "$word" "$TOP/tests/cross.lib" "$script" || bad "there is no suite $word" ;;
        esac
    done
}
oracle_does() { # WORDS
    make -s -C "$TOP" build/oracle
    mkdir -p DIR OTHER && shift
    "$TOP/build/oracle" "$@" >log 2>&1 || bad "$(cat log)"
}

awk '{ more = whole ~ /\\$/ || /^ /; sub(/ *\\$/, "", whole) }
    more { sub(/^ +/, ""); whole = whole (NR > 1 && last ~ /\\$/ ? " " : "   ") $0 }
    !more { if (NR > 1) print whole; whole = $0 }
    { last = $0 }
    END { print whole }' "$block" | while read -r line; do
    said=$(echo "$line" | sed 's/   *[^ ].*//; s/"[^"]*"/quoted/g; s/'"'[^']*'"'/quoted/g; s/ && /\n/g')
    echo "$said" | while read -r said; do
        said=${said#sudo }
        while echo "$said" | grep -q '^[A-Z_]*='; do
            grep -rqw "${said%%=*}" "$TOP/Makefile" "$TOP/tests/run.sh" "$TOP/tests/exec" || bad "nothing asks for ${said%%=*}"
            said=${said#* }
        done
        set -f && set -- $said && set +f
        case ${1-} in
        '') ;;
        make) shift && make_has "$@" ;;
        dflc) shift && dflc_has "$@" ;;
        ./*) [ -e "$TOP/${page%README.md}Makefile" ] || bad 'it is not of a sample' ;;
        cmake | ctest | meson) grep -q "README.md" "$TOP/tests/cmd/$(echo "$1" | sed s/ctest/cmake/).sh" || bad 'no case runs it' ;;
        tests/*) script_has "$@" ;;
        build/oracle) oracle_does "$@" ;;
        DIR/*) grep -q "${1#DIR/}" "$TOP/tests/oracle/try.sh" || bad 'nothing makes it' ;;
        *) bad 'nothing knows such a command' ;;
        esac
    done || exit 1
done
