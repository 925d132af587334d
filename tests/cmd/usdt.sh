# -fusdt: probes in the generated code, which cost a nop each, tell what the events of a run tell, also where there are
# no events, and name the package of <sys/sdt.h> where it is missing.
sanitize=${SANITIZE:+-g $SANITIZE}
strict='-std=gnu11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
rt="-I$DFLRT -I."
libs="$DFLRT/libdflrt.a -lpthread"
cc=${CC:-cc}

cat > g.dfl <<'D'
graph inner {
    state { in n : i32; out twice : i32; }
    node double_it (in n, out twice) {% (void)ctx; *twice = 2 * n; %}
    node halve (inout twice) {% (void)ctx; *twice /= 1; %}
    start -> double_it -> when { twice > 2 -> halve; else -> end; }
    halve -> end;
}

graph outer {
    state {
        in list : i32[]; in fail : i32; n : i32 = 3; total : i32 merge sum; answer : string; color : string;
    }
    node shaky (inout n) retry 2 {% *n += 1; return dfl_attempt(ctx) < 2 ? dfl_fail(ctx, 7, "not yet") : 0; %}
    node left (out total) {% (void)ctx; *total = 1; %}
    node sub runs inner (in n, out total = twice) retry 1;
    node one (in v : i32, out total) {% (void)ctx; *total = v; %}
    router pick (in n) -> ask | mend;
    node ask (out answer) checkpoint {% return dfl_interrupt(ctx, DFL_STR("well?"), answer); %}
    node late (in fail) {% return fail ? dfl_fail(ctx, fail, "as asked") : 0; %}
    node mend (inout n) {% (void)ctx; *n += 1; %}
    start -> shaky -> fan: [left, [left2, sub]] -> each v in list [one -> two] -> when { n > 100 -> mend; else -> pick; }
    node left2 (out total) {% (void)ctx; *total = 1; %}
    node two (out total) {% (void)ctx; *total = 1; %}
    ask -> late -> when { n < 6 -> mend max 1; else -> end; }
    late -> mend on error;
    mend -> when { n < 6 -> late; else -> end; }
}
D
cat > main.c <<'D'
#include "g.h"
#include <stdio.h>
#include <stdlib.h>

FILE *probes, *events;

outer_pick_to outer_pick(dfl_ctx *ctx, int32_t n) {
    (void)ctx;
    return n > 100 ? outer_pick_mend : outer_pick_ask;
}

/* What a probe tells of the same, in the same words. */
static void on_event(void *user, const dfl_event *event) {
    const char *graph = event->graph->name;
    int result = event->error ? event->error->code : event->status;
    (void)user;
    switch (event->kind) {
    case DFL_EVENT_RUN_START: fprintf(events, "run__start %s\n", graph); break;
    case DFL_EVENT_RUN_END: fprintf(events, "run__end %s %d\n", graph, event->status); break;
    case DFL_EVENT_NODE_START:
        fprintf(events, "node__start %s %s %d %u\n", graph, event->path, (int)event->index, event->attempt);
        break;
    case DFL_EVENT_NODE_END: case DFL_EVENT_NODE_ERROR: case DFL_EVENT_PAUSED:
        fprintf(events, "node__end %s %s %d %d\n", graph, event->path, (int)event->index, result);
        break;
    case DFL_EVENT_FORK: fprintf(events, "section__start %s %s %d\n", graph, event->path, (int)event->index); break;
    case DFL_EVENT_JOIN:
        fprintf(events, "section__end %s %s %d %d\n", graph, event->path, (int)event->index, event->status);
        break;
    case DFL_EVENT_EDGE: fprintf(events, "edge %s %s %s\n", graph, event->path, event->to); break;
    case DFL_EVENT_SAVED: fprintf(events, "checkpoint %s %s %d\n", graph, event->path, (int)event->checkpoint); break;
    default: break;
    }
}

int main(void) {
    static const int32_t list[] = {10, 20};
    dfl_hooks hooks = {.mask = outer_graph.no_events ? 0 : DFL_EV_ALL, .on_event = on_event, .ordered = true};
    dfl_store *store = outer_graph.no_checkpoints ? NULL : dfl_store_memory();
    probes = fopen("probes.txt", "w");
    events = fopen("events.txt", "w");
    for (int fail = 0; fail < 2; fail++) {
        dfl_run run = {.hooks = hooks.mask ? &hooks : NULL, .store = store, .thread_id = store ? "t" : NULL};
        outer_state s;
        outer_state_init(&s);
        s.list = (dfl_i32_list){list, 2, 0};
        s.fail = 5 * fail;
        if (outer_run(&s, &run) != DFL_PAUSED)
            return 1;
        run.answer = DFL_STR("yes");
        if (outer_resume(&s, &run) != DFL_OK)
            return 2;
        outer_state_free(&s);
    }
    dfl_store_close(store);
    return fclose(probes) || fclose(events);
}
D

# Without the option there is nothing of them.
"$DFLC" -w g.dfl
! grep -E 'sdt|PROBE|dfl_from|saved_one' g.c

# The header is missing.
"$DFLC" -w -fusdt g.dfl
sed 's,<sys/sdt.h>,<sys/no_such_sdt.h>,' g.c > missing.c
! $cc -std=c11 $rt -c missing.c 2> err
grep -F 'error "-fusdt: there is no <sys/no_such_sdt.h>; it is in systemtap-sdt-dev (Debian, Ubuntu), systemtap-sdt-devel (Fedora), or systemtap (Arch)"' err > /dev/null
[ "$(grep -c 'error: ' err)" -le 2 ] # the second: there is no such file

# A header of our own, whose probes write what they tell: it is what the events tell.
mkdir -p own/sys
cat > own/sys/sdt.h <<'D'
#include <stdio.h>
extern FILE *probes;
#define DTRACE_PROBE1(P, N, A) fprintf(probes, #N " %s\n", A)
#define DTRACE_PROBE2(P, N, A, B) fprintf(probes, #N " %s %d\n", A, (int)(B))
#define DTRACE_PROBE3(P, N, A, B, C) \
    ((#N)[0] == 'e' ? fprintf(probes, #N " %s %s %s\n", A, B, (const char *)(uintptr_t)(C)) \
                    : fprintf(probes, #N " %s %s %d\n", A, B, (int)(intptr_t)(C)))
#define DTRACE_PROBE4(P, N, A, B, C, D) fprintf(probes, #N " %s %s %d %d\n", A, B, (int)(C), (int)(D))
D
build_own() { # PROGRAM FLAG...: with that header
    program=$1 && shift
    "$DFLC" -w -fusdt "$@" g.dfl
    # shellcheck disable=SC2086 # lists of words
    $cc $strict $sanitize -Iown $rt -o "$program" main.c g.c $libs
    "./$program"
}
build_own inline -fsections=inline
[ "$(grep -c . probes.txt)" -gt 100 ]
# A save comes between the edge to a place and its start: a probe tells of the edge when it is taken.
for kind in checkpoint '[^c]'; do
    grep "^$kind" events.txt > of_events.txt
    grep "^$kind" probes.txt | diff of_events.txt -
done
mv probes.txt all.txt
build_own threads -fsections=threads
sort events.txt > of_events.txt
sort probes.txt | diff of_events.txt -

# Probes need neither events nor checkpoints.
build_own no_events -fsections=inline -fno-events
diff all.txt probes.txt
sed 's/outer_resume(&s, &run)/DFL_OK/' main.c > once.c
"$DFLC" -w -fusdt -fsections=inline -fno-checkpoints g.dfl
! grep -E 'saved_one|PROBE.*checkpoint' g.c
# shellcheck disable=SC2086
$cc $strict $sanitize -Iown $rt -o no_checkpoints once.c g.c $libs
./no_checkpoints
grep '^[^c]' events.txt | diff - probes.txt

# The real header, where it and what reads notes are installed.
echo '#include <sys/sdt.h>' | $cc -E - > /dev/null 2>&1 || exit 0
command -v readelf > /dev/null && command -v objdump > /dev/null || exit 0

names() { # PROGRAM: of its probes
    readelf -n "$1" | awk '/Provider: / { ours = $2 == "dflc" } ours && /Name: / { print $2 }' | sort -u
}
cat > expected <<'D'
checkpoint
edge
node__end
node__start
run__end
run__start
section__end
section__start
D
are_nops() { # PROGRAM: each probe of it is one
    readelf -n "$1" | sed -n 's/.*Location: 0x0*\([0-9a-f]*\),.*/\1/p' | sort -u > places
    [ "$(grep -c . places)" -gt 20 ]
    objdump -d "$1" | awk '
        NR == FNR { place[$1] = 1; n++; next }
        { at = $1; sub(":", "", at) }
        !(at in place) { next }
        $NF == "nop" { seen++; next }
        { print; exit 1 }
        END { if (seen != n) { print seen " nops of " n; exit 1 } }' places -
}
"$DFLC" -w -fusdt g.dfl
for compiler in "$cc" clang; do
    command -v "$compiler" > /dev/null || continue
    # shellcheck disable=SC2086
    $compiler $strict -O2 $sanitize $rt -o real main.c g.c $libs
    names real | diff expected -
    are_nops real
    ./real
done

# Linked statically with musl, whose compiler does not look where the header is.
command -v musl-gcc > /dev/null && [ -e "$DFLRT/musl/libdflrt.a" ] || exit 0
mkdir -p copy/sys
for header in $(echo '#include <sys/sdt.h>' | $cc -E -M - | tr ' ' '\n' | grep 'sys/sdt'); do
    cp "$header" copy/sys
done
# shellcheck disable=SC2086
musl-gcc -static -std=gnu11 -O2 -Wall -Wextra -Werror -isystem copy $rt -o static_one main.c g.c \
    "$DFLRT/musl/libdflrt.a" || exit 1
names static_one | diff expected -
./static_one
