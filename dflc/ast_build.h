/* The builders: one for each thing that the grammar recognizes. They keep what was written, and
 * report only what the grammar could not say well itself (an attribute given twice, a chain that
 * goes on after its end, trees deeper than AST_MAX_DEPTH). */
#ifndef DFLC_AST_BUILD_H
#define DFLC_AST_BUILD_H

#include "parse.h"

AstName ast_word(const char *text, Span span);

/* expressions; span: the whole, op: the operator */
AstExpr *ast_integer(Parse *p, Span span, uint64_t value);
AstExpr *ast_float(Parse *p, Span span, double value);
AstExpr *ast_duration(Parse *p, Span span, uint64_t ns);
AstExpr *ast_string(Parse *p, Span span, const char *s, size_t n);
AstExpr *ast_bool(Parse *p, Span span, bool value);
AstExpr *ast_none(Parse *p, Span span);
AstExpr *ast_name(Parse *p, AstName name);
AstExpr *ast_member(Parse *p, AstExpr *of, AstName name);
AstExpr *ast_len(Parse *p, Span span, Span op, AstExpr *of);
AstExpr *ast_prefix(Parse *p, AstExprKind kind, Span op, AstExpr *operand);
AstExpr *ast_suffix(Parse *p, AstExprKind kind, AstExpr *operand, Span op);
AstExpr *ast_binary(Parse *p, AstExprKind kind, AstExpr *left, Span op, AstExpr *right);
AstExpr *ast_parens(AstExpr *inside, Span span);
/* urgent(text) */
void ast_predicate_call(Parse *p, Span parens, const char *name);

/* types */
AstType *ast_type_name(Parse *p, AstName name);
AstType *ast_type_suffix(Parse *p, AstTypeKind kind, AstType *elem, AstExpr *count, Span span);
AstType *ast_type_map(Parse *p, AstType *key, AstType *elem, Span span);
AstType *ast_type_handle(Parse *p, const char *c_type, Span span);

/* items of a file */
AstItem *ast_item(Parse *p, AstItemKind kind, Span span, AstName name);
void ast_add_item(Parse *p, const AstItem *item);
void ast_include(Parse *p, Span quoted);
void ast_import(Parse *p, Span span, const char *path);
void ast_const(Parse *p, AstName name, AstExpr *value);
void ast_add_enumerator(Parse *p, AstItem *item, AstName name, AstExpr *value);
void ast_add_member(Parse *p, AstItem *item, AstName name, AstType *type, AstExpr *init);
void ast_graph_begin(Parse *p, AstName name);
void ast_graph_end(Parse *p, Span close);

/* fields */
AstField *ast_field(Parse *p, AstDirection direction, AstName name, AstType *type);
void ast_field_init(Parse *p, AstField *field, Span op, AstExpr *init);
void ast_field_merge(Parse *p, AstField *field, AstName reducer, AstName function);
void ast_field_transient(Parse *p, AstField *field, Span span);
void ast_field_local(Parse *p, AstField *field, Span span);
void ast_field_was(Parse *p, AstField *field, AstName name);
void ast_add_field(Parse *p, const AstField *field);

/* nodes, predicates, routers */
AstNode *ast_node(Parse *p, AstNodeKind kind, AstName name, AstName runs);
/* A parameter without a mode has that of the one before it. */
void ast_add_param(Parse *p, AstNode *node, AstParam param);
AstAttr ast_attr(AstAttrKind kind, Span span, AstExpr *value);
AstAttr ast_attr_retry(Span span, AstExpr *times, AstExpr *every, AstExpr *up_to);
AstAttr ast_attr_name(AstAttrKind kind, Span span, AstName name);
void ast_add_attr(Parse *p, AstNode *node, AstAttr attr);
void ast_add_target(Parse *p, AstNode *node, AstName name);
void ast_node_body(AstNode *node, Span text);
void ast_add_node(Parse *p, const AstNode *node);

/* places */
AstPlace *ast_place(Parse *p, AstPlaceKind kind, Span span, AstName name);
AstPlace *ast_section(Parse *p);
void ast_add_branch(Parse *p, AstPlace *section, AstChain *branch);
AstPlace *ast_section_end(AstPlace *section, Span brackets);
void ast_section_each(Parse *p, AstPlace *section, AstName item, AstName index, AstExpr *over);
void ast_section_mode(Parse *p, AstPlace *section, AstSectionMode mode, Span span);
void ast_section_settle(Parse *p, AstPlace *section, AstName field, AstExpr *need);
AstPlace *ast_block(Parse *p, AstPlaceKind kind, Span span, AstExpr *subject);
AstArm *ast_arm(Parse *p, AstExpr *guard, AstChain *chain);
AstArm *ast_arm_else(Parse *p, Span span, AstChain *chain);
AstArm *ast_arm_values(Parse *p, AstExpr *first);
void ast_add_value(Parse *p, AstArm *arm, AstExpr *value);
void ast_add_arm(Parse *p, AstPlace *block, const AstArm *arm);

/* chains; each returns the chain it was given */
AstChain *ast_chain(Parse *p);
AstChain *ast_add_hop(Parse *p, AstChain *chain, Span arrow, AstPlace *place);
AstChain *ast_hop_when(Parse *p, AstChain *chain, Span word, AstExpr *guard);
AstChain *ast_hop_max(Parse *p, AstChain *chain, Span word, AstExpr *max);
AstChain *ast_hop_on(Parse *p, AstChain *chain, Span span, AstOnKind on);
/* A branch: its first place, then the hops that followed (NULL: none). */
AstChain *ast_branch(Parse *p, AstPlace *first, AstChain *rest);
/* a -> b, c */
void ast_two_targets(Parse *p, Span comma, const AstChain *chain, AstName second);

AstEdges *ast_edges(Parse *p);
void ast_add_source(Parse *p, AstEdges *edges, AstPlace *place);
void ast_add_edges(Parse *p, AstEdges *edges, AstChain *chain);

void ast_setting(Parse *p, AstSettingKind kind, Span span, AstExpr *value);

#endif
