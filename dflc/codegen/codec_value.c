#include "codec_value.h"

#include <inttypes.h>
#include <stdarg.h>

/* ---- what is known of a type ---- */

const char *codec_key(const Type *type) {
    return (const char *)type;
}

CodecInfo *codec_info_of(Codec *c, const Type *type) {
    CodecInfo *info = strmap_get(&c->infos, codec_key(type));
    if (!info) {
        info = ARENA_NEW(c->arena, CodecInfo);
        info->type = type;
        strmap_put(&c->infos, c->arena, codec_key(type), info);
    }
    return info;
}

uint64_t codec_number_bytes(TypeKind kind) {
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

static void measure(Codec *c, CodecInfo *info);

const CodecInfo *codec_info(Codec *c, const Type *type) {
    CodecInfo *info = codec_info_of(c, type);
    if (!info->sized)
        measure(c, info);
    return info;
}

static void measure_struct(Codec *c, CodecInfo *info) {
    const Struct *struct_ = info->type->struct_;
    info->fixed = true;
    for (size_t i = 0; i < struct_->n_members; i++) {
        const CodecInfo *member = codec_info(c, struct_->members[i].type);
        info->bytes += member->bytes;
        info->fixed = info->fixed && member->fixed;
        info->has_bool = info->has_bool || member->has_bool;
    }
}

static void measure_array(Codec *c, CodecInfo *info) {
    const CodecInfo *elem = codec_info(c, info->type->elem);
    info->fixed = elem->fixed;
    info->bytes = elem->bytes * info->type->count;
    info->has_bool = elem->has_bool;
}

/* Ends: only lists and maps close a cycle of types, and what they hold is not looked at. */
static void measure(Codec *c, CodecInfo *info) {
    TypeKind kind = info->type->kind;
    info->sized = true;
    if (kind == TY_STRUCT) {
        measure_struct(c, info);
    } else if (kind == TY_ARRAY) {
        measure_array(c, info);
    } else if (kind == TY_ENUM) {
        info->fixed = true;
        info->bytes = 4;
    } else if (codec_number_bytes(kind)) {
        info->fixed = true;
        info->bytes = codec_number_bytes(kind);
    } else {
        info->fixed = info->has_bool = kind == TY_BOOL;
        info->bytes = 1;
    }
}

bool codec_is_fixed(Codec *c, const Type *type) {
    return codec_info(c, type)->fixed;
}

uint64_t codec_bytes(Codec *c, const Type *type) {
    return codec_info(c, type)->bytes;
}

bool codec_is_text(const Type *type) {
    return type->kind == TY_STRING || type->kind == TY_MAP ||
           (type->kind == TY_LIST && type->elem->kind == TY_STRING);
}

/* Whether a cycle of types can be reached. A type that is finished without one cannot lead into
 * one: whatever it reaches was finished before it, or is on the way, which is a cycle. */
bool codec_is_deep(Codec *c, const Type *type) {
    CodecInfo *info = codec_info_of(c, type);
    if (info->visit == ON_THE_WAY)
        info->deep = true;
    if (info->visit != UNSEEN)
        return info->deep;
    info->visit = ON_THE_WAY;
    if (type->elem && codec_is_deep(c, type->elem))
        info->deep = true;
    for (size_t i = 0; type->kind == TY_STRUCT && i < type->struct_->n_members; i++)
        if (codec_is_deep(c, type->struct_->members[i].type))
            info->deep = true;
    info->visit = SEEN;
    return info->deep;
}

/* ---- text ---- */

const char *codec_say(Codec *c, const char *fmt, ...) {
    va_list args;
    const char *text;
    va_start(args, fmt);
    text = arena_vprintf(c->arena, fmt, args);
    va_end(args);
    return text;
}

void codec_begin(Codec *c, const char *prototype) {
    cw_open(c->w, "%s {", prototype);
}

void codec_end(Codec *c) {
    cw_close(c->w, "}");
    cw_blank(c->w);
}

/* "at", "at + 8" */
const char *codec_at_offset(Codec *c, uint64_t offset) {
    return offset ? codec_say(c, "at + %" PRIu64, offset) : "at";
}

/* "v->quote" is passed as "&v->quote". */
static const char *address(Codec *c, const char *lvalue) {
    return codec_say(c, "&%s", lvalue);
}

/* ---- fixed size: store and load ---- */

/* "at + 8 + i * 4" */
const char *codec_at_item(Codec *c, const char *at, uint64_t bytes) {
    return bytes == 1 ? codec_say(c, "%s + i", at) : codec_say(c, "%s + i * %" PRIu64, at, bytes);
}

static void store_array(Codec *c, const Type *type, const char *at, const char *from) {
    uint64_t bytes = codec_bytes(c, type->elem);
    if (codec_number_bytes(type->elem->kind)) {
        cw_line(c->w, "dfl__copy_numbers(%s, %s, %" PRIu32 ", %" PRIu64 ");", at, from, type->count,
                bytes);
        return;
    }
    cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
    codec_store(c, type->elem, codec_at_item(c, at, bytes), codec_say(c, "%s[i]", from));
    cw_close(c->w, "}");
}

void codec_store(Codec *c, const Type *type, const char *at, const char *from) {
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
    uint64_t bytes = codec_bytes(c, type->elem);
    if (codec_number_bytes(type->elem->kind)) {
        cw_line(c->w, "dfl__copy_numbers(%s, %s, %" PRIu32 ", %" PRIu64 ");", to, at, type->count,
                bytes);
        return;
    }
    cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
    codec_load(c, type->elem, codec_at_item(c, at, bytes), codec_say(c, "%s[i]", to), fail);
    cw_close(c->w, "}");
}

static void load_struct(Codec *c, const Type *type, const char *at, const char *to,
                        const char *fail) {
    if (!codec_info(c, type)->has_bool) {
        cw_line(c->w, "%s__load(%s, %s);", type->stem, at, address(c, to));
        return;
    }
    cw_line(c->w, "if (!%s__load(%s, %s))", type->stem, at, address(c, to));
    cw_line(c->w, "    %s", fail);
}

void codec_load(Codec *c, const Type *type, const char *at, const char *to, const char *fail) {
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
    if (!codec_is_deep(c, type))
        return "";
    if (c->in_state)
        return codec_say(c, ", %d%s", is_struct, measuring ? ", &too_deep" : "");
    return codec_say(c, ", depth%s%s", is_struct ? " + 1" : "", measuring ? ", too_deep" : "");
}

/* n += what the value at `from` takes. */
void codec_add_size(Codec *c, const Type *type, const char *from) {
    if (codec_is_fixed(c, type)) {
        cw_line(c->w, "n += %" PRIu64 ";", codec_bytes(c, type));
    } else if (type->kind == TY_STRING || type->kind == TY_BYTES) {
        cw_line(c->w, "n += dfl__size_block(%s.n, 1);", from);
    } else if (type->kind == TY_ARRAY) {
        cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
        codec_add_size(c, type->elem, codec_say(c, "%s[i]", from));
        cw_close(c->w, "}");
    } else if (type->kind == TY_LIST && codec_is_fixed(c, type->elem)) {
        cw_line(c->w, "n += dfl__size_block(%s.len, %" PRIu64 ");", from,
                codec_bytes(c, type->elem));
    } else {
        cw_line(c->w, "n += %s__size(%s%s);", type->stem, address(c, from), deeper(c, type, true));
    }
}

void codec_put(Codec *c, const Type *type, const char *from) {
    if (codec_is_fixed(c, type)) {
        codec_store(c, type, "at", from);
        cw_line(c->w, "at += %" PRIu64 ";", codec_bytes(c, type));
    } else if (type->kind == TY_STRING || type->kind == TY_BYTES) {
        cw_line(c->w, "at = dfl__put_block(at, %s.p, %s.n, 1);", from, from);
    } else if (type->kind == TY_ARRAY) {
        cw_open(c->w, "for (size_t i = 0; i < %" PRIu32 "; i++) {", type->count);
        codec_put(c, type->elem, codec_say(c, "%s[i]", from));
        cw_close(c->w, "}");
    } else if (type->kind == TY_LIST &&
               (codec_number_bytes(type->elem->kind) || type->elem->kind == TY_BOOL)) {
        cw_line(c->w, "at = dfl__put_block(at, %s.items, %s.len, %" PRIu64 ");", from, from,
                codec_bytes(c, type->elem));
    } else {
        cw_line(c->w, "at = %s__put(at, %s);", type->stem, address(c, from));
    }
}

const char *codec_get_call(Codec *c, const Type *type, const char *to) {
    const char *name = type->kind == TY_STRING  ? "dfl__read_str"
                       : type->kind == TY_BYTES ? "dfl__read_bytes"
                                                : codec_say(c, "%s__get", type->stem);
    return codec_say(c, "%s(in, at, %s%s)", name, address(c, to), deeper(c, type, false));
}

void codec_get_fixed(Codec *c, const Type *type, const char *to) {
    codec_need(c, codec_bytes(c, type));
    codec_load(c, type, "at", to, "return NULL;");
    cw_line(c->w, "at += %" PRIu64 ";", codec_bytes(c, type));
}

void codec_need(Codec *c, uint64_t bytes) {
    cw_line(c->w, "if (!dfl__has(in, at, %" PRIu64 "))", bytes);
    cw_line(c->w, "    return NULL;");
}

void codec_get(Codec *c, const Type *type, const char *to, bool checked) {
    if (type->kind == TY_ARRAY) {
        cw_open(c->w, "for (size_t i = 0; at && i < %" PRIu32 "; i++) {", type->count);
        cw_line(c->w, "at = %s;", codec_get_call(c, type->elem, codec_say(c, "%s[i]", to)));
        cw_close(c->w, "}");
    } else if (checked) {
        cw_line(c->w, "at = %s;", codec_get_call(c, type, to));
    } else {
        cw_line(c->w, "if (at)");
        cw_line(c->w, "    at = %s;", codec_get_call(c, type, to));
    }
}
