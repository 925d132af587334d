/* How parser.c and scanner.c tell the tree-sitter library of a language: the tables of ABI 14, and the words that
 * parser.c is written in. Written for these two: Debian's packages of the library have no such header since 0.22, and
 * that of 0.20 does not take what later generators write. */
#ifndef TREE_SITTER_PARSER_H_
#define TREE_SITTER_PARSER_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef uint16_t TSStateId;
typedef uint16_t TSSymbol;
typedef uint16_t TSFieldId;
typedef struct TSLanguage TSLanguage;
typedef struct TSLexer TSLexer;

enum { ts_builtin_sym_end = 0 };
#define ts_builtin_sym_error ((TSSymbol)UINT16_MAX)

/* ---- what a scanner is given ---- */

struct TSLexer {
    int32_t lookahead; /* a code point; 0 at the end, too */
    TSSymbol result_symbol;
    void (*advance)(TSLexer *lexer, bool skip); /* skip: what is passed is no part of the token */
    void (*mark_end)(TSLexer *lexer);
    uint32_t (*get_column)(TSLexer *lexer);
    bool (*is_at_included_range_start)(const TSLexer *lexer);
    bool (*eof)(const TSLexer *lexer);
};

/* ---- the tables ---- */

typedef struct TSFieldMapEntry {
    TSFieldId field_id;
    uint8_t child_index;
    bool inherited;
} TSFieldMapEntry;

typedef struct TSMapSlice {
    uint16_t index, length;
} TSMapSlice;

typedef struct TSSymbolMetadata {
    bool visible, named, supertype;
} TSSymbolMetadata;

typedef struct TSLexMode {
    uint16_t lex_state, external_lex_state;
} TSLexMode;

typedef enum TSParseActionType {
    TSParseActionTypeShift,
    TSParseActionTypeReduce,
    TSParseActionTypeAccept,
    TSParseActionTypeRecover,
} TSParseActionType;

typedef union TSParseAction {
    struct {
        uint8_t type;
        TSStateId state;
        bool extra, repetition;
    } shift;
    struct {
        uint8_t type, child_count;
        TSSymbol symbol;
        int16_t dynamic_precedence;
        uint16_t production_id;
    } reduce;
    uint8_t type;
} TSParseAction;

/* A list of actions is its header, and they behind it. */
typedef union TSParseActionEntry {
    TSParseAction action;
    struct {
        uint8_t count;
        bool reusable;
    } entry;
} TSParseActionEntry;

struct TSLanguage {
    uint32_t abi_version, symbol_count, alias_count, token_count, external_token_count, state_count, large_state_count,
        production_id_count, field_count;
    uint16_t max_alias_sequence_length;
    const uint16_t *parse_table, *small_parse_table;
    const uint32_t *small_parse_table_map;
    const TSParseActionEntry *parse_actions;
    const char *const *symbol_names, *const *field_names;
    const TSMapSlice *field_map_slices;
    const TSFieldMapEntry *field_map_entries;
    const TSSymbolMetadata *symbol_metadata;
    const TSSymbol *public_symbol_map;
    const uint16_t *alias_map;
    const TSSymbol *alias_sequences;
    const TSLexMode *lex_modes;
    bool (*lex_fn)(TSLexer *lexer, TSStateId state);
    bool (*keyword_lex_fn)(TSLexer *lexer, TSStateId state);
    TSSymbol keyword_capture_token;
    struct {
        const bool *states;
        const TSSymbol *symbol_map;
        void *(*create)(void);
        void (*destroy)(void *payload);
        bool (*scan)(void *payload, TSLexer *lexer, const bool *valid);
        unsigned (*serialize)(void *payload, char *buffer);
        void (*deserialize)(void *payload, const char *buffer, unsigned length);
    } external_scanner;
    const TSStateId *primary_state_ids;
};

/* ---- the words of parser.c: a lexer ---- */

#define START_LEXER()                                                                                                  \
    bool result = false, skip = false, eof = false;                                                                    \
    int32_t lookahead;                                                                                                 \
    goto start;                                                                                                        \
    next_state:                                                                                                        \
    lexer->advance(lexer, skip);                                                                                       \
    start:                                                                                                             \
    skip = false;                                                                                                      \
    lookahead = lexer->lookahead;                                                                                      \
    (void)eof; /* not each function asks for it */

#define ADVANCE(STATE)                                                                                                 \
    {                                                                                                                  \
        state = STATE;                                                                                                 \
        goto next_state;                                                                                               \
    }

#define SKIP(STATE)                                                                                                    \
    {                                                                                                                  \
        skip = true;                                                                                                   \
        ADVANCE(STATE)                                                                                                 \
    }

/* Pairs: a character, and the state behind it. */
#define ADVANCE_MAP(...)                                                                                               \
    {                                                                                                                  \
        static const uint16_t pairs[] = {__VA_ARGS__};                                                                 \
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i += 2)                                                   \
            if (pairs[i] == lookahead)                                                                                 \
                ADVANCE(pairs[i + 1])                                                                                  \
    }

#define ACCEPT_TOKEN(SYMBOL)                                                                                           \
    result = true;                                                                                                     \
    lexer->result_symbol = SYMBOL;                                                                                     \
    lexer->mark_end(lexer);

#define END_STATE() return result;

/* ---- and tables ---- */

#define STATE(ID) (ID)
#define ACTIONS(ID) (ID)
#define SMALL_STATE(ID) ((ID)-LARGE_STATE_COUNT)

#define SHIFT(STATE) {{.shift = {.type = TSParseActionTypeShift, .state = (STATE)}}}
#define SHIFT_REPEAT(STATE) {{.shift = {.type = TSParseActionTypeShift, .state = (STATE), .repetition = true}}}
#define SHIFT_EXTRA() {{.shift = {.type = TSParseActionTypeShift, .extra = true}}}
#define REDUCE(SYMBOL, CHILDREN, PRECEDENCE, PRODUCTION)                                                               \
    {{.reduce = {TSParseActionTypeReduce, (CHILDREN), (SYMBOL), (PRECEDENCE), (PRODUCTION)}}}
#define ACCEPT_INPUT() {{.type = TSParseActionTypeAccept}}
#define RECOVER() {{.type = TSParseActionTypeRecover}}

#endif
