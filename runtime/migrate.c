/* States that another version of a graph has saved, read as states of this one: fields are matched by
 * their names, or the names that they had. */
#include "internal.h"
#include "layout.h"
#include "mem.h"

static uint32_t find_field(const dfl__layout *layout, const char *name) {
    for (uint32_t i = 0; i < layout->state->n; i++)
        if (strcmp(layout->state->members[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

uint32_t dfl__old_field(const dfl_graph *graph, const dfl__layout *layout, const char *name) {
    uint32_t i = find_field(layout, name);
    for (uint32_t k = 0; i == UINT32_MAX && k < graph->layout->n_fields_was; k++)
        if (strcmp(graph->layout->fields_was[k].now, name) == 0)
            i = find_field(layout, graph->layout->fields_was[k].before);
    return i;
}

static int convert_fields(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded,
                          const char *old, char *fresh, dfl__misfit *misfit) {
    const dfl__saved *saved = graph->layout->saved;
    int rc = DFL_OK;
    for (uint32_t i = 0; rc == DFL_OK && i < saved->n; i++) {
        const dfl_member *now = &graph->state->members[saved->members[i]], *was;
        if (!dfl__bit(loaded->live, i))
            continue;
        was = &loaded->layout->state->members[dfl__old_field(graph, loaded->layout, now->name)];
        rc = dfl__convert(ctx, now->name, was->type, old + was->offset, now->type,
                          fresh + now->offset, misfit);
    }
    return rc;
}

/* Handles and the memory stay those of the state. */
static void keep(const dfl_graph *graph, const char *state, char *fresh) {
    for (uint32_t i = 0; i < graph->state->n; i++)
        if (graph->state->members[i].type->kind == DFL_KIND_HANDLE)
            memcpy(fresh + graph->state->members[i].offset, state + graph->state->members[i].offset,
                   graph->state->members[i].type->size);
    memcpy(fresh + graph->mem_offset, state + graph->mem_offset, sizeof(dfl__mem));
}

/* Everything is made in the memory of `decode`, which the state takes over if all went well. What
 * was made on the way is freed when the state reclaims for the first time. */
static int fill(dfl__decode *decode, const dfl_graph *graph, const dfl__loaded *loaded, char *fresh,
                dfl__misfit *misfit) {
    const dfl_type *type = loaded->layout->state;
    dfl__in in = {decode->at, decode->end};
    dfl_ctx ctx;
    char *old;
    int rc;
    dfl__ctx_init(&ctx, decode->mem);
    old = dfl_alloc(&ctx, type->size);
    if (!old)
        return DFL_ENOMEM;
    dfl__set_zero(type, old);
    graph->layout->saved->init(fresh);
    rc = dfl__layout_read(&ctx, loaded->layout, loaded->saved_live, &in, old);
    if (rc == DFL_OK)
        rc = convert_fields(&ctx, graph, loaded, old, fresh, misfit);
    return rc;
}

int dfl__migrate(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded, void *state) {
    dfl__decode decode;
    dfl__misfit misfit;
    dfl__mem *mem = (dfl__mem *)(void *)((char *)state + graph->mem_offset);
    char *fresh = dfl__restore_begin(&decode, mem, loaded->state.at, dfl__left(&loaded->state),
                                     graph->state->size, DFL__NO_TEXTS);
    int rc = fresh ? fill(&decode, graph, loaded, fresh, &misfit) : decode.status;
    if (rc == DFL_OK) {
        keep(graph, state, fresh);
        memcpy(state, fresh, graph->state->size);
        return dfl__decode_commit(&decode);
    }
    decode.status = rc;
    if (fresh)
        dfl__decode_failed(&decode, NULL);
    if (rc == DFL_ESCHEMA)
        return dfl__failed(ctx, rc, 0, DFL__NOWHERE, "field '%s' %s", misfit.field, misfit.why);
    return dfl__failed(ctx, rc, 0, DFL__NOWHERE, "the checkpoint's state cannot be decoded");
}
