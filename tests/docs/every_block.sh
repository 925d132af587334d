# shellcheck shell=sh disable=SC2154,SC2086,SC2012
# no-asan: what blocks say is the same
# Every block of code in every page is of a kind that something looks at: examples by docs.sh, in a case here; the few of
# `elsewhere` by what is named there; all others by kinds/KIND.sh, which is run with the block, its page, and the
# words behind the kind, in a directory of its own. It exits with 1 where the block says what is not so, and with 77
# where the tool that it wants is missing, which is named.
elsewhere() { # PAGE KIND: who looks at such a block, and says the name of the page
    case $1:$2 in
    README.md:make) echo tests/docs/readme.sh ;;
    samples/builds/README.md:cmake) echo tests/cmd/cmake.sh ;;
    grammar/first-steps.md:sh | grammar/first-steps.md:c) echo tests/docs/first_steps.sh ;;
    esac
}

failed='' missing=''
bad() { # PAGE:LINE WHAT
    echo "$1: $2"
    failed=yes
}

# Block k becomes blocks/k, and "k page line kind" a line of `list`. What is indented by four behind an empty line is one, too.
pages=$(cd "$TOP" && find . -name '*.md' ! -path './build/*' ! -path '*/node_modules/*' | sed 's|^\./||' | sort)
mkdir blocks
for page in $pages; do
    awk -v page="$page" -v k="$(($(ls blocks | wc -l)))" '
        /^```/ && !open { open = 1; print ++k, page, NR, $0 == "```" ? "plain" : substr($0, 4); printf "" > ("blocks/" k); next }
        /^```/ { open = 0; close("blocks/" k); next }
        open { print > ("blocks/" k); next }
        /^    +[^ ]/ && last == "" && !indented { print ++k, page, NR, "indented"; printf "" > ("blocks/" k); indented = 1 }
        /^[^ ]/ { indented = 0 }
        { last = $0 }' "$TOP/$page" >>list
done
[ "$(wc -l <list)" -gt 90 ]

has_case() { # PAGE: is there a case that runs docs.sh on it?
    grep -l 'docs\.sh' "$TOP"/tests/docs/*.sh | xargs grep -q "$1"
}

before=''
while read -r k page line kind words; do
    at=$page:$line
    whose=$(elsewhere "$page" "$kind")
    case $kind in
    dfl | c) [ "$kind $words" != 'c ' ] || [ -n "$whose" ] || bad "$at" "C of no kind; write 'c check'"
        [ -n "$whose" ] || has_case "$page" || bad "$at" "no case in tests/docs runs docs.sh on $page" ;;
    plain) case $before in dfl\ refuse | dfl\ warn) ;; sh*) [ "$page" = grammar/first-steps.md ] ;; *) false ;; esac ||
        bad "$at" "a fence without a kind; tests/docs/kinds has those that there are" ;;
    indented) bad "$at" "an indented block has no kind; write a fence" ;;
    *)
        if [ -n "$whose" ]; then
            grep -q "${page##*/}" "$TOP/$whose" || bad "$at" "$whose does not speak of $page"
        elif [ ! -e "$TOP/tests/docs/kinds/$kind.sh" ]; then
            bad "$at" "there is no kind '$kind'; tests/docs/kinds has those that there are"
        else
            mkdir "$k" && status=0
            (cd "$k" && sh -eu "$TOP/tests/docs/kinds/$kind.sh" ../blocks/"$k" "$page" $words) >log 2>&1 </dev/null || status=$?
            case $status in
            0) ;;
            77) cat log >>missing && missing=yes ;;
            *) bad "$at" "$(cat log)" ;;
            esac
        fi ;;
    esac
    before="$kind $words"
done <list
[ -z "$missing" ] || sort -u missing
[ -z "$failed" ]
