/* Encoding and decoding of states, specialised for each schema; the form is in runtime/dfl.h.
 *
 * Types come in two kinds. One of fixed size is stored to and loaded from a known offset:
 *
 *     dfl__put_f64(at + 8, v->price);                v->price = dfl__get_f64(at + 8);
 *
 * Every other is measured, put, and read back where the one before it ended:
 *
 *     n += quote_list__size(&v->quotes);
 *     at = quote_list__put(at, &v->quotes);          at = quote_list__get(in, at, &v->quotes);
 *
 * Measuring first means that encoding grows its buffer once and then writes without a check. What reads
 * returns NULL when it cannot.
 * Where a type can hold itself (through a list or a map) the functions count how deep they are. */
#include "codec.h"

#include <inttypes.h>

#include "codec_value.h"

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
    if (codec_is_fixed(c, type))
        record->fixed_bytes += codec_bytes(c, type);
    else
        record->all_fixed = false;
}

static Record struct_record(Codec *c, const Struct *struct_) {
    Record record = {.all_fixed = true};
    for (size_t i = 0; i < struct_->n_members; i++)
        add_slot(c, &record, struct_->members[i].name, struct_->members[i].type);
    return record;
}

static Record state_record(Codec *c, const Graph *graph) {
    Record record = {.all_fixed = true};
    for (size_t i = 0; i < graph->n_fields; i++)
        if (field_is_saved(graph->fields[i]))
            add_slot(c, &record, graph->fields[i]->name, graph->fields[i]->type);
    return record;
}

static const char *member(Codec *c, const char *of, const Slot *slot) {
    return codec_say(c, "%s->%s", of, slot->name);
}

/* The statements for the members of fixed size, from `at` on. */
static void store_fixed(Codec *c, const Record *record, const char *of) {
    uint64_t offset = 0;
    for (size_t i = 0; i < record->n; i++) {
        const Slot *slot = &record->slots[i];
        if (!codec_is_fixed(c, slot->type))
            continue;
        codec_store(c, slot->type, codec_at_offset(c, offset), member(c, of, slot));
        offset += codec_bytes(c, slot->type);
    }
}

static void load_fixed(Codec *c, const Record *record, const char *of, const char *fail) {
    uint64_t offset = 0;
    for (size_t i = 0; i < record->n; i++) {
        const Slot *slot = &record->slots[i];
        if (!codec_is_fixed(c, slot->type))
            continue;
        codec_load(c, slot->type, codec_at_offset(c, offset), member(c, of, slot), fail);
        offset += codec_bytes(c, slot->type);
    }
}

/* And those for the others. */
static void size_rest(Codec *c, const Record *record, const char *of) {
    for (size_t i = 0; i < record->n; i++)
        if (!codec_is_fixed(c, record->slots[i].type))
            codec_add_size(c, record->slots[i].type, member(c, of, &record->slots[i]));
}

static void put_rest(Codec *c, const Record *record, const char *of) {
    for (size_t i = 0; i < record->n; i++)
        if (!codec_is_fixed(c, record->slots[i].type))
            codec_put(c, record->slots[i].type, member(c, of, &record->slots[i]));
}

/* The first slot that is not of fixed size, or NULL. */
static const Slot *first_of_rest(Codec *c, const Record *record) {
    for (size_t i = 0; i < record->n; i++)
        if (!codec_is_fixed(c, record->slots[i].type))
            return &record->slots[i];
    return NULL;
}

static void get_rest(Codec *c, const Record *record, const char *of) {
    const Slot *first = first_of_rest(c, record);
    for (size_t i = 0; i < record->n; i++)
        if (!codec_is_fixed(c, record->slots[i].type))
            codec_get(c, record->slots[i].type, member(c, of, &record->slots[i]),
                      &record->slots[i] == first);
}

static void put_record(Codec *c, const Record *record, const char *of) {
    store_fixed(c, record, of);
    if (record->fixed_bytes && !record->all_fixed)
        cw_line(c->w, "at += %" PRIu64 ";", record->fixed_bytes);
    put_rest(c, record, of);
}

static void get_record_fixed(Codec *c, const Record *record, const char *of) {
    codec_need(c, record->fixed_bytes);
    load_fixed(c, record, of, "return NULL;");
    if (!record->all_fixed)
        cw_line(c->w, "at += %" PRIu64 ";", record->fixed_bytes);
}

/* The body of a function that reads a record into *of. */
static void get_record(Codec *c, const Record *record, const char *of, bool check_depth) {
    if (check_depth) {
        cw_line(c->w, "if (depth > DFL__MAX_DEPTH)");
        cw_line(c->w, "    return NULL;");
    }
    if (record->n == 0)
        cw_line(c->w, "(void)in, (void)%s;", of);
    if (record->fixed_bytes)
        get_record_fixed(c, record, of);
    get_rest(c, record, of);
    if (record->all_fixed && record->fixed_bytes)
        cw_line(c->w, "return at + %" PRIu64 ";", record->fixed_bytes);
    else
        cw_line(c->w, "return at;");
}

/* ---- functions of a type ---- */

static const char *size_prototype(Codec *c, const Type *type) {
    return codec_say(c, "static size_t %s__size(const %s *v%s)", type->stem, type->c_name,
                     codec_is_deep(c, type) ? ", unsigned depth, bool *too_deep" : "");
}

static const char *put_prototype(Codec *c, const Type *type) {
    return codec_say(c, "static uint8_t *%s__put(uint8_t *at, const %s *v)", type->stem,
                     type->c_name);
}

static const char *get_prototype(Codec *c, const Type *type) {
    return codec_say(c, "static const uint8_t *%s__get(dfl__decode *in, const uint8_t *at, %s *v%s)",
                     type->stem, type->c_name, codec_is_deep(c, type) ? ", unsigned depth" : "");
}

static void emit_fixed_struct(Codec *c, const Type *type) {
    Record record = struct_record(c, type->struct_);
    bool may_fail = codec_info(c, type)->has_bool;
    codec_begin(c, codec_say(c, "static void %s__store(uint8_t *at, const %s *v)", type->stem,
                             type->c_name));
    store_fixed(c, &record, "v");
    codec_end(c);
    codec_begin(c, codec_say(c, "static %s %s__load(const uint8_t *at, %s *v)",
                             may_fail ? "bool" : "void", type->stem, type->c_name));
    load_fixed(c, &record, "v", "return false;");
    if (may_fail)
        cw_line(c->w, "return true;");
    codec_end(c);
}

static void emit_struct(Codec *c, const Type *type) {
    Record record = struct_record(c, type->struct_);
    codec_begin(c, size_prototype(c, type));
    cw_line(c->w, "size_t n = %" PRIu64 ";", record.fixed_bytes);
    cw_blank(c->w);
    if (codec_is_deep(c, type)) {
        cw_line(c->w, "*too_deep = *too_deep || depth > DFL__MAX_DEPTH;");
        cw_line(c->w, "if (*too_deep)");
        cw_line(c->w, "    return 0;");
    }
    size_rest(c, &record, "v");
    cw_line(c->w, "return n;");
    codec_end(c);
    codec_begin(c, put_prototype(c, type));
    put_record(c, &record, "v");
    cw_line(c->w, "return at;");
    codec_end(c);
    codec_begin(c, get_prototype(c, type));
    get_record(c, &record, "v", codec_is_deep(c, type));
    codec_end(c);
}

static void get_count(Codec *c, uint64_t least) {
    cw_line(c->w, "at = dfl__read_count(in, at, %" PRIu64 ", &n);", least);
    cw_line(c->w, "if (!at)");
    cw_line(c->w, "    return NULL;");
}

/* The items are all there: get_count has checked. */
static void get_fixed_items(Codec *c, const Type *elem) {
    uint64_t bytes = codec_bytes(c, elem);
    if (codec_number_bytes(elem->kind)) {
        cw_line(c->w, "dfl__copy_numbers(items, at, n, %" PRIu64 ");", bytes);
    } else {
        cw_open(c->w, "for (size_t i = 0; i < n; i++) {");
        codec_load(c, elem, codec_at_item(c, "at", bytes), "items[i]", "return NULL;");
        cw_close(c->w, "}");
    }
}

static void emit_list_get(Codec *c, const Type *type) {
    const Type *elem = type->elem;
    uint64_t bytes = codec_bytes(c, elem);
    codec_begin(c, get_prototype(c, type));
    cw_line(c->w, "%s *items;", elem->c_name);
    cw_line(c->w, "uint32_t n;");
    cw_blank(c->w);
    get_count(c, bytes);
    cw_line(c->w, "items = dfl__new_items(in, n, sizeof *items);");
    cw_line(c->w, "if (n > 0 && !items)");
    cw_line(c->w, "    return NULL;");
    if (codec_is_fixed(c, elem)) {
        get_fixed_items(c, elem);
    } else {
        cw_open(c->w, "for (uint32_t i = 0; at && i < n; i++) {");
        cw_line(c->w, "at = %s;", codec_get_call(c, elem, "items[i]"));
        cw_close(c->w, "}");
    }
    cw_line(c->w, "v->items = items, v->len = n, v->cap = 0;");
    if (!codec_is_fixed(c, elem))
        cw_line(c->w, "return at;");
    else if (bytes == 1)
        cw_line(c->w, "return at + n;");
    else
        cw_line(c->w, "return at + (size_t)n * %" PRIu64 ";", bytes);
    codec_end(c);
}

static void emit_list(Codec *c, const Type *type) {
    const Type *elem = type->elem;
    bool is_block = codec_number_bytes(elem->kind) || elem->kind == TY_BOOL;
    if (!codec_is_fixed(c, elem)) {
        codec_begin(c, size_prototype(c, type));
        cw_line(c->w, "size_t n = dfl__varint_size(v->len);");
        cw_blank(c->w);
        cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
        codec_add_size(c, elem, "v->items[i]");
        cw_close(c->w, "}");
        cw_line(c->w, "return n;");
        codec_end(c);
    }
    if (!is_block) {
        codec_begin(c, put_prototype(c, type));
        cw_line(c->w, "at = dfl__put_varint(at, v->len);");
        cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
        codec_put(c, elem, "v->items[i]");
        cw_close(c->w, "}");
        cw_line(c->w, "return at;");
        codec_end(c);
    }
    emit_list_get(c, type);
}

static void emit_map_get(Codec *c, const Type *type) {
    const Type *elem = type->elem;
    codec_begin(c, get_prototype(c, type));
    cw_line(c->w, "%s_entry *entries;", type->c_name);
    cw_line(c->w, "void *index;");
    cw_line(c->w, "uint32_t n;");
    cw_blank(c->w);
    get_count(c, 1 + codec_bytes(c, elem));
    cw_line(c->w, "entries = dfl__new_entries(in, n, sizeof *entries, &index);");
    cw_line(c->w, "if (n > 0 && !entries)");
    cw_line(c->w, "    return NULL;");
    cw_open(c->w, "for (uint32_t i = 0; at && i < n; i++) {");
    cw_line(c->w, "at = dfl__read_str(in, at, &entries[i].key);");
    cw_line(c->w, "if (!at || !dfl__index_new(index, entries, i, sizeof *entries))");
    cw_line(c->w, "    return NULL;");
    if (codec_is_fixed(c, elem))
        codec_get_fixed(c, elem, "entries[i].value");
    else
        codec_get(c, elem, "entries[i].value", true);
    cw_close(c->w, "}");
    cw_line(c->w, "v->entries = entries, v->len = v->cap = n, v->index_ = index;");
    cw_line(c->w, "return at;");
    codec_end(c);
}

static void emit_map(Codec *c, const Type *type) {
    codec_begin(c, size_prototype(c, type));
    cw_line(c->w, "size_t n = dfl__varint_size(v->len);");
    cw_blank(c->w);
    cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
    cw_line(c->w, "n += dfl__size_block(v->entries[i].key.n, 1);");
    codec_add_size(c, type->elem, "v->entries[i].value");
    cw_close(c->w, "}");
    cw_line(c->w, "return n;");
    codec_end(c);
    codec_begin(c, put_prototype(c, type));
    cw_line(c->w, "at = dfl__put_varint(at, v->len);");
    cw_open(c->w, "for (uint32_t i = 0; i < v->len; i++) {");
    cw_line(c->w, "at = dfl__put_block(at, v->entries[i].key.p, v->entries[i].key.n, 1);");
    codec_put(c, type->elem, "v->entries[i].value");
    cw_close(c->w, "}");
    cw_line(c->w, "return at;");
    codec_end(c);
    emit_map_get(c, type);
}

static void emit_opt_get(Codec *c, const Type *type) {
    codec_begin(c, get_prototype(c, type));
    cw_line(c->w, "memset(v, 0, sizeof *v);");
    cw_line(c->w, "if (!dfl__has(in, at, 1) || !dfl__get_bool(at, &v->has))");
    cw_line(c->w, "    return NULL;");
    cw_line(c->w, "at++;");
    cw_line(c->w, "if (!v->has)");
    cw_line(c->w, "    return at;");
    if (codec_is_fixed(c, type->elem)) {
        codec_get_fixed(c, type->elem, "v->value");
        cw_line(c->w, "return at;");
    } else {
        cw_line(c->w, "return %s;", codec_get_call(c, type->elem, "v->value"));
    }
    codec_end(c);
}

static void emit_opt(Codec *c, const Type *type) {
    codec_begin(c, size_prototype(c, type));
    cw_line(c->w, "size_t n = 1;");
    cw_blank(c->w);
    cw_open(c->w, "if (v->has) {");
    codec_add_size(c, type->elem, "v->value");
    cw_close(c->w, "}");
    cw_line(c->w, "return n;");
    codec_end(c);
    codec_begin(c, put_prototype(c, type));
    cw_line(c->w, "*at++ = v->has;");
    cw_open(c->w, "if (v->has) {");
    codec_put(c, type->elem, "v->value");
    cw_close(c->w, "}");
    cw_line(c->w, "return at;");
    codec_end(c);
    emit_opt_get(c, type);
}

static void emit_functions(Codec *c, const Type *type) {
    if (type->kind == TY_STRUCT && codec_is_fixed(c, type))
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
    CodecInfo *info = codec_info_of(c, type);
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
    if (codec_is_deep(c, type) && type->kind != TY_ARRAY)
        emit_prototypes(c, type);
}

static void for_each_type(Codec *c, const Program *program,
                          void (*emit)(Codec *c, const Type *type)) {
    for (size_t g = 0; g < program->n_graphs; g++) {
        const Graph *graph = program->graphs[g];
        for (size_t i = 0; !graph->imported && i < graph->n_fields; i++)
            if (field_is_saved(graph->fields[i]))
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
        if (codec_is_deep(c, record->slots[i].type))
            return true;
    return false;
}

static void emit_encode(Codec *c, const Graph *graph, const Record *record, uint64_t schema) {
    bool deep = has_deep(c, record);
    codec_begin(c, codec_say(c, "int %s_encode(const %s_state *s, dfl_buf *out)", graph->c_name,
                             graph->c_name));
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
    codec_end(c);
}

static void emit_state_get(Codec *c, const Graph *graph, const Record *record) {
    codec_begin(c, codec_say(c,
                             "static const uint8_t *%s_state__get(dfl__decode *in, const uint8_t *at, "
                             "%s_state *s)",
                             graph->c_name, graph->c_name));
    get_record(c, record, "s", false);
    codec_end(c);
}

static void set_defaults(Codec *c, const Graph *graph) {
    cw_line(c->w, "%s_state_init(s);", graph->c_name);
    cw_line(c->w, "s->dfl_mem = old->dfl_mem;");
    for (size_t i = 0; i < graph->n_fields; i++)
        if (graph->fields[i]->type->kind == TY_HANDLE)
            cw_line(c->w, "s->%s = old->%s;", graph->fields[i]->name, graph->fields[i]->name);
}

/* The memory, the last member of a state, is put back by the runtime. */
static void copy_fields(Codec *c, const Graph *graph, const char *to, const char *from) {
    cw_line(c->w, "memcpy(%s, %s, offsetof(%s_state, dfl_mem));", to, from, graph->c_name);
}

void codec_take_place(Codec *c, const Graph *graph, bool reads_all, const char *get) {
    cw_line(c->w, "if (!old)");
    cw_line(c->w, "    return in.status;");
    if (reads_all) {
        copy_fields(c, graph, "old", "s");
    } else {
        cw_line(c->w, "*old = *s;");
        set_defaults(c, graph);
    }
    cw_line(c->w, "at = %s;", get);
    cw_line(c->w, "if (at == in.end)");
    cw_line(c->w, "    return dfl__decode_commit(&in);");
    copy_fields(c, graph, "s", "old");
    cw_line(c->w, "return dfl__decode_failed(&in, at);");
    codec_end(c);
}

/* Whether every field of a state is in its encoding, but for handles. */
static bool is_all_saved(const Graph *graph) {
    for (size_t i = 0; i < graph->n_fields; i++)
        if (graph->fields[i]->transient)
            return false;
    return true;
}

/* Where the strings begin, if what follows the fixed fields is such. */
static const char *texts_at(Codec *c, const Record *record) {
    const Slot *first = first_of_rest(c, record);
    if (first && codec_is_text(first->type))
        return codec_say(c, "%" PRIu64, record->fixed_bytes);
    return "DFL__NO_TEXTS";
}

static void emit_decode(Codec *c, const Graph *graph, const Record *record, uint64_t schema) {
    const char *name = graph->c_name;
    codec_begin(
        c, codec_say(c, "int %s_decode(%s_state *s, const void *bytes, size_t n)", name, name));
    cw_line(c->w, "const uint8_t *at;");
    cw_line(c->w, "%s_state *old;", name);
    cw_line(c->w, "dfl__decode in;");
    cw_blank(c->w);
    cw_line(c->w, "old = dfl__decode_begin(&in, &s->dfl_mem, bytes, n, UINT64_C(0x%016" PRIx64 "),",
            schema);
    cw_line(c->w, "                        sizeof *old, %s);", texts_at(c, record));
    codec_take_place(c, graph, is_all_saved(graph),
                     codec_say(c, "%s_state__get(&in, in.at, s)", name));
}

void emit_codec(CWriter *w, const Program *program, const Graph *graph) {
    Codec codec = {.w = w, .arena = w->arena, .in_state = true};
    Record record = state_record(&codec, graph);
    uint64_t schema = schema_fingerprint(program, graph);
    emit_encode(&codec, graph, &record, schema);
    emit_state_get(&codec, graph, &record);
    emit_decode(&codec, graph, &record, schema);
}
