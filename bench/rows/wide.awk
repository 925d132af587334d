# Graphs of many nodes, and the same calls by hand.   awk -f wide.awk -v out=dfl|huge|hand|nodes
function graph(name, n, call,    i, line) {
    printf "graph %s {\n    state { %s; }\n", name, call == "wide_push" ? complex : "counter : u32"
    for (i = 1; i <= n; i++)
        printf "    node n%d (inout counter%s) calls %s;\n", i, call == "wide_push" ? ", messages" : "", call
    line = "    start"
    for (i = 1; i <= n; i++)
        line = line " -> n" i
    print line " -> end;\n}\n"
}

# of n subgraphs, all of them the graph `inner`: a C compiler takes far more than n times as long over a function
# that is n times as long
function nested(name, n, inner,    i, line) {
    printf "graph %s {\n    state { counter : u32; }\n", name
    line = "    start"
    for (i = 1; i <= n; i++) {
        printf "    node n%d runs %s (in counter, out counter);\n", i, inner
        line = line " -> n" i
    }
    print line " -> end;\n}\n"
}

function hand(name, n, call, args,    i) {
    printf "int hand_%s(%s_state *s, dfl_ctx *ctx) {\n    int rc;\n", name, name
    for (i = 1; i <= n; i++)
        printf "    if ((rc = %s(ctx, %s)) != 0)\n        return rc;\n", call, args
    print "    return 0;\n}\n"
}

BEGIN {
    complex = "messages : string[]; metadata : map<string, string>; counter : u32; status : string = \"initialized\"; next : string"
    if (out == "dfl") {
        graph("chain100", 100, "wide_push")
        print "graph fan50 {\n    state { messages : string[]; metadata : map<string, string> merge union; counter : u32; status : string = \"initialized\"; next : string; }"
        print "    node first (out status);"
        for (i = 0; i < 50; i++)
            printf "    node worker%d (out metadata) cost 30ns;\n", i
        print "    node collect (in metadata, out status, counter);"
        line = "    start -> first -> [worker0"
        for (i = 1; i < 50; i++)
            line = line ", worker" i
        print line "] -> collect -> end;\n}"
    } else if (out == "huge") {
        graph("steps100", 100, "wide_step")
        nested("chain10000", 100, "steps100")
    } else if (out == "hand") {
        print "#include \"huge.h\"\n#include \"wide.h\"\n"
        hand("chain100", 100, "wide_push", "&s->counter, &s->messages")
        hand("chain10000", 10000, "wide_step", "&s->counter")
        print "int hand_fan50(fan50_state *s, dfl_ctx *ctx) {\n    int rc;"
        print "    if ((rc = fan50_first(ctx, &s->status)) != 0)\n        return rc;"
        for (i = 0; i < 50; i++)
            printf "    if ((rc = fan50_worker%d(ctx, &s->metadata)) != 0)\n        return rc;\n", i
        print "    return fan50_collect(ctx, &s->metadata, &s->status, &s->counter);\n}"
    } else {
        print "#include \"nodes.h\"\n\n#include \"wide.h\"\n"
        print "int fan50_first(dfl_ctx *ctx, dfl_str *status) {\n    (void)ctx;\n    *status = DFL_STR(\"distributing\");\n    return 0;\n}\n"
        for (i = 0; i < 50; i++) {
            printf "int fan50_worker%d(dfl_ctx *ctx, dfl_str_map *metadata) {\n", i
            printf "    return dfl_str_map_put(ctx, metadata, KEY(ctx, \"worker%%d\", %d), DFL_STR(\"done\"));\n}\n", i
        }
        print "\nint fan50_collect(dfl_ctx *ctx, const dfl_str_map *metadata, dfl_str *status, uint32_t *counter) {"
        print "    (void)ctx;\n    *status = DFL_STR(\"collected\");\n    *counter = metadata->len;\n    return 0;\n}\n"
        print "int wide_push(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages) {"
        print "    *counter += 1;"
        print "    return dfl_str_list_push(ctx, messages, dfl_printf(ctx, \"Node %\" PRIu32, *counter - 1));\n}"
        print "\nint wide_step(dfl_ctx *ctx, uint32_t *counter) {\n    (void)ctx;\n    *counter += 1;\n    return 0;\n}"
    }
}
