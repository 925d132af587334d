# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# Two branches of which both write a field, on the lines of which the page speaks.
cat >review.dfl <<'END'
graph review {
    state {
    notes : string[];
    text : string;
    }



    node draft (out text);
    node facts (in text, out notes);
    node tone  (in text, out notes);
    node merge (in notes);
    start -> draft;
    draft -> [facts, tone] -> merge;
    merge -> end;
}
END
