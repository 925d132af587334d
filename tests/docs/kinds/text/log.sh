# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC1090,SC1091
# The end of such a run, with other times.
cat >support.dfl <<'END'
graph support {
    state { out n : i32; }
    node apologise (out n) {% (void)ctx; *n = 1; %}
    node draft (out n) retry 1 {% *n = 0; return dfl_fail(ctx, 3, "no such model"); %}





    // What failed is told by the place of a node in the flow.

    start -> draft -> end;
    draft -> apologise on error;
    apologise -> end;
}
END
cat >main.c <<'END'
#include "support.h"

int main(void) {
    dfl_hooks *hooks = dfl_log_open(stdout);
    dfl_run run = {.hooks = hooks};
    support_state s;
    support_state_init(&s);
    (void)support_run(&s, &run);
    support_state_free(&s);
    return dfl_log_close(hooks);
}
END
"$DFLC" -w support.dfl
"${CC:-cc}" -I. -I"$DFLRT" -o support -include stdio.h main.c support.c "$DFLRT/libdflrt.a" -lpthread
./support >log
alike() { sed -E 's/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z/TIME/; s/[0-9.]+ (ns|us|ms)/TIME/' "$1"; }
alike log >have
alike "$block" >want
while read -r line; do
    grep -qxF "$line" have || { echo "no line is like: $line" && cat log && exit 1; }
done <want
