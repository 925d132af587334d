/* The fingerprint of a schema. */
#include <inttypes.h>
#include <stdio.h>

#include "../fnv.h"
#include "../strmap.h"
#include "codec.h"

/* Over a text like
 *
 *     topic:string; quotes:quote[]{symbol:string;price:f64;}; mood:mood(calm=0,angry=1);
 *
 * in which a struct or an enum is spelled out where it is met first. */
typedef struct Print {
    uint64_t hash;
    Arena *arena;
    StrMap met;
} Print;

static void print_text(Print *print, const char *text) {
    print->hash = fnv(print->hash, text, strlen(text));
}

static void print_type(Print *print, const Type *type);

static void print_struct(Print *print, const Struct *struct_) {
    print_text(print, "{");
    for (size_t i = 0; i < struct_->n_members; i++) {
        print_text(print, struct_->members[i].name);
        print_text(print, ":");
        print_type(print, struct_->members[i].type);
        print_text(print, ";");
    }
    print_text(print, "}");
}

static void print_enum(Print *print, const Enum *enum_) {
    char value[16];
    for (size_t i = 0; i < enum_->n_values; i++) {
        print_text(print, i ? "," : "(");
        print_text(print, enum_->values[i].name);
        snprintf(value, sizeof value, "=%" PRId32, enum_->values[i].value);
        print_text(print, value);
    }
    print_text(print, ")");
}

static void print_type(Print *print, const Type *type) {
    print_text(print, type->name);
    if (strmap_get(&print->met, (const char *)type))
        return;
    strmap_put(&print->met, print->arena, (const char *)type, print);
    if (type->elem)
        print_type(print, type->elem);
    if (type->kind == TY_STRUCT)
        print_struct(print, type->struct_);
    if (type->kind == TY_ENUM)
        print_enum(print, type->enum_);
}

uint64_t schema_fingerprint(const Program *program, const Graph *graph) {
    Print print = {.hash = FNV_BEGIN, .arena = arena_new()};
    (void)program;
    for (size_t i = 0; i < graph->n_fields; i++) {
        if (!field_is_saved(graph->fields[i]))
            continue;
        print_text(&print, graph->fields[i]->name);
        print_text(&print, ":");
        print_type(&print, graph->fields[i]->type);
        print_text(&print, ";");
    }
    arena_free(print.arena);
    return print.hash;
}
