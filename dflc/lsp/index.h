/* All that has a name in a file and in those that it imports, and where in the
 * file each of these names stands.
 *
 * Rests on the syntax tree alone, so that a half-written file has one; names
 * are resolved as sema/ does it, where there is more than one thing that they
 * could mean. */
#ifndef DFLC_LSP_INDEX_H
#define DFLC_LSP_INDEX_H

#include "dflc/ast.h"
#include "tokens.h"

typedef enum SymbolKind {
    SYM_GRAPH,
    SYM_FIELD,
    SYM_NODE,
    SYM_PREDICATE,
    SYM_ROUTER,
    SYM_SECTION,
    SYM_VAR, /* of an each: those of one name in a graph count as one */
    SYM_ENUM,
    SYM_VALUE,
    SYM_STRUCT,
    SYM_MEMBER,
    SYM_CONST,
    SYM_FILE, /* imported or included; name: its path */
    SYM_C,    /* a function of C that is named: calls F, merge with F */
} SymbolKind;

typedef struct Symbol Symbol;
typedef struct FileIndex FileIndex;

struct Symbol {
    SymbolKind kind;
    const char *name; /* interned */
    Span span;        /* of the name where it is declared; source NULL: in no .dfl file */
    Symbol *owner;    /* the graph, enum or struct that it is in; NULL: none */
    const FileIndex *file;
    const AstType *type; /* of a field, a member, an element of each; NULL: none, or i64 */
    union {
        const AstField *field;
        const AstNode *node;
        const AstItem *item;
        const AstPlace *section;
        const AstEnumerator *value;
    } ast;
    StrMap inner; /* of a graph, enum or struct: name to Symbol */
};

typedef struct Occurrence {
    Span span;
    Symbol *symbol;
    bool declares, writes;
    Symbol *child; /* `in x` and `out x` of a node that runs a graph: the graph's
                    field of that name */
} Occurrence;

struct FileIndex {
    Source *source;
    const char *real; /* path */
    AstFile *file;
    const char *prefix; /* "" or "acme_" */
    FileIndex **imports;
    size_t n_imports, cap_imports;
};

typedef struct Index {
    Arena *arena;
    Interner *names;
    TokenList tokens;  /* of the file itself */
    FileIndex **files; /* that itself first */
    size_t n_files, cap_files;
    Symbol **symbols; /* of all files, in order */
    size_t n_symbols, cap_symbols;
    StrMap graphs, types, consts, values, c_names; /* values: of any enum, the first of a name */
    Occurrence *all;                               /* of the file itself, in order */
    size_t n, cap;
} Index;

/* path: real. The text is that of the view, or of the disk; NULL: it cannot be
 * read. */
Index *index_new(Arena *arena, const FileView *view, const char *path, const char **dirs,
                 size_t n_dirs);
/* At an offset or right before it; NULL: no name. */
const Occurrence *index_at(const Index *index, uint32_t offset);
/* The graph that an offset lies in; NULL: none. */
Symbol *index_graph_at(const Index *index, uint32_t offset);
/* Whether the two, of indexes of different files, are one. */
bool same_symbol(const Symbol *a, const Symbol *b);
/* What the C function of a node, predicate or router is called; NULL: it is not
 * known. */
const char *symbol_c_name(Arena *arena, const Symbol *symbol);
/* T of T?, T[], map<string, T>...; types that are not there are NULL. */
const AstType *type_without_opt(const AstType *type);
const Symbol *type_symbol(const Index *index, const AstType *type);
const AstType *expr_type(const Index *index, const Symbol *graph, const AstExpr *expr);

/* ---- between declare.c and occur.c ---- */

void index_declare(Index *index);
void index_occur(Index *index);

#endif
