/* Types and constants as C text. */
#include "emit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Argument for argument: a text that is formatted anew with each would take quadratic time. */
CWriter *list_open(Emit *e, const char *begin) {
    CWriter *list = cwriter_new(e->arena);
    cw_verbatim(list, begin, strlen(begin));
    return list;
}

void list_add(CWriter *list, const char *argument) {
    cw_verbatim(list, ", ", 2);
    cw_verbatim(list, argument, strlen(argument));
}

const char *list_close(CWriter *list) {
    cw_verbatim(list, ")", 1);
    return list->text;
}

/* Most texts are short: they are formatted once, and copied. */
const char *say(Emit *e, const char *fmt, ...) {
    char small[256], *text;
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof small)
        return arena_strndup(e->arena, small, (size_t)n);
    text = arena_alloc(e->arena, (size_t)n + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    return text;
}

const char *file_name(Emit *e, const Source *source) {
    return path_mapped(e->arena, &e->plan->path_maps, source->path);
}

/* A path may hold what ends a comment, or what compilers warn of in one. */
const char *in_comment(Emit *e, const char *text) {
    char *out = arena_alloc(e->arena, 2 * strlen(text) + 1), *o = out;
    for (; *text; text++) {
        if (o > out && ((o[-1] == '*' && *text == '/') || (o[-1] == '/' && *text == '*')))
            *o++ = ' ';
        *o++ = *text;
    }
    *o = '\0';
    return out;
}

static const char *position(Emit *e, Span span) {
    return say(e, "%s:%" PRIu32, file_name(e, span.source), span_line(span));
}

const char *where(Emit *e, Span span) {
    return in_comment(e, position(e, span));
}

const char *where_string(Emit *e, Span span) {
    const char *text = position(e, span);
    return c_string(e->arena, text, strlen(text));
}

const char *c_declare(Emit *e, const Type *type, const char *name) {
    if (type->kind == TY_ARRAY)
        return say(e, "%s %s[%" PRIu32 "]", type->elem->c_name, name, type->count);
    if (type->kind == TY_HANDLE && type->c_name[strlen(type->c_name) - 1] == '*')
        return say(e, "%s%s", type->c_name, name);
    return say(e, "%s %s", type->c_name, name);
}

const char *c_tagged(Emit *e, const Type *type) {
    switch (type->kind) {
    case TY_ENUM:
        return say(e, "enum %s", type->c_name);
    case TY_STRUCT:
    case TY_LIST:
    case TY_MAP:
    case TY_OPT:
        return say(e, "struct %s", type->c_name);
    case TY_ARRAY:
        return c_tagged(e, type->elem);
    default:
        return type->c_name;
    }
}

static const char *in_parameter(Emit *e, const Param *param, bool tagged) {
    const Type *type = param->type;
    const Type *base = type->kind == TY_ARRAY || type->kind == TY_OPT ? type->elem : type;
    const char *name = tagged ? c_tagged(e, base) : base->c_name;
    switch (type->kind) {
    case TY_ARRAY:
    case TY_OPT:
    case TY_STRUCT:
    case TY_MAP:
        return say(e, "const %s *%s", name, param->name);
    case TY_HANDLE:
        return c_declare(e, type, param->name);
    default:
        return say(e, "%s %s", name, param->name);
    }
}

const char *c_parameter(Emit *e, const Graph *graph, const Param *param, bool tagged) {
    const Type *type = param->type;
    if (param->whole_state)
        return say(e, "const %s_state *%s", graph->c_name, param->name);
    if (param->mode == MODE_IN)
        return in_parameter(e, param, tagged);
    if (type->kind == TY_ARRAY)
        type = type->elem;
    return say(e, "%s *%s", tagged ? c_tagged(e, type) : type->c_name, param->name);
}

const char *c_zero(Emit *e, const Type *type) {
    switch (type->kind) {
    case TY_BOOL:
        return "false";
    case TY_F32:
        return "0.0f";
    case TY_F64:
        return "0.0";
    case TY_STRING:
        return "DFL_STR(\"\")";
    case TY_ENUM:
        return type->enum_->values[0].c_name;
    case TY_STRUCT:
        if (type->struct_->builtin)
            return say(e, "(%s){DFL_STR(\"\"), DFL_STR(\"\"), DFL_STR(\"\"), 0, 0, 0}",
                       type->c_name);
        return say(e, "%s__zero()", type->c_name);
    case TY_BYTES:
    case TY_LIST:
    case TY_MAP:
        return say(e, "(%s){0}", type->c_name);
    case TY_OPT:
        return say(e, "(%s){false, %s}", type->c_name, c_zero(e, type->elem));
    default:
        return "0";
    }
}

static const char *c_signed(Emit *e, int64_t value) {
    if (value == INT64_MIN)
        return "INT64_MIN";
    if (value > INT32_MAX || value <= INT32_MIN)
        return say(e, "INT64_C(%" PRId64 ")", value);
    return say(e, "%" PRId64, value);
}

static const char *c_unsigned(Emit *e, uint64_t value) {
    return value > INT32_MAX ? say(e, "UINT64_C(%" PRIu64 ")", value) : say(e, "%" PRIu64, value);
}

/* The shortest decimal that reads back as the same value, always with a point or an exponent. */
static const char *c_real(Emit *e, double value, bool single) {
    char text[64];
    int digits;
    for (digits = 1; digits < 17; digits++) {
        double back = 0;
        snprintf(text, sizeof text, "%.*g", digits, value);
        sscanf(text, "%lf", &back);
        if (single ? (float)back == (float)value : !(back < value) && !(back > value))
            break;
    }
    if (digits == 17)
        snprintf(text, sizeof text, "%.17g", value);
    return say(e, "%s%s%s", text, strpbrk(text, ".e") ? "" : ".0", single ? "f" : "");
}

static const char *c_scalar(Emit *e, const Type *type, const Const *value) {
    switch (type->kind) {
    case TY_BOOL:
        return value->u.boolean ? "true" : "false";
    case TY_F32:
        return c_real(e, value->u.real, true);
    case TY_F64:
        return c_real(e, value->u.real, false);
    case TY_ENUM:
        return value->u.enumerator->c_name;
    case TY_STRING:
        return say(e, "DFL_STR(%s)", c_string(e->arena, value->u.string.p, value->u.string.n));
    case TY_BYTES:
        return say(e, "(dfl_bytes){(const uint8_t *)%s, %zu}",
                   c_string(e->arena, value->u.string.p, value->u.string.n), value->u.string.n);
    default:
        return type_is_unsigned(type) ? c_unsigned(e, value->u.u) : c_signed(e, value->u.i);
    }
}

const char *c_const(Emit *e, const Const *value) {
    if (value->type->kind != TY_OPT)
        return c_scalar(e, value->type, value);
    if (value->is_none)
        return c_zero(e, value->type);
    return say(e, "(%s){true, %s}", value->type->c_name, c_scalar(e, value->type->elem, value));
}

static const char *extreme(const Type *type, bool largest) {
    switch (type->kind) {
    case TY_I8:
        return largest ? "INT8_MAX" : "INT8_MIN";
    case TY_I16:
        return largest ? "INT16_MAX" : "INT16_MIN";
    case TY_I32:
        return largest ? "INT32_MAX" : "INT32_MIN";
    case TY_I64:
        return largest ? "INT64_MAX" : "INT64_MIN";
    case TY_U8:
        return largest ? "UINT8_MAX" : "0";
    case TY_U16:
        return largest ? "UINT16_MAX" : "0";
    case TY_U32:
        return largest ? "UINT32_MAX" : "0";
    case TY_U64:
        return largest ? "UINT64_MAX" : "0";
    case TY_F32:
        return largest ? "INFINITY" : "-INFINITY";
    default:
        return largest ? "(double)INFINITY" : "-(double)INFINITY";
    }
}

const char *c_identity(Emit *e, const Field *field) {
    switch (field->reducer) {
    case RD_MIN:
        return extreme(field->type, true);
    case RD_MAX:
        return extreme(field->type, false);
    case RD_AND:
        return "true";
    default:
        return c_zero(e, field->type);
    }
}

const char *c_initial(Emit *e, const Field *field) {
    if (field->init)
        return c_const(e, field->init);
    return field_merges(field) ? c_identity(e, field) : c_zero(e, field->type);
}

void set_zero(Emit *e, const Type *type, const char *to) {
    if (type->kind != TY_ARRAY) {
        cw_line(e->w, "%s = %s;", to, c_zero(e, type));
        return;
    }
    if (type_is_number(type->elem) || type->elem->kind == TY_BOOL) {
        cw_line(e->w, "memset(%s, 0, sizeof %s);", to, to);
        return;
    }
    cw_open(e->w, "for (uint32_t k = 0; k < %" PRIu32 "; k++)", type->count);
    cw_line(e->w, "%s[k] = %s;", to, c_zero(e, type->elem));
    e->w->depth--;
}

void set_value(Emit *e, const Type *type, const char *to, const char *from) {
    if (type->kind == TY_ARRAY)
        cw_line(e->w, "memcpy(%s, %s, sizeof %s);", to, from, to);
    else
        cw_line(e->w, "%s = %s;", to, from);
}

const char *number_stem(const Type *type) {
    static const char *const stems[] = {
        [TY_BOOL] = "bool", [TY_I8] = "i8",   [TY_I16] = "i16", [TY_I32] = "i32",
        [TY_I64] = "i64",   [TY_U8] = "u8",   [TY_U16] = "u16", [TY_U32] = "u32",
        [TY_U64] = "u64",   [TY_F32] = "f32", [TY_F64] = "f64"};
    return stems[type->kind];
}

const char *list_of(Emit *e, const Type *type) {
    return say(e, "%s_list", type->stem);
}

const char *type_descriptor(Emit *e, const Type *type) {
    switch (type->kind) {
    case TY_STRING:
        return "dfl_type_string";
    case TY_BYTES:
        return "dfl_type_bytes";
    case TY_HANDLE:
        return "dfl_type_handle";
    case TY_ARRAY:
        return say(e, "%s_array_%" PRIu32 "__type", type->elem->stem, type->count);
    case TY_STRUCT:
        return type->struct_->builtin ? "dfl_type_fault" : say(e, "%s__type", type->c_name);
    case TY_ENUM:
    case TY_LIST:
    case TY_MAP:
    case TY_OPT:
        return say(e, "%s__type", type->c_name);
    default:
        return say(e, "dfl_type_%s", number_stem(type));
    }
}

uint64_t size_estimate(const Type *type) {
    uint64_t sum = 0;
    size_t i;
    switch (type->kind) {
    case TY_ARRAY:
        return type->count * size_estimate(type->elem);
    case TY_STRUCT:
        for (i = 0; i < type->struct_->n_members; i++)
            sum += size_estimate(type->struct_->members[i].type);
        return sum;
    case TY_OPT:
        return 8 + size_estimate(type->elem);
    case TY_MAP:
        return 24;
    default:
        return 16;
    }
}
