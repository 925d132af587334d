/* compat.h. Types are held against each other by the runtime, which converts the values: so what is
 * promised here is what happens there. */
#include "compat.h"

#include <string.h>

#include "analysis/live.h"
#include "layout.h"
#include "strmap.h"

typedef struct Compat {
    Compilation *comp;
    const Graph *was, *now;
    const Live *live_was, *live_now;
    StrMap types; /* described already, by Type */
} Compat;

/* ---- types as the runtime sees them ---- */

static dfl_kind kind_of(TypeKind kind) {
    static const dfl_kind kinds[] = {
        [TY_BOOL] = DFL_KIND_BOOL,   [TY_I8] = DFL_KIND_I8,         [TY_I16] = DFL_KIND_I16,
        [TY_I32] = DFL_KIND_I32,     [TY_I64] = DFL_KIND_I64,       [TY_U8] = DFL_KIND_U8,
        [TY_U16] = DFL_KIND_U16,     [TY_U32] = DFL_KIND_U32,       [TY_U64] = DFL_KIND_U64,
        [TY_F32] = DFL_KIND_F32,     [TY_F64] = DFL_KIND_F64,       [TY_STRING] = DFL_KIND_STRING,
        [TY_BYTES] = DFL_KIND_BYTES, [TY_ENUM] = DFL_KIND_ENUM,     [TY_STRUCT] = DFL_KIND_STRUCT,
        [TY_LIST] = DFL_KIND_LIST,   [TY_ARRAY] = DFL_KIND_ARRAY,   [TY_MAP] = DFL_KIND_MAP,
        [TY_OPT] = DFL_KIND_OPT,     [TY_HANDLE] = DFL_KIND_HANDLE,
    };
    return kinds[kind];
}

static const dfl_type *describe(Compat *c, const Type *type);

static void describe_enum(Compat *c, const Enum *def, dfl_type *out) {
    dfl_enumerator *values = ARENA_ARRAY(c->comp->arena, dfl_enumerator, def->n_values + 1);
    for (size_t i = 0; i < def->n_values; i++)
        values[i] = (dfl_enumerator){def->values[i].name, def->values[i].value};
    out->n = (uint32_t)def->n_values;
    out->values = values;
}

static void describe_struct(Compat *c, const Struct *def, dfl_type *out) {
    dfl_member *members = ARENA_ARRAY(c->comp->arena, dfl_member, def->n_members + 1);
    out->n = (uint32_t)def->n_members;
    out->members = members;
    for (size_t i = 0; i < def->n_members; i++) {
        members[i].name = def->members[i].name;
        members[i].type = describe(c, def->members[i].type);
    }
}

/* Types are interned, so their addresses are names. */
static const dfl_type *describe(Compat *c, const Type *type) {
    dfl_type *out = strmap_get(&c->types, (const char *)type);
    if (out)
        return out;
    out = ARENA_ARRAY(c->comp->arena, dfl_type, 1);
    strmap_put(&c->types, c->comp->arena, (const char *)type, out);
    out->kind = kind_of(type->kind);
    out->name = type->name;
    if (type->kind == TY_ENUM)
        describe_enum(c, type->enum_, out);
    if (type->kind == TY_STRUCT)
        describe_struct(c, type->struct_, out);
    if (type->kind == TY_ARRAY)
        out->n = type->count;
    if (type->elem)
        out->elem = describe(c, type->elem);
    return out;
}

/* ---- fields ---- */

static const Field *field_named(const Graph *graph, const char *name) {
    for (size_t i = 0; name && i < graph->n_fields; i++)
        if (strcmp(graph->fields[i]->name, name) == 0 && field_is_saved(graph->fields[i]))
            return graph->fields[i];
    return NULL;
}

/* What a field of today was; NULL: it is new. */
static const Field *former(const Compat *c, const Field *field) {
    const Field *same = field_named(c->was, field->name);
    return same ? same : field_named(c->was, field->was);
}

static void check_type(Compat *c, const Field *field, const Field *was) {
    dfl__misfit misfit;
    if (dfl__converts(field->name, describe(c, was->type), describe(c, field->type), &misfit))
        return;
    Diag *diag =
        diag_error(c->comp->diags, field->type_span, "field '%s' %s", misfit.field, misfit.why);
    diag_note(diag, was->type_span, "the older version declares it here");
}

/* ---- places ---- */

static const Node *node_named(const Graph *graph, const char *name) {
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        if (node->place && node->place->region->index == 0 && strcmp(node->name, name) == 0)
            return node;
    }
    return NULL;
}

static const Node *successor(const Compat *c, const Node *was) {
    const Node *same = node_named(c->now, was->name);
    for (size_t i = 0; !same && i < c->now->n_nodes; i++) {
        const Node *node = c->now->nodes[i];
        if (node->was && strcmp(node->was, was->name) == 0 && node->place)
            same = node;
    }
    return same;
}

static void check_gone(Compat *c, const Node *was) {
    Diag *diag = diag_error(c->comp->diags, c->now->span,
                            "graph '%s' has no node '%s' any more, and none that says 'was %s'; a "
                            "checkpoint that goes on there cannot be read",
                            c->now->name, was->name, was->name);
    diag_note(diag, was->span, "the older version declares it here");
}

/* A value that nothing needed there was not saved. */
static void check_needed(Compat *c, const Field *field, const Field *was) {
    for (size_t i = 0; i < c->was->n_nodes; i++) {
        const Node *node = c->was->nodes[i];
        const Node *now =
            node->place && node->place->region->index == 0 ? successor(c, node) : NULL;
        if (!now || now->place->region->index != 0 ||
            !field_live_before(c->live_now, now->place, field) ||
            field_live_before(c->live_was, node->place, was))
            continue;
        Diag *diag =
            diag_error(c->comp->diags, field->span,
                       "field '%s' is needed from '%s' on, where the older version does not "
                       "save it",
                       field->name, now->name);
        diag_note(diag, node->span, "a checkpoint that goes on at '%s' cannot be read", node->name);
        return;
    }
}

/* ---- programs ---- */

static void check_graph(Compat *c) {
    for (size_t i = 0; i < c->now->n_fields; i++) {
        const Field *field = c->now->fields[i];
        const Field *was = field_is_saved(field) ? former(c, field) : NULL;
        if (was) {
            check_type(c, field, was);
            check_needed(c, field, was);
        }
    }
    for (size_t i = 0; i < c->was->n_nodes; i++) {
        const Node *was = c->was->nodes[i];
        if (was->place && was->place->region->index == 0 && !successor(c, was))
            check_gone(c, was);
    }
}

void compat_check(Compilation *comp, const Program *was, const Program *now) {
    for (size_t i = 0; i < was->n_graphs; i++) {
        Compat c = {.comp = comp, .was = was->graphs[i]};
        for (size_t k = 0; k < now->n_graphs; k++)
            if (strcmp(now->graphs[k]->name, c.was->name) == 0)
                c.now = now->graphs[k];
        if (!c.now) {
            diag_error(comp->diags, c.was->span,
                       "graph '%s' is gone; nothing reads its checkpoints", c.was->name);
            continue;
        }
        c.live_was = live_of(comp, c.was);
        c.live_now = live_of(comp, c.now);
        check_graph(&c);
    }
}
