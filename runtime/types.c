/* Descriptors of the types that every graph shares. */
#include "dfl.h"

#define FLAT(NAME, KIND, TEXT, T)                                                                  \
    const dfl_type NAME = {.kind = KIND, .flat = true, .name = TEXT, .size = sizeof(T)}

FLAT(dfl_type_bool, DFL_KIND_BOOL, "bool", bool);
FLAT(dfl_type_i8, DFL_KIND_I8, "i8", int8_t);
FLAT(dfl_type_i16, DFL_KIND_I16, "i16", int16_t);
FLAT(dfl_type_i32, DFL_KIND_I32, "i32", int32_t);
FLAT(dfl_type_i64, DFL_KIND_I64, "i64", int64_t);
FLAT(dfl_type_u8, DFL_KIND_U8, "u8", uint8_t);
FLAT(dfl_type_u16, DFL_KIND_U16, "u16", uint16_t);
FLAT(dfl_type_u32, DFL_KIND_U32, "u32", uint32_t);
FLAT(dfl_type_u64, DFL_KIND_U64, "u64", uint64_t);
FLAT(dfl_type_f32, DFL_KIND_F32, "f32", float);
FLAT(dfl_type_f64, DFL_KIND_F64, "f64", double);
/* Flat: what a handle points to is the program's, and never looked at. */
FLAT(dfl_type_handle, DFL_KIND_HANDLE, "handle", void *);

const dfl_type dfl_type_string = {
    .kind = DFL_KIND_STRING, .name = "string", .size = sizeof(dfl_str)};
const dfl_type dfl_type_bytes = {
    .kind = DFL_KIND_BYTES, .name = "bytes", .size = sizeof(dfl_bytes)};

static const dfl_member fault_members[] = {
    {"branch", &dfl_type_string, offsetof(dfl_fault, branch), 0},
    {"node", &dfl_type_string, offsetof(dfl_fault, node), 0},
    {"message", &dfl_type_string, offsetof(dfl_fault, message), 0},
    {"index", &dfl_type_i64, offsetof(dfl_fault, index), 0},
    {"code", &dfl_type_i32, offsetof(dfl_fault, code), 0},
    {"attempt", &dfl_type_u32, offsetof(dfl_fault, attempt), 0},
};
const dfl_type dfl_type_fault = {
    .kind = DFL_KIND_STRUCT,
    .name = "fault",
    .size = sizeof(dfl_fault),
    .n = sizeof fault_members / sizeof *fault_members,
    .members = fault_members,
};

static const dfl_member wide_members[] = {
    {"low", &dfl_type_u64, offsetof(dfl__wide, low), 0},
    {"high", &dfl_type_i64, offsetof(dfl__wide, high), 0},
};
const dfl_type dfl_type_wide = {
    .kind = DFL_KIND_STRUCT,
    .flat = true,
    .name = "wide",
    .size = sizeof(dfl__wide),
    .n = sizeof wide_members / sizeof *wide_members,
    .members = wide_members,
};
