/* Encoding and decoding of states, specialised for each schema; the form is in runtime/dfl.h.
 *
 * Types come in two kinds. One of fixed size is stored to and loaded from a known offset:
 *
 *     dfl__put_f64(at + 8, v->price);                v->price = dfl__get_f64(at + 8);
 *
 * Every other is measured, put, and read back where the one before it ended:
 *
 *     n += quote_list__size(&v->quotes);
 *     at = quote_list__put(at, &v->quotes);          rc = quote_list__get(in, ctx, &v->quotes);
 *
 * Measuring first means that encoding grows its buffer once and then writes without a check.
 * Where a type can hold itself (through a list or a map) the functions count how deep they are. */
#include "codec.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "../strmap.h"

/* ---- what is known of a type ---- */

typedef enum Visit { UNSEEN, ON_THE_WAY, SEEN } Visit;

typedef struct Info {
    const Type *type;
    bool sized; /* the next three are known */
    bool fixed;
    uint64_t bytes; /* encoded: fixed ? exactly : at least */
    bool has_bool;  /* fixed: loading it may find a byte that is no bool */
    Visit visit;
    bool deep; /* it can hold itself, or something that can */
    bool emitted;
} Info;

typedef struct Codec {
    CWriter *w;
    Arena *arena;
    StrMap infos;  /* by the type itself */
    bool in_state; /* a function of a state is written, not one of a type */
} Codec;

/* A StrMap compares its names by pointer, and so are types compared. */
static const char *key_of(const Type *type) {
    return (const char *)type;
}

static Info *info_of(Codec *c, const Type *type) {
    Info *info = strmap_get(&c->infos, key_of(type));
    if (!info) {
        info = ARENA_NEW(c->arena, Info);
        info->type = type;
        strmap_put(&c->infos, c->arena, key_of(type), info);
    }
    return info;
}

/* Encoded bytes of a number; 0: it is none. */
static uint64_t number_bytes(TypeKind kind) {
    switch (kind) {
    case TY_I8:
    case TY_U8:
        return 1;
    case TY_I16:
    case TY_U16:
        return 2;
    case TY_I32:
    case TY_U32:
    case TY_F32:
        return 4;
    case TY_I64:
    case TY_U64:
    case TY_F64:
        return 8;
    default:
        return 0;
    }
}

/* The suffix of dfl__put_ and dfl__get_. */
static const char *number_suffix(TypeKind kind) {
    static const char *const suffixes[] = {
        [TY_I8] = "i8",   [TY_I16] = "i16", [TY_I32] = "i32", [TY_I64] = "i64", [TY_U8] = "u8",
        [TY_U16] = "u16", [TY_U32] = "u32", [TY_U64] = "u64", [TY_F32] = "f32", [TY_F64] = "f64",
    };
    return suffixes[kind];
}

static void measure(Codec *c, Info *info);

static const Info *measured(Codec *c, const Type *type) {
    Info *info = info_of(c, type);
    if (!info->sized)
        measure(c, info);
    return info;
}

static void measure_struct(Codec *c, Info *info) {
    const Struct *struct_ = info->type->struct_;
    info->fixed = true;
    for (size_t i = 0; i < struct_->n_members; i++) {
        const Info *member = measured(c, struct_->members[i].type);
        info->bytes += member->bytes;
        info->fixed = info->fixed && member->fixed;
        info->has_bool = info->has_bool || member->has_bool;
    }
}

static void measure_array(Codec *c, Info *info) {
    const Info *elem = measured(c, info->type->elem);
    info->fixed = elem->fixed;
    info->bytes = elem->bytes * info->type->count;
    info->has_bool = elem->has_bool;
}

/* Ends: only lists and maps close a cycle of types, and what they hold is not looked at. */
static void measure(Codec *c, Info *info) {
    TypeKind kind = info->type->kind;
    info->sized = true;
    if (kind == TY_STRUCT) {
        measure_struct(c, info);
    } else if (kind == TY_ARRAY) {
        measure_array(c, info);
    } else if (kind == TY_ENUM) {
        info->fixed = true;
        info->bytes = 4;
    } else if (number_bytes(kind)) {
        info->fixed = true;
        info->bytes = number_bytes(kind);
    } else {
        info->fixed = info->has_bool = kind == TY_BOOL;
        info->bytes = 1;
    }
}

static bool is_fixed(Codec *c, const Type *type) {
    return measured(c, type)->fixed;
}

static uint64_t bytes_of(Codec *c, const Type *type) {
    return measured(c, type)->bytes;
}

/* Whether a cycle of types can be reached. A type that is finished without one cannot lead into
 * one: whatever it reaches was finished before it, or is on the way, which is a cycle. */
static bool is_deep(Codec *c, const Type *type) {
    Info *info = info_of(c, type);
    if (info->visit == ON_THE_WAY)
        info->deep = true;
    if (info->visit != UNSEEN)
        return info->deep;
    info->visit = ON_THE_WAY;
    if (type->elem && is_deep(c, type->elem))
        info->deep = true;
    for (size_t i = 0; type->kind == TY_STRUCT && i < type->struct_->n_members; i++)
        if (is_deep(c, type->struct_->members[i].type))
            info->deep = true;
    info->visit = SEEN;
    return info->deep;
}

/* ---- text ---- */

__attribute__((format(printf, 2, 3))) static const char *say(Codec *c, const char *fmt, ...) {
    va_list args;
    const char *text;
    va_start(args, fmt);
    text = arena_vprintf(c->arena, fmt, args);
    va_end(args);
    return text;
}

static void begin(Codec *c, const char *prototype) {
    cw_open(c->w, "%s {", prototype);
}

static void end(Codec *c) {
    cw_close(c->w, "}");
    cw_blank(c->w);
}

/* "at", "at + 8" */
static const char *at_offset(Codec *c, uint64_t offset) {
    return offset ? say(c, "at + %" PRIu64, offset) : "at";
}

/* "v->quote" is passed as "&v->quote". */
static const char *address(Codec *c, const char *lvalue) {
    return say(c, "&%s", lvalue);
}

/* ---- fixed size: store and load ---- */

static void store(Codec *c, const Type *type, const char *at, const char *from);
static void load(Codec *c, const Type *type, const char *at, const char *to, const char *fail);

/* "at + 8 + i * 4" */
static const char *at_item(Codec *c, const char *at, uint64_t bytes) {
    return bytes == 1 ? say(c, "%s + i", at) : say(c, "%s + i * %" PRIu64, at, bytes);
}

static void store_array(Codec *c, const Type *type, const char *at, const char *from) {
    uint64_t bytes = bytes_of(c, type->elem);
    if (number_bytes(type->elem->kind)) {
        cw_line(c->w, "dfl__copy_numbers(%s, %s, %" PRIu32 ", %" PRIu64 ");", at, from, type->count,
                bytes);
        return;
    }
    cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
    store(c, type->elem, at_item(c, at, bytes), say(c, "%s[i]", from));
    cw_close(c->w, "}");
}

static void store(Codec *c, const Type *type, const char *at, const char *from) {
    if (type->kind == TY_BOOL)
        cw_line(c->w, "dfl__put_u8(%s, %s);", at, from);
    else if (type->kind == TY_ENUM)
        cw_line(c->w, "dfl__put_i32(%s, (int32_t)%s);", at, from);
    else if (type->kind == TY_STRUCT)
        cw_line(c->w, "%s__store(%s, %s);", type->stem, at, address(c, from));
    else if (type->kind == TY_ARRAY)
        store_array(c, type, at, from);
    else
        cw_line(c->w, "dfl__put_%s(%s, %s);", number_suffix(type->kind), at, from);
}

static void load_array(Codec *c, const Type *type, const char *at, const char *to,
                       const char *fail) {
    uint64_t bytes = bytes_of(c, type->elem);
    if (number_bytes(type->elem->kind)) {
        cw_line(c->w, "dfl__copy_numbers(%s, %s, %" PRIu32 ", %" PRIu64 ");", to, at, type->count,
                bytes);
        return;
    }
    cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
    load(c, type->elem, at_item(c, at, bytes), say(c, "%s[i]", to), fail);
    cw_close(c->w, "}");
}

static void load_struct(Codec *c, const Type *type, const char *at, const char *to,
                        const char *fail) {
    if (!measured(c, type)->has_bool) {
        cw_line(c->w, "%s__load(%s, %s);", type->stem, at, address(c, to));
        return;
    }
    cw_line(c->w, "if (!%s__load(%s, %s))", type->stem, at, address(c, to));
    cw_line(c->w, "    %s", fail);
}

/* fail: the statement for bytes that are no encoding. */
static void load(Codec *c, const Type *type, const char *at, const char *to, const char *fail) {
    if (type->kind == TY_BOOL) {
        cw_line(c->w, "if (!dfl__get_bool(%s, %s))", at, address(c, to));
        cw_line(c->w, "    %s", fail);
    } else if (type->kind == TY_ENUM) {
        cw_line(c->w, "%s = (%s)dfl__get_i32(%s);", to, type->c_name, at);
    } else if (type->kind == TY_STRUCT) {
        load_struct(c, type, at, to, fail);
    } else if (type->kind == TY_ARRAY) {
        load_array(c, type, at, to, fail);
    } else {
        cw_line(c->w, "%s = dfl__get_%s(%s);", to, number_suffix(type->kind), at);
    }
}

/* ---- any size: measure, put and get one value ---- */

/* The further arguments of the functions of a deep type: a struct is one deeper than what holds
 * it, and a state is no struct. */
static const char *deeper(Codec *c, const Type *type, bool measuring) {
    bool is_struct = type->kind == TY_STRUCT;
    if (!is_deep(c, type))
        return "";
    if (c->in_state)
        return say(c, ", %d%s", is_struct, measuring ? ", &too_deep" : "");
    return say(c, ", depth%s%s", is_struct ? " + 1" : "", measuring ? ", too_deep" : "");
}

/* n += what the value at `from` takes. */
static void add_size(Codec *c, const Type *type, const char *from) {
    if (is_fixed(c, type)) {
        cw_line(c->w, "n += %" PRIu64 ";", bytes_of(c, type));
    } else if (type->kind == TY_STRING || type->kind == TY_BYTES) {
        cw_line(c->w, "n += dfl__size_block(%s.n, 1);", from);
    } else if (type->kind == TY_ARRAY) {
        cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
        add_size(c, type->elem, say(c, "%s[i]", from));
        cw_close(c->w, "}");
    } else if (type->kind == TY_LIST && is_fixed(c, type->elem)) {
        cw_line(c->w, "n += dfl__size_block(%s.len, %" PRIu64 ");", from, bytes_of(c, type->elem));
    } else {
        cw_line(c->w, "n += %s__size(%s%s);", type->stem, address(c, from), deeper(c, type, true));
    }
}

static void put(Codec *c, const Type *type, const char *from) {
    if (is_fixed(c, type)) {
        store(c, type, "at", from);
        cw_line(c->w, "at += %" PRIu64 ";", bytes_of(c, type));
    } else if (type->kind == TY_STRING || type->kind == TY_BYTES) {
        cw_line(c->w, "at = dfl__put_block(at, %s.p, %s.n, 1);", from, from);
    } else if (type->kind == TY_ARRAY) {
        cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
        put(c, type->elem, say(c, "%s[i]", from));
        cw_close(c->w, "}");
    } else if (type->kind == TY_LIST &&
               (number_bytes(type->elem->kind) || type->elem->kind == TY_BOOL)) {
        cw_line(c->w, "at = dfl__put_block(at, %s.items, %s.len, %" PRIu64 ");", from, from,
                bytes_of(c, type->elem));
    } else {
        cw_line(c->w, "at = %s__put(at, %s);", type->stem, address(c, from));
    }
}

static const char *get_call(Codec *c, const Type *type, const char *to) {
    const char *name = type->kind == TY_STRING  ? "dfl__get_str"
                       : type->kind == TY_BYTES ? "dfl__get_bytes"
                                                : say(c, "%s__get", type->stem);
    return say(c, "%s(in, ctx, %s%s)", name, address(c, to), deeper(c, type, false));
}

static void get_fixed(Codec *c, const Type *type, const char *to) {
    cw_line(c->w, "if (dfl__left(in) < %" PRIu64 ")", bytes_of(c, type));
    cw_line(c->w, "    return DFL_ECORRUPT;");
    load(c, type, "in->at", to, "return DFL_ECORRUPT;");
    cw_line(c->w, "in->at += %" PRIu64 ";", bytes_of(c, type));
}

/* Only while rc is DFL_OK; the first of several finds it unset, unless it is an array. */
static void get(Codec *c, const Type *type, const char *to, bool is_first) {
    if (type->kind == TY_ARRAY) {
        cw_open(c->w, "for (size_t i = 0; rc == DFL_OK && i < %" PRIu32 "; i++) {", type->count);
        cw_line(c->w, "rc = %s;", get_call(c, type->elem, say(c, "%s[i]", to)));
        cw_close(c->w, "}");
    } else if (is_first) {
        cw_line(c->w, "rc = %s;", get_call(c, type, to));
    } else {
        cw_line(c->w, "if (rc == DFL_OK)");
        cw_line(c->w, "    rc = %s;", get_call(c, type, to));
    }
}

/* ---- records: structs and states ---- */

/* A struct, or the saved fields of a state. */
typedef struct Slot {
    const char *name;
    const Type *type;
} Slot;

typedef struct Record {
    Slot *slots;
    size_t n, cap;
    uint64_t fixed_bytes; /* of the slots of fixed size */
    bool all_fixed;
} Record;

static void add_slot(Codec *c, Record *record, const char *name, const Type *type) {
    Slot slot = {name, type};
    ARENA_PUSH(c->arena, record->slots, record->n, record->cap, slot);
    if (is_fixed(c, type))
        record->fixed_bytes += bytes_of(c, type);
    else
        record->all_fixed = false;
}

static Record struct_record(Codec *c, const Struct *struct_) {
    Record record = {.all_fixed = true};
    for (size_t i = 0; i < struct_->n_members; i++)
        add_slot(c, &record, struct_->members[i].name, struct_->members[i].type);
    return record;
}

static bool is_saved(const Field *field) {
    return field->type->kind != TY_HANDLE && !field->local && !field->transient;
}

static Record state_record(Codec *c, const Graph *graph) {
    Record record = {.all_fixed = true};
    for (size_t i = 0; i < graph->n_fields; i++)
        if (is_saved(graph->fields[i]))
            add_slot(c, &record, graph->fields[i]->name, graph->fields[i]->type);
    return record;
}

static const char *member(Codec *c, const char *of, const Slot *slot) {
    return say(c, "%s->%s", of, slot->name);
}

/* The statements for the members of fixed size, from `at` on. */
static void store_fixed(Codec *c, const Record *record, const char *of) {
    uint64_t offset = 0;
    for (size_t i = 0; i < record->n; i++) {
        const Slot *slot = &record->slots[i];
        if (!is_fixed(c, slot->type))
            continue;
        store(c, slot->type, at_offset(c, offset), member(c, of, slot));
        offset += bytes_of(c, slot->type);
    }
}

static void load_fixed(Codec *c, const Record *record, const char *of, const char *fail) {
    uint64_t offset = 0;
    for (size_t i = 0; i < record->n; i++) {
        const Slot *slot = &record->slots[i];
        if (!is_fixed(c, slot->type))
            continue;
        load(c, slot->type, at_offset(c, offset), member(c, of, slot), fail);
        offset += bytes_of(c, slot->type);
    }
}

/* And those for the others. */
static void size_rest(Codec *c, const Record *record, const char *of) {
    for (size_t i = 0; i < record->n; i++)
        if (!is_fixed(c, record->slots[i].type))
            add_size(c, record->slots[i].type, member(c, of, &record->slots[i]));
}

static void put_rest(Codec *c, const Record *record, const char *of) {
    for (size_t i = 0; i < record->n; i++)
        if (!is_fixed(c, record->slots[i].type))
            put(c, record->slots[i].type, member(c, of, &record->slots[i]));
}

/* The first slot that is not of fixed size, or NULL. */
static const Slot *first_of_rest(Codec *c, const Record *record) {
    for (size_t i = 0; i < record->n; i++)
        if (!is_fixed(c, record->slots[i].type))
            return &record->slots[i];
    return NULL;
}

static void get_rest(Codec *c, const Record *record, const char *of) {
    const Slot *first = first_of_rest(c, record);
    for (size_t i = 0; i < record->n; i++)
        if (!is_fixed(c, record->slots[i].type))
            get(c, record->slots[i].type, member(c, of, &record->slots[i]),
                &record->slots[i] == first);
}

static void put_record(Codec *c, const Record *record, const char *of) {
    store_fixed(c, record, of);
    if (record->fixed_bytes && !record->all_fixed)
        cw_line(c->w, "at += %" PRIu64 ";", record->fixed_bytes);
    put_rest(c, record, of);
}

static void get_record_fixed(Codec *c, const Record *record, const char *of) {
    cw_line(c->w, "if (dfl__left(in) < %" PRIu64 ")", record->fixed_bytes);
    cw_line(c->w, "    return DFL_ECORRUPT;");
    load_fixed(c, record, of, "return DFL_ECORRUPT;");
    cw_line(c->w, "in->at += %" PRIu64 ";", record->fixed_bytes);
}

static void get_declarations(Codec *c, const Record *record) {
    const Slot *first = first_of_rest(c, record);
    if (record->fixed_bytes)
        cw_line(c->w, "const uint8_t *at = in->at;");
    if (first)
        cw_line(c->w, "int rc%s;", first->type->kind == TY_ARRAY ? " = DFL_OK" : "");
    if (record->n > 0)
        cw_blank(c->w);
}

/* The body of a function that reads a record into *of. */
static void get_record(Codec *c, const Record *record, const char *of, bool check_depth) {
    get_declarations(c, record);
    if (check_depth) {
        cw_line(c->w, "if (depth > DFL__MAX_DEPTH)");
        cw_line(c->w, "    return DFL_ECORRUPT;");
    }
    if (record->n == 0)
        cw_line(c->w, "(void)in, (void)%s;", of);
    if (record->all_fixed)
        cw_line(c->w, "(void)ctx;");
    if (record->fixed_bytes)
        get_record_fixed(c, record, of);
    get_rest(c, record, of);
    cw_line(c->w, "return %s;", record->all_fixed ? "DFL_OK" : "rc");
}

/* ---- functions of a type ---- */

static const char *size_prototype(Codec *c, const Type *type) {
    return say(c, "static size_t %s__size(const %s *v%s)", type->stem, type->c_name,
               is_deep(c, type) ? ", unsigned depth, bool *too_deep" : "");
}

static const char *put_prototype(Codec *c, const Type *type) {
    return say(c, "static uint8_t *%s__put(uint8_t *at, const %s *v)", type->stem, type->c_name);
}

static const char *get_prototype(Codec *c, const Type *type) {
    return say(c, "static int %s__get(dfl__in *in, dfl_ctx *ctx, %s *v%s)", type->stem,
               type->c_name, is_deep(c, type) ? ", unsigned depth" : "");
}

static void emit_fixed_struct(Codec *c, const Type *type) {
    Record record = struct_record(c, type->struct_);
    bool may_fail = measured(c, type)->has_bool;
    begin(c, say(c, "static void %s__store(uint8_t *at, const %s *v)", type->stem, type->c_name));
    store_fixed(c, &record, "v");
    end(c);
    begin(c, say(c, "static %s %s__load(const uint8_t *at, %s *v)", may_fail ? "bool" : "void",
                 type->stem, type->c_name));
    load_fixed(c, &record, "v", "return false;");
    if (may_fail)
        cw_line(c->w, "return true;");
    end(c);
}

static void emit_struct(Codec *c, const Type *type) {
    Record record = struct_record(c, type->struct_);
    begin(c, size_prototype(c, type));
    cw_line(c->w, "size_t n = %" PRIu64 ";", record.fixed_bytes);
    cw_blank(c->w);
    if (is_deep(c, type)) {
        cw_line(c->w, "*too_deep = *too_deep || depth > DFL__MAX_DEPTH;");
        cw_line(c->w, "if (*too_deep)");
        cw_line(c->w, "    return 0;");
    }
    size_rest(c, &record, "v");
    cw_line(c->w, "return n;");
    end(c);
    begin(c, put_prototype(c, type));
    put_record(c, &record, "v");
    cw_line(c->w, "return at;");
    end(c);
    begin(c, get_prototype(c, type));
    get_record(c, &record, "v", is_deep(c, type));
    end(c);
}

/* The head of __get of a list or a map, up to the loop. */
static void get_items_head(Codec *c, const Type *type, const char *also, uint64_t least) {
    begin(c, get_prototype(c, type));
    cw_line(c->w, "%s", also);
    cw_line(c->w, "uint32_t n;");
    cw_line(c->w, "int rc = dfl__get_count(in, %" PRIu64 ", &n);", least);
    cw_blank(c->w);
    cw_line(c->w, "if (rc != DFL_OK)");
    cw_line(c->w, "    return rc;");
}

/* The items are all there: get_items_head has checked. */
static void get_fixed_items(Codec *c, const Type *elem) {
    uint64_t bytes = bytes_of(c, elem);
    if (number_bytes(elem->kind)) {
        cw_line(c->w, "dfl__copy_numbers(items, in->at, n, %" PRIu64 ");", bytes);
    } else {
        cw_open(c->w, "for (size_t i = 0; i < n; i++) {");
        load(c, elem, at_item(c, "in->at", bytes), "items[i]", "return DFL_ECORRUPT;");
        cw_close(c->w, "}");
    }
    if (bytes == 1)
        cw_line(c->w, "in->at += n;");
    else
        cw_line(c->w, "in->at += (size_t)n * %" PRIu64 ";", bytes);
}

static void emit_list_get(Codec *c, const Type *type) {
    const Type *elem = type->elem;
    get_items_head(c, type, say(c, "%s *items;", elem->c_name), bytes_of(c, elem));
    cw_line(c->w, "items = dfl__items(ctx, n, sizeof *items);");
    cw_line(c->w, "if (n > 0 && !items)");
    cw_line(c->w, "    return DFL_ENOMEM;");
    if (is_fixed(c, elem)) {
        get_fixed_items(c, elem);
    } else {
        cw_open(c->w, "for (uint32_t i = 0; rc == DFL_OK && i < n; i++) {");
        cw_line(c->w, "rc = %s;", get_call(c, elem, "items[i]"));
        cw_close(c->w, "}");
    }
    cw_line(c->w, "v->items = items, v->len = n, v->cap = 0;");
    cw_line(c->w, "return rc;");
    end(c);
}

static void emit_list(Codec *c, const Type *type) {
    const Type *elem = type->elem;
    bool is_block = number_bytes(elem->kind) || elem->kind == TY_BOOL;
    if (!is_fixed(c, elem)) {
        begin(c, size_prototype(c, type));
        cw_line(c->w, "size_t n = dfl__varint_size(v->len);");
        cw_blank(c->w);
        cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
        add_size(c, elem, "v->items[i]");
        cw_close(c->w, "}");
        cw_line(c->w, "return n;");
        end(c);
    }
    if (!is_block) {
        begin(c, put_prototype(c, type));
        cw_line(c->w, "at = dfl__put_varint(at, v->len);");
        cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
        put(c, elem, "v->items[i]");
        cw_close(c->w, "}");
        cw_line(c->w, "return at;");
        end(c);
    }
    emit_list_get(c, type);
}

static void emit_map_get(Codec *c, const Type *type) {
    const Type *elem = type->elem;
    get_items_head(c, type, say(c, "%s map = {0};", type->c_name), 1 + bytes_of(c, elem));
    cw_open(c->w, "for (uint32_t i = 0; i < n; i++) {");
    cw_line(c->w, "dfl_str key;");
    cw_line(c->w, "%s value;", elem->c_name);
    cw_blank(c->w);
    cw_line(c->w, "rc = dfl__get_str(in, ctx, &key);");
    if (is_fixed(c, elem)) {
        cw_line(c->w, "if (rc != DFL_OK)");
        cw_line(c->w, "    return rc;");
        get_fixed(c, elem, "value");
    } else {
        get(c, elem, "value", false);
        cw_line(c->w, "if (rc != DFL_OK)");
        cw_line(c->w, "    return rc;");
    }
    cw_line(c->w, "if (%s_put(ctx, &map, key, value) != DFL_OK)", type->c_name);
    cw_line(c->w, "    return DFL_ENOMEM;");
    cw_line(c->w, "if (map.len != i + 1) /* a key twice */");
    cw_line(c->w, "    return DFL_ECORRUPT;");
    cw_close(c->w, "}");
    cw_line(c->w, "*v = map;");
    cw_line(c->w, "return rc;");
    end(c);
}

static void emit_map(Codec *c, const Type *type) {
    begin(c, size_prototype(c, type));
    cw_line(c->w, "size_t n = dfl__varint_size(v->len);");
    cw_blank(c->w);
    cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
    cw_line(c->w, "n += dfl__size_block(v->entries[i].key.n, 1);");
    add_size(c, type->elem, "v->entries[i].value");
    cw_close(c->w, "}");
    cw_line(c->w, "return n;");
    end(c);
    begin(c, put_prototype(c, type));
    cw_line(c->w, "at = dfl__put_varint(at, v->len);");
    cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
    cw_line(c->w, "at = dfl__put_block(at, v->entries[i].key.p, v->entries[i].key.n, 1);");
    put(c, type->elem, "v->entries[i].value");
    cw_close(c->w, "}");
    cw_line(c->w, "return at;");
    end(c);
    emit_map_get(c, type);
}

static void emit_opt_get(Codec *c, const Type *type) {
    begin(c, get_prototype(c, type));
    cw_line(c->w, "memset(v, 0, sizeof *v);");
    cw_line(c->w, "if (dfl__left(in) < 1 || !dfl__get_bool(in->at, &v->has))");
    cw_line(c->w, "    return DFL_ECORRUPT;");
    cw_line(c->w, "in->at++;");
    cw_line(c->w, "if (!v->has)");
    cw_line(c->w, "    return DFL_OK;");
    if (is_fixed(c, type->elem)) {
        cw_line(c->w, "(void)ctx;");
        get_fixed(c, type->elem, "v->value");
        cw_line(c->w, "return DFL_OK;");
    } else {
        cw_line(c->w, "return %s;", get_call(c, type->elem, "v->value"));
    }
    end(c);
}

static void emit_opt(Codec *c, const Type *type) {
    begin(c, size_prototype(c, type));
    cw_line(c->w, "size_t n = 1;");
    cw_blank(c->w);
    cw_open(c->w, "if (v->has) {");
    add_size(c, type->elem, "v->value");
    cw_close(c->w, "}");
    cw_line(c->w, "return n;");
    end(c);
    begin(c, put_prototype(c, type));
    cw_line(c->w, "*at++ = v->has;");
    cw_open(c->w, "if (v->has) {");
    put(c, type->elem, "v->value");
    cw_close(c->w, "}");
    cw_line(c->w, "return at;");
    end(c);
    emit_opt_get(c, type);
}

static void emit_functions(Codec *c, const Type *type) {
    if (type->kind == TY_STRUCT && is_fixed(c, type))
        emit_fixed_struct(c, type);
    else if (type->kind == TY_STRUCT)
        emit_struct(c, type);
    else if (type->kind == TY_LIST)
        emit_list(c, type);
    else if (type->kind == TY_MAP)
        emit_map(c, type);
    else if (type->kind == TY_OPT)
        emit_opt(c, type);
}

/* Functions of types that hold themselves call each other. */
static void emit_prototypes(Codec *c, const Type *type) {
    cw_line(c->w, "%s;", size_prototype(c, type));
    cw_line(c->w, "%s;", put_prototype(c, type));
    cw_line(c->w, "%s;", get_prototype(c, type));
}

/* What a type is made of comes first; each once. */
static void emit_type(Codec *c, const Type *type, void (*emit)(Codec *c, const Type *type)) {
    Info *info = info_of(c, type);
    if (info->emitted)
        return;
    info->emitted = true;
    if (type->elem)
        emit_type(c, type->elem, emit);
    for (size_t i = 0; type->kind == TY_STRUCT && i < type->struct_->n_members; i++)
        emit_type(c, type->struct_->members[i].type, emit);
    emit(c, type);
}

static void emit_deep_prototypes(Codec *c, const Type *type) {
    if (is_deep(c, type) && type->kind != TY_ARRAY)
        emit_prototypes(c, type);
}

static void for_each_type(Codec *c, const Program *program,
                          void (*emit)(Codec *c, const Type *type)) {
    for (size_t g = 0; g < program->n_graphs; g++) {
        const Graph *graph = program->graphs[g];
        for (size_t i = 0; !graph->imported && i < graph->n_fields; i++)
            if (is_saved(graph->fields[i]))
                emit_type(c, graph->fields[i]->type, emit);
    }
}

void emit_codec_types(CWriter *w, const Program *program) {
    Codec prototypes = {.w = w, .arena = w->arena}, functions = prototypes;
    unsigned line = w->line;
    for_each_type(&prototypes, program, emit_deep_prototypes);
    if (w->line != line)
        cw_blank(w);
    for_each_type(&functions, program, emit_functions);
}

/* ---- functions of a graph ---- */

static bool has_deep(Codec *c, const Record *record) {
    for (size_t i = 0; i < record->n; i++)
        if (is_deep(c, record->slots[i].type))
            return true;
    return false;
}

static void emit_encode(Codec *c, const Graph *graph, const Record *record, uint64_t schema) {
    bool deep = has_deep(c, record);
    begin(c,
          say(c, "int %s_encode(const %s_state *s, dfl_buf *out)", graph->c_name, graph->c_name));
    if (record->fixed_bytes)
        cw_line(c->w, "size_t n = DFL__HEADER_BYTES + %" PRIu64 ";", record->fixed_bytes);
    else
        cw_line(c->w, "size_t n = DFL__HEADER_BYTES;");
    cw_line(c->w, "uint8_t *at;");
    if (deep)
        cw_line(c->w, "bool too_deep = false;");
    cw_blank(c->w);
    size_rest(c, record, "s");
    if (deep) {
        cw_line(c->w, "if (too_deep)");
        cw_line(c->w, "    return DFL_EINVAL;");
    }
    cw_line(c->w, "at = dfl__buf_room(out, n);");
    cw_line(c->w, "if (!at)");
    cw_line(c->w, "    return DFL_ENOMEM;");
    cw_line(c->w, "at = dfl__put_header(at, UINT64_C(0x%016" PRIx64 "));", schema);
    if (record->n == 0)
        cw_line(c->w, "(void)s;");
    put_record(c, record, "s");
    cw_line(c->w, "return DFL_OK;");
    end(c);
}

static void emit_state_get(Codec *c, const Graph *graph, const Record *record) {
    begin(c, say(c, "static int %s_state__get(dfl__in *in, dfl_ctx *ctx, %s_state *s)",
                 graph->c_name, graph->c_name));
    get_record(c, record, "s", false);
    end(c);
}

/* Handles stay the program's; transient fields have their defaults from _state_init. */
static void keep_handles(Codec *c, const Graph *graph) {
    for (size_t i = 0; i < graph->n_fields; i++)
        if (graph->fields[i]->type->kind == TY_HANDLE)
            cw_line(c->w, "fresh->%s = s->%s;", graph->fields[i]->name, graph->fields[i]->name);
}

static void emit_decode(Codec *c, const Graph *graph, uint64_t schema) {
    const char *name = graph->c_name;
    begin(c, say(c, "int %s_decode(%s_state *s, const void *bytes, size_t n)", name, name));
    cw_line(c->w, "dfl__decode decode;");
    cw_line(c->w, "%s_state *fresh;", name);
    cw_line(c->w, "int rc;");
    cw_blank(c->w);
    cw_line(c->w, "fresh = dfl__decode_begin(&decode, bytes, n, UINT64_C(0x%016" PRIx64 "),",
            schema);
    cw_line(c->w, "                          sizeof *fresh, &rc);");
    cw_line(c->w, "if (!fresh)");
    cw_line(c->w, "    return rc;");
    cw_line(c->w, "%s_state_init(fresh);", name);
    keep_handles(c, graph);
    cw_line(c->w, "rc = %s_state__get(&decode.in, &decode.ctx, fresh);", name);
    cw_line(c->w, "rc = dfl__decode_end(&decode, rc);");
    cw_line(c->w, "if (rc != DFL_OK)");
    cw_line(c->w, "    return rc;");
    cw_line(c->w, "fresh->dfl_mem = s->dfl_mem;");
    cw_line(c->w, "*s = *fresh;");
    cw_line(c->w, "dfl__decode_commit(&decode, &s->dfl_mem);");
    cw_line(c->w, "return DFL_OK;");
    end(c);
}

void emit_codec(CWriter *w, const Program *program, const Graph *graph) {
    Codec codec = {.w = w, .arena = w->arena, .in_state = true};
    Record record = state_record(&codec, graph);
    uint64_t schema = schema_fingerprint(program, graph);
    emit_encode(&codec, graph, &record, schema);
    emit_state_get(&codec, graph, &record);
    emit_decode(&codec, graph, schema);
}

/* ---- the fingerprint ---- */

/* FNV-1a over a text like
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
    for (; *text; text++)
        print->hash = (print->hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
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
    if (strmap_get(&print->met, key_of(type)))
        return;
    strmap_put(&print->met, print->arena, key_of(type), print);
    if (type->elem)
        print_type(print, type->elem);
    if (type->kind == TY_STRUCT)
        print_struct(print, type->struct_);
    if (type->kind == TY_ENUM)
        print_enum(print, type->enum_);
}

uint64_t schema_fingerprint(const Program *program, const Graph *graph) {
    Print print = {.hash = UINT64_C(0xcbf29ce484222325), .arena = arena_new()};
    (void)program;
    for (size_t i = 0; i < graph->n_fields; i++) {
        if (!is_saved(graph->fields[i]))
            continue;
        print_text(&print, graph->fields[i]->name);
        print_text(&print, ":");
        print_type(&print, graph->fields[i]->type);
        print_text(&print, ";");
    }
    arena_free(print.arena);
    return print.hash;
}
