/* Tokens to AST. The actions call ast_* builders and nothing else; no name is looked up.
 *
 * Words are contextual: every keyword that `name` lists is also a name, and there is no conflict
 * because at each place either a keyword or a name can stand, or one more token decides.
 *
 * A syntax error skips to the ';' or '}' that ends the statement (see parse_recover), so that the
 * next statement is read as if nothing had happened. */

%require "3.8"
%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {T_}
%define api.value.type union
%define api.location.type {Span}
%define parse.lac full
%define parse.error custom
%locations
%expect 0
%param {Parse *p}

%code requires {
#include "dflc/ast_build.h"
#include "dflc/literal.h"
}

%code {
#include <string.h>

/* Enough for AST_MAX_DEPTH brackets, each with what an expression or a section piles up. */
#define YYMAXDEPTH 20000

/* An empty rule stands, with no width, behind what came before it. */
#define YYLLOC_DEFAULT(Current, Rhs, N)                                                            \
    ((Current) = (N) ? span_join(YYRHSLOC(Rhs, 1), YYRHSLOC(Rhs, N))                               \
                     : (Span){YYRHSLOC(Rhs, 0).source, YYRHSLOC(Rhs, 0).end,                       \
                              YYRHSLOC(Rhs, 0).end})

int parse_lex(GRAMMAR_STYPE *value, Span *at, Parse *p);
#define grammar_lex parse_lex

static void grammar_error(const Span *at, Parse *p, const char *text);

static const AstName no_name;
}

/* ---- tokens: an alias is what a message calls it ---- */

%token END_OF_FILE 0 "end of file"
%token BROKEN "a broken token"

%token <const char *> IDENT "a name"
%token <uint64_t> INT "a number"
%token <double> FLOAT "a float"
%token <uint64_t> DURATION "a duration"
%token <LiteralString> STRING "a string"
%token HEADER "<FILE>"
%token BODY "{%"

%token ARROW "->" LE "<=" GE ">=" EQ "==" NE "!=" AND "&&" OR "||"

/* reserved */
%token <const char *> IN "in" OUT "out" INOUT "inout" START "start" END "end" JOIN "join"
%token <const char *> ELSE "else" NONE "none" TRUE "true" FALSE "false" WHEN "when" MATCH "match"
%token <const char *> EACH "each" STATE "state"
%token <const char *> BOOL "bool" I8 "i8" I16 "i16" I32 "i32" I64 "i64" U8 "u8" U16 "u16" U32 "u32"
%token <const char *> U64 "u64" F32 "f32" F64 "f64" STRING_TYPE "string" BYTES "bytes" MAP "map"
%token <const char *> HANDLE "handle" FAULT "fault"

/* contextual */
%token <const char *> GRAPH "graph" NODE "node" PREDICATE "predicate" ROUTER "router"
%token <const char *> INCLUDE "include" IMPORT "import" CONST "const" PREFIX "prefix"
%token <const char *> ENUM "enum" STRUCT "struct"
%token <const char *> COST "cost" RETRY "retry" EVERY "every" UP "up" TO "to" TIMEOUT "timeout"
%token <const char *> CHECKPOINT "checkpoint" EFFECT "effect" PAUSE "pause" BEFORE "before"
%token <const char *> AFTER "after" WAS "was" CALLS "calls" RUNS "runs"
%token <const char *> MERGE "merge" WITH "with" TRANSIENT "transient" LOCAL "local"
%token <const char *> MAX "max" ON "on" ERROR "error"
%token <const char *> INLINE "inline" THREADS "threads" RANKS "ranks" SETTLE "settle" NEED "need"
%token <const char *> LIMIT "limit" STEPS "steps" MARKED "marked" AUTO "auto" NEVER "never"
%token <const char *> NODES "nodes" IS "is" SOME "some" LEN "len"

/* ---- types of values ---- */

%type <AstName> name name_not_with any_name
%type <const char *> word
%type <AstExpr *> expr primary path init_opt count duration match_value
%type <AstType *> type
%type <const char *> scalar
%type <AstItem *> enum_open enumerators struct_open
%type <AstField *> field_head field
%type <AstDirection> direction mode
%type <AstNode *> node_open params signature callee targets
%type <AstParam> param bare_param
%type <AstAttr> attr
%type <AstPlace *> place section branches block when_arms match_arms
%type <AstChain *> branch hops hops_block
%type <AstArm *> when_arm when_arm_closed match_arm match_arm_closed match_values
%type <AstEdges *> sources

/* ---- precedence, loosest first ---- */

%left "||"
%left "&&"
%left "==" "!="
%left '<' "<=" '>' ">="
%left IN IS
%left '+' '-'
%left '*' '/' '%'
%precedence UNARY

%%

/* ---- a file ---- */

file: %empty | file item;

item
    : ';'
    | INCLUDE STRING ';'    { ast_include(p, @2); }
    | INCLUDE HEADER ';'    { ast_include(p, @2); }
    | IMPORT STRING ';'     { ast_import(p, @2, $2.p); }
    | PREFIX name ';'       { ast_add_item(p, ast_item(p, AI_PREFIX, @2, $2)); }
    | CONST name '=' expr ';'           { ast_const(p, $2, $4); }
    | enumerators '}'       { ast_add_item(p, $1); }
    | enumerators ',' '}'   { ast_add_item(p, $1); }
    | ENUM name '{' error '}'           { yyerrok; }
    | struct_open '}'       { ast_add_item(p, $1); }
    | struct_open error '}' { yyerrok; }
    | graph_open '}'        { ast_graph_end(p, @2); }
    | graph_open error '}'  { ast_graph_end(p, @3); yyerrok; }
    | error ';'             { yyerrok; }
    | error '}'             { yyerrok; }
    ;

enum_open: ENUM name '{'    { $$ = ast_item(p, AI_ENUM, @2, $2); };
enumerators
    : enum_open name init_opt           { $$ = $1; ast_add_enumerator(p, $$, $2, $3); }
    | enumerators ',' name init_opt     { $$ = $1; ast_add_enumerator(p, $$, $3, $4); }
    ;

struct_open
    : STRUCT name '{'       { $$ = ast_item(p, AI_STRUCT, @2, $2); }
    | struct_open name ':' type init_opt ';'    { $$ = $1; ast_add_member(p, $$, $2, $4, $5); }
    | struct_open ';'
    | struct_open error ';' { $$ = $1; yyerrok; }
    ;

init_opt: %empty            { $$ = NULL; }
    | '=' expr              { $$ = $2; }
    ;

/* ---- a graph ---- */

graph_open
    : GRAPH name '{'        { ast_graph_begin(p, $2); }
    | graph_open graph_item
    | graph_open error ';'  { yyerrok; }
    ;

graph_item
    : ';'
    | state_open '}'
    | state_open error '}'  { yyerrok; }
    | callee ';'            { ast_add_node(p, $1); }
    | callee BODY           { ast_node_body($1, @2); ast_add_node(p, $1); }
    | targets ';'           { ast_add_node(p, $1); }
    | targets BODY          { ast_node_body($1, @2); ast_add_node(p, $1); }
    | LIMIT STEPS count ';'             { ast_setting(p, AS_LIMIT, @$, $3); }
    | LIMIT NONE ';'                    { ast_setting(p, AS_LIMIT_NONE, @$, NULL); }
    | CHECKPOINT MARKED ';'             { ast_setting(p, AS_CHECKPOINT_MARKED, @$, NULL); }
    | CHECKPOINT EVERY NODE ';'         { ast_setting(p, AS_CHECKPOINT_EVERY, @$, NULL); }
    | CHECKPOINT EVERY count NODES ';'  { ast_setting(p, AS_CHECKPOINT_EVERY, @$, $3); }
    | CHECKPOINT AUTO ';'               { ast_setting(p, AS_CHECKPOINT_AUTO, @$, NULL); }
    | CHECKPOINT NEVER ';'              { ast_setting(p, AS_CHECKPOINT_NEVER, @$, NULL); }
    | sources hops ';'                  { ast_add_edges(p, $1, $2); }
    | sources hops_block                { ast_add_edges(p, $1, $2); }
    | sources hops ',' name             { ast_two_targets(p, @3, $2, $4); YYERROR; }
    ;

/* ---- state ---- */

state_open
    : STATE '{'
    | state_open field ';'  { ast_add_field(p, $2); }
    | state_open ';'
    | state_open error ';'  { yyerrok; }
    ;

field_head: direction name ':' type     { $$ = ast_field(p, $1, $2, $4); };

direction
    : %empty                { $$ = AD_NONE; }
    | IN                    { $$ = AD_IN; }
    | OUT                   { $$ = AD_OUT; }
    ;

field
    : field_head
    | field '=' expr        { $$ = $1; ast_field_init(p, $$, @2, $3); }
    | field MERGE name_not_with         { $$ = $1; ast_field_merge(p, $$, $3, no_name); }
    | field MERGE WITH name             { $$ = $1; ast_field_merge(p, $$, ast_word($3, @3), $4); }
    | field TRANSIENT       { $$ = $1; ast_field_transient(p, $$, @2); }
    | field LOCAL           { $$ = $1; ast_field_local(p, $$, @2); }
    | field WAS name        { $$ = $1; ast_field_was(p, $$, $3); }
    ;

/* ---- types ---- */

type
    : name                  { $$ = ast_type_name(p, $1); }
    | scalar                { $$ = ast_type_name(p, ast_word($1, @1)); }
    | type '[' ']'          { $$ = ast_type_suffix(p, AT_LIST, $1, NULL, @$); }
    | type '[' count ']'    { $$ = ast_type_suffix(p, AT_ARRAY, $1, $3, @$); }
    | type '?'              { $$ = ast_type_suffix(p, AT_OPT, $1, NULL, @$); }
    | MAP '<' type ',' type '>'         { $$ = ast_type_map(p, $3, $5, @$); }
    | HANDLE STRING         { $$ = ast_type_handle(p, $2.p, @$); }
    ;

scalar
    : BOOL | I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64 | F32 | F64
    | STRING_TYPE | BYTES | FAULT
    ;

/* ---- nodes, predicates, routers ---- */

node_open
    : NODE name '('         { $$ = ast_node(p, AN_NODE, $2, no_name); }
    | NODE name RUNS name '('           { $$ = ast_node(p, AN_NODE, $2, $4); }
    | PREDICATE name '('    { $$ = ast_node(p, AN_PREDICATE, $2, no_name); }
    | ROUTER name '('       { $$ = ast_node(p, AN_ROUTER, $2, no_name); }
    ;

params
    : node_open param       { $$ = $1; ast_add_param(p, $$, $2); }
    | params ',' param      { $$ = $1; ast_add_param(p, $$, $3); }
    ;

param
    : bare_param
    | mode bare_param       { $$ = $2; $$.mode = $1; }
    ;

bare_param
    : name                  { $$ = (AstParam){.name = $1}; }
    | name ':' type         { $$ = (AstParam){.name = $1, .type = $3}; }
    | name '=' expr         { $$ = (AstParam){.name = $1, .binding = $3}; }
    | STATE                 { $$ = (AstParam){.name = ast_word($1, @1), .whole_state = true}; }
    ;

mode
    : IN                    { $$ = AD_IN; }
    | OUT                   { $$ = AD_OUT; }
    | INOUT                 { $$ = AD_INOUT; }
    ;

signature: node_open ')' | params ')';

callee
    : signature
    | callee attr           { $$ = $1; ast_add_attr(p, $$, $2); }
    ;

attr
    : COST duration         { $$ = ast_attr(AA_COST, @$, $2); }
    | RETRY count           { $$ = ast_attr(AA_RETRY, @$, $2); }
    | RETRY count EVERY duration        { $$ = ast_attr_retry(@$, $2, $4, NULL); }
    | RETRY count EVERY duration UP TO duration
                            { $$ = ast_attr_retry(@$, $2, $4, $7); }
    | TIMEOUT duration      { $$ = ast_attr(AA_TIMEOUT, @$, $2); }
    | CHECKPOINT            { $$ = ast_attr(AA_CHECKPOINT, @$, NULL); }
    | EFFECT                { $$ = ast_attr(AA_EFFECT, @$, NULL); }
    | PAUSE BEFORE          { $$ = ast_attr(AA_PAUSE_BEFORE, @$, NULL); }
    | PAUSE AFTER           { $$ = ast_attr(AA_PAUSE_AFTER, @$, NULL); }
    | WAS name              { $$ = ast_attr_name(AA_WAS, @$, $2); }
    | CALLS name            { $$ = ast_attr_name(AA_CALLS, @$, $2); }
    ;

/* router pick (in text) -> billing | technical | end; */
targets
    : callee ARROW any_name { $$ = $1; ast_add_target(p, $$, $3); }
    | targets '|' any_name  { $$ = $1; ast_add_target(p, $$, $3); }
    ;

any_name
    : name
    | START                 { $$ = ast_word($1, @1); }
    | END                   { $$ = ast_word($1, @1); }
    | JOIN                  { $$ = ast_word($1, @1); }
    ;

/* ---- edges ---- */

sources
    : place                 { $$ = ast_edges(p); ast_add_source(p, $$, $1); }
    | sources ',' place     { $$ = $1; ast_add_source(p, $$, $3); }
    ;

place
    : name                  { $$ = ast_place(p, AP_NAME, @1, $1); }
    | START                 { $$ = ast_place(p, AP_START, @1, ast_word($1, @1)); }
    | END                   { $$ = ast_place(p, AP_END, @1, ast_word($1, @1)); }
    | JOIN                  { $$ = ast_place(p, AP_JOIN, @1, ast_word($1, @1)); }
    | section
    | name ':' section      { $$ = $3; $$->name = $1; }
    ;

section
    : branches ']'          { $$ = ast_section_end($1, @$); }
    | EACH name IN path branches ']'
        { $$ = ast_section_end($5, span_join(@5, @6)); ast_section_each(p, $$, $2, no_name, $4); }
    | EACH name ',' name IN path branches ']'
        { $$ = ast_section_end($7, span_join(@7, @8)); ast_section_each(p, $$, $2, $4, $6); }
    | section INLINE        { $$ = $1; ast_section_mode(p, $$, AM_INLINE, @2); }
    | section THREADS       { $$ = $1; ast_section_mode(p, $$, AM_THREADS, @2); }
    | section RANKS         { $$ = $1; ast_section_mode(p, $$, AM_RANKS, @2); }
    | section SETTLE name   { $$ = $1; ast_section_settle(p, $$, $3, NULL); }
    | section SETTLE name NEED count    { $$ = $1; ast_section_settle(p, $$, $3, $5); }
    ;

branches
    : '[' branch            { $$ = ast_section(p); ast_add_branch(p, $$, $2); }
    | branches ',' branch   { $$ = $1; ast_add_branch(p, $$, $3); }
    ;

branch
    : place                 { $$ = ast_branch(p, $1, NULL); }
    | place hops            { $$ = ast_branch(p, $1, $2); }
    | place hops_block      { $$ = ast_branch(p, $1, $2); }
    ;

/* hops ends with a place and needs a ';' after it; hops_block ends with a block and needs none. */
hops
    : ARROW place           { $$ = ast_add_hop(p, ast_chain(p), @1, $2); }
    | hops ARROW place      { $$ = ast_add_hop(p, $1, @2, $3); }
    | hops_block ARROW place            { $$ = ast_add_hop(p, $1, @2, $3); }
    | hops WHEN expr        { $$ = ast_hop_when(p, $1, @2, $3); }
    | hops MAX count        { $$ = ast_hop_max(p, $1, @2, $3); }
    | hops ON ERROR         { $$ = ast_hop_on(p, $1, span_join(@2, @3), AO_ERROR); }
    | hops ON TIMEOUT       { $$ = ast_hop_on(p, $1, span_join(@2, @3), AO_TIMEOUT); }
    ;

hops_block
    : ARROW block           { $$ = ast_add_hop(p, ast_chain(p), @1, $2); }
    | hops ARROW block      { $$ = ast_add_hop(p, $1, @2, $3); }
    ;

block
    : when_arms '}'
    | when_arms when_arm '}'            { $$ = $1; ast_add_arm(p, $$, $2); }
    | when_arms error '}'               { $$ = $1; yyerrok; }
    | match_arms '}'
    | match_arms match_arm '}'          { $$ = $1; ast_add_arm(p, $$, $2); }
    | match_arms error '}'              { $$ = $1; yyerrok; }
    ;

when_arms
    : WHEN '{'              { $$ = ast_block(p, AP_WHEN, @1, NULL); }
    | when_arms when_arm ';'            { $$ = $1; ast_add_arm(p, $$, $2); }
    | when_arms when_arm_closed         { $$ = $1; ast_add_arm(p, $$, $2); }
    | when_arms ';'
    | when_arms error ';'   { $$ = $1; yyerrok; }
    ;

when_arm
    : expr hops             { $$ = ast_arm(p, $1, $2); }
    | expr hops ',' name    { ast_two_targets(p, @3, $2, $4); YYERROR; }
    | ELSE hops             { $$ = ast_arm_else(p, @1, $2); }
    ;

when_arm_closed
    : expr hops_block       { $$ = ast_arm(p, $1, $2); }
    | ELSE hops_block       { $$ = ast_arm_else(p, @1, $2); }
    ;

match_arms
    : MATCH expr '{'        { $$ = ast_block(p, AP_MATCH, @1, $2); }
    | match_arms match_arm ';'          { $$ = $1; ast_add_arm(p, $$, $2); }
    | match_arms match_arm_closed       { $$ = $1; ast_add_arm(p, $$, $2); }
    | match_arms ';'
    | match_arms error ';'  { $$ = $1; yyerrok; }
    ;

match_arm
    : match_values hops     { $$ = $1; $$->chain = $2; }
    | match_values hops ',' name        { ast_two_targets(p, @3, $2, $4); YYERROR; }
    | ELSE hops             { $$ = ast_arm_else(p, @1, $2); }
    ;

match_arm_closed
    : match_values hops_block           { $$ = $1; $$->chain = $2; }
    | ELSE hops_block       { $$ = ast_arm_else(p, @1, $2); }
    ;

match_values
    : match_value           { $$ = ast_arm_values(p, $1); }
    | match_values ',' match_value      { $$ = $1; ast_add_value(p, $$, $3); }
    ;

match_value
    : name                  { $$ = ast_name(p, $1); }
    | INT                   { $$ = ast_integer(p, @1, $1); }
    | '-' INT               { $$ = ast_prefix(p, AE_NEG, @1, ast_integer(p, @2, $2)); }
    | STRING                { $$ = ast_string(p, @1, $1.p, $1.n); }
    | TRUE                  { $$ = ast_bool(p, @1, true); }
    | FALSE                 { $$ = ast_bool(p, @1, false); }
    ;

/* ---- expressions ---- */

expr
    : primary
    | '-' expr %prec UNARY  { $$ = ast_prefix(p, AE_NEG, @1, $2); }
    | '!' expr %prec UNARY  { $$ = ast_prefix(p, AE_NOT, @1, $2); }
    | expr '*' expr         { $$ = ast_binary(p, AE_MUL, $1, @2, $3); }
    | expr '/' expr         { $$ = ast_binary(p, AE_DIV, $1, @2, $3); }
    | expr '%' expr         { $$ = ast_binary(p, AE_MOD, $1, @2, $3); }
    | expr '+' expr         { $$ = ast_binary(p, AE_ADD, $1, @2, $3); }
    | expr '-' expr         { $$ = ast_binary(p, AE_SUB, $1, @2, $3); }
    | expr IN expr          { $$ = ast_binary(p, AE_IN, $1, @2, $3); }
    | expr IS NONE          { $$ = ast_suffix(p, AE_IS_NONE, $1, span_join(@2, @3)); }
    | expr IS SOME          { $$ = ast_suffix(p, AE_IS_SOME, $1, span_join(@2, @3)); }
    | expr '<' expr         { $$ = ast_binary(p, AE_LT, $1, @2, $3); }
    | expr "<=" expr        { $$ = ast_binary(p, AE_LE, $1, @2, $3); }
    | expr '>' expr         { $$ = ast_binary(p, AE_GT, $1, @2, $3); }
    | expr ">=" expr        { $$ = ast_binary(p, AE_GE, $1, @2, $3); }
    | expr "==" expr        { $$ = ast_binary(p, AE_EQ, $1, @2, $3); }
    | expr "!=" expr        { $$ = ast_binary(p, AE_NE, $1, @2, $3); }
    | expr "&&" expr        { $$ = ast_binary(p, AE_AND, $1, @2, $3); }
    | expr "||" expr        { $$ = ast_binary(p, AE_OR, $1, @2, $3); }
    ;

primary
    : path
    | INT                   { $$ = ast_integer(p, @1, $1); }
    | FLOAT                 { $$ = ast_float(p, @1, $1); }
    | DURATION              { $$ = ast_duration(p, @1, $1); }
    | STRING                { $$ = ast_string(p, @1, $1.p, $1.n); }
    | TRUE                  { $$ = ast_bool(p, @1, true); }
    | FALSE                 { $$ = ast_bool(p, @1, false); }
    | NONE                  { $$ = ast_none(p, @1); }
    | LEN '(' expr ')'      { $$ = ast_len(p, @$, @1, $3); }
    | '(' expr ')'          { $$ = ast_parens($2, @$); }
    | IDENT '('             { ast_predicate_call(p, @2, $1); YYERROR; }
    ;

path
    : name                  { $$ = ast_name(p, $1); }
    | path '.' name         { $$ = ast_member(p, $1, $3); }
    ;

count
    : INT                   { $$ = ast_integer(p, @1, $1); }
    | name                  { $$ = ast_name(p, $1); }
    ;

duration
    : DURATION              { $$ = ast_duration(p, @1, $1); }
    | name                  { $$ = ast_name(p, $1); }
    ;

/* ---- names ---- */

name
    : name_not_with
    | WITH                  { $$ = ast_word($1, @1); }
    ;

name_not_with
    : IDENT                 { $$ = ast_word($1, @1); }
    | word                  { $$ = ast_word($1, @1); }
    ;

word
    : GRAPH | NODE | PREDICATE | ROUTER | INCLUDE | IMPORT | CONST | PREFIX | ENUM | STRUCT
    | COST | RETRY | EVERY | UP | TO | TIMEOUT | CHECKPOINT | EFFECT | PAUSE | BEFORE | AFTER
    | WAS | CALLS | RUNS | MERGE | TRANSIENT | LOCAL | MAX | ON | ERROR | INLINE | THREADS
    | RANKS | SETTLE | NEED | LIMIT | STEPS | MARKED | AUTO | NEVER | NODES | IS | SOME | LEN
    ;

%%

/* ---- what a syntax error says: "expected ';' or '->', saw 'node'" ---- */

enum { MOST_LISTED = 5, LONGEST_SAW = 40 };

/* The symbols that could stand where the error is (exact, thanks to LAC). They are taken out as
 * they are put into words, and so is what is merely optional there. */
typedef struct Expected {
    bool has[YYNTOKENS];
    const char *words[MOST_LISTED];
    size_t n_words;
    bool after_place;    /* the token before named a place */
    bool first_place;    /* ... the one that a statement begins with */
    bool wants_name;     /* and no expression: a reserved word seen there was meant as a name */
    bool wants_operator; /* an operand is complete */
    bool wants_end;      /* a ';' */
    bool wants_arrow, wants_duration, wants_body;
    bool top_level;      /* outside of everything */
} Expected;

static bool is_contextual(int kind) {
    return kind >= YYSYMBOL_GRAPH && kind <= YYSYMBOL_LEN;
}

static bool is_reserved(int kind) {
    return kind >= YYSYMBOL_IN && kind <= YYSYMBOL_FAULT;
}

static bool has(const Expected *e, int kind) {
    return e->has[kind];
}

static int char_kind(int c) {
    return YYTRANSLATE(c);
}

static bool has_char(const Expected *e, char c) {
    return e->has[char_kind(c)];
}

static void drop(Expected *e, int first, int last) {
    for (int kind = first; kind <= last; kind++)
        e->has[kind] = false;
}

static void drop_chars(Expected *e, const char *chars) {
    for (; *chars; chars++)
        e->has[char_kind(*chars)] = false;
}

static void say(Expected *e, const char *words) {
    if (e->n_words < MOST_LISTED)
        e->words[e->n_words++] = words;
}

/* What kind of name the word before it calls for. */
static const char *kind_of_name(const Parse *p) {
    switch (p->before) {
    case T_GRAPH:
    case T_RUNS:
        return "a graph name";
    case T_NODE:
        return "a node name";
    case T_PREDICATE:
        return "a predicate name";
    case T_ROUTER:
        return "a router name";
    case T_STRUCT:
        return "a struct name";
    case T_ENUM:
        return "an enum name";
    case T_CONST:
        return "a constant name";
    case T_MERGE:
        return "a reducer";
    case '.':
        return "a member name";
    case T_EACH:
        return "a name for the element";
    case T_CALLS:
    case T_WITH:
        return "the name of a C function";
    case T_WAS:
        return "the old name";
    case T_SETTLE:
    case T_IN:
    case T_OUT:
    case T_INOUT:
        return "a field name";
    default:
        return "a name";
    }
}

/* `node` and `limit` could also be the place that an edge begins with; nobody means that. */
static void drop_place(Expected *e) {
    drop(e, YYSYMBOL_ARROW, YYSYMBOL_ARROW);
    drop_chars(e, ",:");
}

/* Where a name can stand, so can every contextual word: one phrase is said for all of them. */
static void say_names(Expected *e, const Parse *p) {
    if (has_char(e, '}'))
        drop_chars(e, ";");
    if (has(e, YYSYMBOL_BOOL)) {
        say(e, "a type");
    } else if (has(e, YYSYMBOL_INOUT)) {
        say(e, "a parameter");
        drop(e, YYSYMBOL_IN, YYSYMBOL_INOUT);
        drop(e, YYSYMBOL_STATE, YYSYMBOL_STATE);
    } else if (has(e, YYSYMBOL_OUT)) {
        say(e, "a field");
        drop(e, YYSYMBOL_IN, YYSYMBOL_OUT);
    } else if (has(e, YYSYMBOL_START) && has_char(e, '[')) {
        say(e, "a node or section name");
        drop(e, YYSYMBOL_START, YYSYMBOL_STATE);
        drop_chars(e, "[");
    } else if (has(e, YYSYMBOL_START)) {
        say(e, "a node name");
        drop(e, YYSYMBOL_START, YYSYMBOL_JOIN);
    } else if (has(e, YYSYMBOL_FLOAT)) {
        say(e, has(e, YYSYMBOL_ELSE) ? "a guard" : "an expression");
        drop(e, YYSYMBOL_NONE, YYSYMBOL_FALSE);
        drop_chars(e, "(-!");
    } else if (has(e, YYSYMBOL_STRING)) {
        say(e, "a value");
        drop(e, YYSYMBOL_TRUE, YYSYMBOL_FALSE);
        drop_chars(e, "-");
    } else if (has(e, YYSYMBOL_DURATION)) {
        say(e, "a duration");
    } else if (has(e, YYSYMBOL_INT)) {
        say(e, "a number");
    } else {
        say(e, kind_of_name(p));
        drop_place(e);
    }
    e->wants_name = !has(e, YYSYMBOL_INT) || has(e, YYSYMBOL_BOOL);
    drop(e, YYSYMBOL_IDENT, YYSYMBOL_STRING);
    drop(e, YYSYMBOL_BOOL, YYSYMBOL_LEN);
}

/* What could still follow something complete: left out where a ';' or '->' says it better. */
static void drop_optional(Expected *e) {
    if (has(e, YYSYMBOL_WHEN) && has_char(e, ';'))
        drop_chars(e, ",");
    if (has(e, YYSYMBOL_STEPS) || has(e, YYSYMBOL_MARKED))
        drop_place(e);
    if (has_char(e, ';') || has(e, YYSYMBOL_ARROW)) {
        drop(e, YYSYMBOL_WHEN, YYSYMBOL_WHEN);
        drop(e, YYSYMBOL_MERGE, YYSYMBOL_NEED);
        drop(e, YYSYMBOL_WAS, YYSYMBOL_WAS);
    }
    if (has_char(e, ';') || has(e, YYSYMBOL_ARROW) || has_char(e, ')'))
        drop_chars(e, ":=");
    if (has_char(e, ';'))
        drop(e, YYSYMBOL_BODY, YYSYMBOL_BODY);
    if (has_char(e, '}'))
        drop_chars(e, "=");
    if (has_char(e, '?'))
        drop_chars(e, "?[");
    if (has_char(e, '['))
        drop_chars(e, ".");
    if (e->wants_operator) {
        drop(e, YYSYMBOL_LE, YYSYMBOL_IN);
        drop(e, YYSYMBOL_IS, YYSYMBOL_IS);
        drop_chars(e, "<>+-*/%.(");
    }
}

static void say_attributes(Expected *e) {
    if (!has(e, YYSYMBOL_COST))
        return;
    drop(e, YYSYMBOL_COST, YYSYMBOL_CALLS);
    drop(e, YYSYMBOL_ARROW, YYSYMBOL_ARROW);
    say(e, "';'");
    drop_chars(e, ";");
    say(e, "an attribute");
}

static const char *spelling(const Parse *p, int kind) {
    const char *name = yysymbol_name(kind);
    bool is_phrase = name[0] == '\'' || kind < YYSYMBOL_BODY;
    return is_phrase ? name : arena_printf(p->comp->arena, "'%s'", name);
}

static void say_rest(Expected *e, const Parse *p) {
    if (has_char(e, ';'))
        say(e, "';'");
    if (has(e, YYSYMBOL_ARROW))
        say(e, "'->'");
    if (has_char(e, ','))
        say(e, "','");
    drop(e, YYSYMBOL_ARROW, YYSYMBOL_ARROW);
    drop_chars(e, ";,");
    for (int kind = 0; kind < YYNTOKENS; kind++)
        if (e->has[kind])
            say(e, spelling(p, kind));
}

static Expected expected_at(const yypcontext_t *context, const Parse *p) {
    Expected e = {.n_words = 0};
    yysymbol_kind_t kinds[YYNTOKENS];
    int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    for (int i = 0; i < n; i++)
        e.has[kinds[i]] = true;
    e.after_place = has(&e, YYSYMBOL_ARROW) && has_char(&e, ':');
    e.first_place = e.after_place && !has(&e, YYSYMBOL_WHEN);
    e.wants_operator = has_char(&e, '+');
    e.wants_end = has_char(&e, ';');
    e.wants_arrow = has(&e, YYSYMBOL_ARROW);
    e.wants_duration = has(&e, YYSYMBOL_DURATION) && !has(&e, YYSYMBOL_FLOAT);
    e.wants_body = has(&e, YYSYMBOL_BODY);
    bool names = has(&e, YYSYMBOL_IDENT);
    e.top_level = !names && has(&e, YYSYMBOL_INCLUDE);
    if (has_char(&e, '}') && yypcontext_token(context) == YYSYMBOL_YYEOF) {
        say(&e, "'}'");
    } else if (e.top_level) {
        say(&e, "a declaration such as 'graph'");
    } else if (names && has(&e, YYSYMBOL_STATE) && has_char(&e, '}')) {
        say(&e, "a declaration, an edge or '}'");
    } else {
        if (names)
            say_names(&e, p);
        drop_optional(&e);
        say_attributes(&e);
        say_rest(&e, p);
    }
    return e;
}

/* "';', '->' or ','" */
static const char *join_words(const Expected *e, Arena *arena) {
    const char *text = e->words[0];
    for (size_t i = 1; i < e->n_words; i++)
        text = arena_printf(arena, "%s%s%s", text, i + 1 < e->n_words ? ", " : " or ", e->words[i]);
    return text;
}

static const char *saw_text(const Parse *p, int kind, Span at, bool wanted_name) {
    Arena *arena = p->comp->arena;
    if (kind == YYSYMBOL_YYEOF || kind == YYSYMBOL_STRING)
        return yysymbol_name(kind);
    if (kind == YYSYMBOL_BODY)
        return "'{%'";
    int n = (int)span_bytes(at);
    const char *word = wanted_name && is_reserved(kind) ? "the reserved word " : "";
    return arena_printf(arena, "%s'%.*s%s'", word, n < LONGEST_SAW ? n : LONGEST_SAW,
                        parse_text(p, at), n < LONGEST_SAW ? "" : "...");
}

static const char *text_of(const Parse *p, Span span) {
    return arena_strndup(p->comp->arena, parse_text(p, span), span_bytes(span));
}

/* ", did you mean 'graph'?", when the word seen is nearly one that could stand there. */
static const char *word_hint(const yypcontext_t *context, const Parse *p, Span at) {
    yysymbol_kind_t kinds[YYNTOKENS];
    int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    Nearest nearest = nearest_to(text_of(p, at));
    for (int i = 0; i < n; i++)
        if (kinds[i] == YYSYMBOL_IDENT)
            return "";
        else if (is_contextual(kinds[i]) || is_reserved(kinds[i]))
            nearest_try(&nearest, yysymbol_name(kinds[i]));
    return nearest_hint(&nearest, p->comp->arena);
}

static bool is_one_of(const char *word, const char *const *list) {
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

/* `if x > 3 -> a;` reads as a place, too. */
static bool report_foreign_word(const Expected *e, Parse *p) {
    static const char *const words[] = {"if", "while", "for", "switch", NULL};
    const char *word = text_of(p, p->before_span);
    if (p->before != T_IDENT || !e->first_place || !is_one_of(word, words))
        return false;
    parse_error(p, p->before_span,
                "there is no '%s' here; a guard stands behind its edge: 'a -> b when x > 3'", word);
    return true;
}

/* `nod a (in x);` and `a -> wehn {` read as places until the next token cannot follow a place: then
 * the word before is the misspelled one. */
static bool report_misspelled_word(const Expected *e, Parse *p) {
    static const char *const declarations[] = {"node",   "state",      "predicate", "limit",
                                               "router", "checkpoint", NULL};
    static const char *const blocks[] = {"when", "match", "each", NULL};
    if (p->before != T_IDENT || !e->after_place)
        return false;
    const char *const *words = e->first_place ? declarations : blocks;
    Nearest nearest = nearest_to(text_of(p, p->before_span));
    for (size_t i = 0; words[i]; i++)
        nearest_try(&nearest, words[i]);
    if (!nearest.best)
        return false;
    parse_error(p, p->before_span, "unknown word '%s', did you mean '%s'?", nearest.name,
                nearest.best);
    return true;
}

/* `graph b {` in a graph: the keyword reads as a place, but what is missing is a '}' before it. */
static bool report_unclosed_graph(const Expected *e, Parse *p) {
    bool declares = p->before == T_GRAPH || p->before == T_STRUCT || p->before == T_ENUM ||
                    p->before == T_CONST || p->before == T_IMPORT || p->before == T_INCLUDE ||
                    p->before == T_PREFIX;
    if (!declares || !e->first_place)
        return false;
    Diag *diag = parse_error(p, p->before_span, "'%s' cannot stand in a graph; is a '}' missing?",
                             text_of(p, p->before_span));
    parse_note_open(p, diag);
    p->unclosed = true;
    return true;
}

/* What belongs into a graph stands outside: after one '}' too many, all that follows does, so only
 * the first is reported. */
static bool report_outside(const Expected *e, int kind, Span at, Parse *p) {
    if (!e->top_level)
        return false;
    bool inner = kind == YYSYMBOL_NODE || kind == YYSYMBOL_PREDICATE || kind == YYSYMBOL_ROUTER ||
                 kind == YYSYMBOL_STATE || kind == YYSYMBOL_START || kind == YYSYMBOL_LIMIT ||
                 kind == YYSYMBOL_CHECKPOINT;
    bool first = !p->outside;
    p->outside = true;
    if (inner && first)
        parse_error(p, at, "'%s' stands outside of a graph", text_of(p, at));
    return inner || !first;
}

/* `input x : i32;` */
static bool report_foreign_mode(int kind, Parse *p) {
    const char *word = text_of(p, p->before_span);
    bool in = strcmp(word, "input") == 0, out = strcmp(word, "output") == 0;
    if (p->before != T_IDENT || kind != YYSYMBOL_IDENT || !(in || out))
        return false;
    parse_error(p, p->before_span, "unknown word '%s', did you mean '%s'?", word,
                in ? "in" : "out");
    return true;
}

/* `node a` in a state: the keyword reads as a field, but what is missing is a '}' before it. All that
 * follows would be wrong for the same reason. */
static bool report_unclosed_state(const Expected *e, int kind, Parse *p) {
    bool declares = p->before == T_NODE || p->before == T_PREDICATE || p->before == T_ROUTER;
    bool in_fields = has_char(e, ':') && !e->after_place && !e->wants_operator;
    if (p->unclosed_state && (declares || kind == YYSYMBOL_START))
        return true;
    if (!declares || !in_fields || kind != YYSYMBOL_IDENT)
        return false;
    Diag *diag = parse_error(p, p->before_span,
                             "'%s' cannot stand among fields; is a '}' missing?",
                             text_of(p, p->before_span));
    parse_note_open(p, diag);
    p->unclosed = p->unclosed_state = true;
    return true;
}

/* `in : i32;` */
static bool report_reserved_field(int kind, Parse *p) {
    if ((p->before != T_IN && p->before != T_OUT) || kind != char_kind(':'))
        return false;
    const char *word = text_of(p, p->before_span);
    parse_error(p, p->before_span, "the reserved word '%s' cannot name a field", word);
    return true;
}

/* Of a type that stands where a field begins: `f64 z;` or `bytes : i64;`. */
static const char *type_first_hint(Span at, const Parse *p) {
    const char *behind = parse_text(p, at) + (at.end - at.begin);
    if (behind[strspn(behind, " \t\r\n")] == ':')
        return "; no field can be called like a type";
    return arena_printf(p->comp->arena, "; the name comes first: 'NAME : %s'", text_of(p, at));
}

/* What the word or sign of another language is here. */
static const char *foreign_hint(const Expected *e, int kind, Span at, const Parse *p) {
    static const char *const lists[] = {"list", "List", "array", "vector", "Array", NULL};
    const char *two = at.end < p->source->n ? parse_text(p, at) : "";
    bool is_type = kind >= YYSYMBOL_BOOL && kind <= YYSYMBOL_MAP;
    if (e->wants_arrow && (kind == char_kind('-') || strncmp(two, "=>", 2) == 0))
        return ", did you mean '->'?";
    if (e->wants_operator && kind == YYSYMBOL_IDENT && strcmp(text_of(p, at), "and") == 0)
        return ", did you mean '&&'?";
    if (e->wants_operator && kind == YYSYMBOL_IDENT && strcmp(text_of(p, at), "or") == 0)
        return ", did you mean '||'?";
    if (e->wants_operator && strcmp(text_of(p, p->before_span), "not") == 0)
        return "; 'not' is written '!'";
    if (e->wants_duration && kind == YYSYMBOL_INT)
        return arena_printf(p->comp->arena, "; a time has a unit, as in '%sus'", text_of(p, at));
    if (e->wants_body && kind == char_kind('{'))
        return "; C is written between '{%' and '%}'";
    if (kind == char_kind('<') && is_one_of(text_of(p, p->before_span), lists))
        return "; a list of T is written 'T[]'";
    if (e->first_place && (kind == YYSYMBOL_WHEN || kind == YYSYMBOL_ON))
        return arena_printf(p->comp->arena, "; it stands behind the edge: 'a -> b %s ...'",
                            kind == YYSYMBOL_ON ? "on error" : "when");
    if (is_type && e->n_words > 0 && strcmp(e->words[0], "a field") == 0)
        return type_first_hint(at, p);
    return NULL;
}

static const char *hint_for(const yypcontext_t *context, const Expected *e, int kind, Span at,
                            const Parse *p) {
    const char *foreign = foreign_hint(e, kind, at, p);
    if (foreign)
        return foreign;
    if (kind == YYSYMBOL_IDENT)
        return word_hint(context, p, at);
    if (e->wants_operator && kind == char_kind('='))
        return ", did you mean '=='?";
    if (e->wants_operator && kind == char_kind('|'))
        return ", did you mean '||'?";
    return "";
}

/* A ';' is missing where the line ended, not where the next one begins. */
static bool report_missing_end(const Expected *e, int kind, Span at, Parse *p) {
    uint32_t end = p->before_span.end;
    bool later = p->before_span.source && end > 0 && end < p->source->n &&
                 span_line(p->before_span) < span_line(at);
    if (!e->wants_end || !later || e->first_place || kind == YYSYMBOL_YYEOF ||
        p->before == ';' || p->before == '}')
        return false;
    Diag *diag = parse_error(p, parse_span(p, end, end + 1), "expected %s here, saw %s on line %u",
                             join_words(e, p->comp->arena), saw_text(p, kind, at, e->wants_name),
                             (unsigned)span_line(at));
    if (p->innermost.kind != '{')
        parse_note_open(p, diag);
    p->last_error = at;
    return true;
}

static void report_expected(const yypcontext_t *context, const Expected *e, Parse *p) {
    Span at = *yypcontext_location(context);
    int kind = yypcontext_token(context);
    const char *saw = saw_text(p, kind, at, e->wants_name);
    const char *hint = hint_for(context, e, kind, at, p);
    Diag *diag = e->n_words == 0 ? parse_error(p, at, "unexpected %s%s", saw, hint)
                                 : parse_error(p, at, "expected %s, saw %s%s",
                                               join_words(e, p->comp->arena), saw, hint);
    if (p->innermost.kind != '{' || kind == YYSYMBOL_YYEOF)
        parse_note_open(p, diag);
}

static void report(const yypcontext_t *context, Parse *p) {
    Span at = *yypcontext_location(context);
    int kind = yypcontext_token(context);
    bool end_known = kind == YYSYMBOL_YYEOF && p->unclosed;
    if (end_known || kind == YYSYMBOL_BROKEN || parse_is_wrong(p, at))
        return;
    Expected e = expected_at(context, p);
    if (!report_foreign_word(&e, p) && !report_misspelled_word(&e, p) &&
        !report_unclosed_graph(&e, p) && !report_unclosed_state(&e, kind, p) &&
        !report_outside(&e, kind, at, p) && !report_reserved_field(kind, p) &&
        !report_foreign_mode(kind, p) && !report_missing_end(&e, kind, at, p))
        report_expected(context, &e, p);
}

/* ---- what could stand at the end of a text ---- */

static ExpectedName name_behind(int token) {
    return token == T_RUNS     ? EXPECT_GRAPH
           : token == T_SETTLE ? EXPECT_FIELD
           : token == T_MERGE  ? EXPECT_REDUCER
           : token == '.'      ? EXPECT_MEMBER
                               : EXPECT_NO_NAME;
}

/* As in say_names. */
static ExpectedName expected_name(const Expected *e, const Parse *p) {
    if (!has(e, YYSYMBOL_IDENT))
        return EXPECT_NO_NAME;
    if (has(e, YYSYMBOL_STATE) && has_char(e, '}'))
        return EXPECT_ITEM;
    if (has(e, YYSYMBOL_BOOL))
        return EXPECT_TYPE;
    if (has(e, YYSYMBOL_INOUT) || has(e, YYSYMBOL_STATE))
        return EXPECT_PARAM;
    if (has(e, YYSYMBOL_OUT))
        return EXPECT_NO_NAME;
    if (has(e, YYSYMBOL_START))
        return EXPECT_PLACE;
    if (has(e, YYSYMBOL_FLOAT))
        return EXPECT_EXPRESSION;
    if (has(e, YYSYMBOL_STRING))
        return EXPECT_VALUE;
    if (has(e, YYSYMBOL_INT) || has(e, YYSYMBOL_DURATION))
        return EXPECT_COUNT;
    return name_behind(p->before);
}

static void tell_expected(const yypcontext_t *context, const Parse *p) {
    Expected e = {.n_words = 0};
    Expectation *out = p->expectation;
    yysymbol_kind_t kinds[YYNTOKENS];
    int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    for (int i = 0; i < n; i++)
        e.has[kinds[i]] = true;
    out->known = true;
    out->name = expected_name(&e, p);
    for (int i = 0; i < n; i++)
        if (is_reserved(kinds[i]) || (is_contextual(kinds[i]) && !has(&e, YYSYMBOL_IDENT)))
            out->words[out->n_words++] = yysymbol_name(kinds[i]);
}

static int yyreport_syntax_error(const yypcontext_t *context, Parse *p) {
    enum { MOST_REPORTS = 100000 }; /* a file of nothing but '}' has one at each */
    if (p->expectation && yypcontext_location(context)->end == p->source->n)
        tell_expected(context, p);
    if (!p->stopped)
        report(context, p);
    if (++p->n_reports > MOST_REPORTS)
        p->stopped = true;
    parse_recover(p);
    return 0;
}

/* Bison calls it for one thing only: YYMAXDEPTH is reached. */
static void grammar_error(const Span *at, Parse *p, const char *text) {
    (void)text;
    parse_error(p, *at, "nested too deep here");
    p->stopped = true;
}
