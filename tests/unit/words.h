/* The words of dfl that are names where no rule has them, and where names stand: for the tests of each reader of it. */
#ifndef WORDS_H
#define WORDS_H

#include <string.h>

#include "dflc/arena.h"

/* Every word that is part of some rule, and reserved in none; and the names of the reducers. */
static const char *const free_words[] = {
    "after",  "and",       "append", "auto",  "before",  "calls",   "checkpoint", "const",
    "cost",   "effect",    "enum",   "error", "every",   "graph",   "import",     "include",
    "inline", "is",        "last",   "len",   "limit",   "local",   "marked",     "max",
    "merge",  "min",       "need",   "never", "node",    "nodes",   "on",         "or",
    "pause",  "predicate", "prefix", "ranks", "retry",   "router",  "runs",       "settle",
    "some",   "steps",     "struct", "sum",   "threads", "timeout", "to",         "transient",
    "union",  "up",        "was",    "with",
};

/* Wherever a name can stand; @ is the name. */
static const char *const positions[] = {
    "graph @ { }",
    "const @ = 3;",
    "const x = @;",
    "const x = @ + @.@ * 2;",
    "prefix @;",
    "enum @ { a }",
    "enum e { @ }",
    "enum e { a, @ = 3, b = @ }",
    "struct @ { a: i32; }",
    "struct s { @: i32; }",
    "struct s { a: @; b: @[]; c: @?; d: @[@]; e: map<@, @> = @; }",
    "graph g { state { @ : i32; } }",
    "graph g { state { in @ : i32 = @; out x : @ merge max; } }",
    "graph g { state { a : i32 merge with @; b : i32 was @; c : i32 = @ local; } }",
    "graph g { state { a : @ transient; b : @ was @ merge sum; } }",
    "graph g { node @ (in x); }",
    "graph g { node n (in @); node m (@); }",
    "graph g { node n (in @, @, out @, inout @ : @[]); }",
    "graph g { node n runs @ (in @ = @, out @ = @.@); }",
    "graph g { node @ runs @ (); }",
    "graph g { node @ (in x) {% body %} }",
    "graph g { node n (in x) calls @ was @ cost @ timeout @; }",
    "graph g { node n (in x) retry @ every @ up to @ effect; }",
    "graph g { node n (in x) retry @ cost @ checkpoint pause before; }",
    "graph g { predicate @ (in @); router @ (in @) -> @ | @ | end; }",
    "graph g { limit steps @; checkpoint every @ nodes; }",
    "graph g { @ -> @; }",
    "graph g { @, @ -> @ -> @; start -> @ -> end; }",
    "graph g { @ -> @ when @ max @; @ -> @ max @ on error; @ -> @ on timeout; }",
    "graph g { a -> b when @ < @ && !@ || @ == @.@; }",
    "graph g { a -> b when @ is none && @ is some && @ in @ && len(@) > @; }",
    "graph g { a -> b when -@ + (@) max @; }",
    "graph g { @ -> @ : [@, @ -> @] -> @; }",
    "graph g { a -> [@] settle @ threads; a -> [@] inline settle @ need @ -> @; }",
    "graph g { @ -> each @ in @ [@] -> @; @ -> each @, @ in @.@ [@ -> @] ranks -> @; }",
    "graph g { a -> when { @ -> @; else -> @; } @ -> b; }",
    "graph g { a -> match @ { @, @ -> @; else -> @ } @ -> b; }",
    "graph g { [@] -> @; @ : [@] -> @; }",
};

static inline const char *replace(Arena *arena, const char *text, const char *what, const char *with) {
    const char *result = "", *found;
    for (; (found = strstr(text, what)); text = found + strlen(what))
        result = arena_printf(arena, "%s%.*s%s", result, (int)(found - text), text, with);
    return arena_printf(arena, "%s%s", result, text);
}

#endif
