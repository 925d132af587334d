#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- making ---- */

static Value *fresh(const Type *type) {
    Value *value = room(sizeof *value);
    value->type = type;
    value->p = "";
    return value;
}

static uint64_t cut(const Type *type, uint64_t n) {
    unsigned bits = int_bits(type);
    if (bits == 64)
        return n;
    n &= (UINT64_C(1) << bits) - 1;
    if (is_signed(type) && n >> (bits - 1))
        n |= UINT64_MAX << bits;
    return n;
}

const Value *value_int(const Type *type, uint64_t n) {
    Value *value = fresh(type);
    value->n = is_int(type) ? cut(type, n) : n;
    return value;
}

static const Value *value_real(const Type *type, double real) {
    Value *value = fresh(type);
    value->real = type->kind == K_F32 ? (double)(float)real : real;
    return value;
}

const Value *value_text(const Type *type, const char *p, size_t n) {
    Value *value = fresh(type);
    char *copy = room(n + 1);
    memcpy(copy, p, n);
    value->p = copy;
    value->len = n;
    return value;
}

static Value *of_items(const Type *type, const Value **items, size_t n) {
    Value *value = fresh(type);
    value->items = items;
    value->len = n;
    return value;
}

const Value *value_struct(const Type *type, const Value **members) {
    return of_items(type, members, type->n);
}

static const Type *item_type(const Type *type, size_t i) {
    return type->kind == K_STRUCT ? type->members[i].type : type->elem;
}

static const Value *empty(const Type *type, bool with_defaults) {
    Value *value = fresh(type);
    if (type->kind == K_ENUM)
        value->n = (uint64_t)(int64_t)type->values[0];
    if (type->kind != K_STRUCT && type->kind != K_ARRAY)
        return value;
    value->len = type->n;
    value->items = room(type->n * sizeof *value->items);
    for (unsigned i = 0; i < type->n; i++) {
        const Value *initial = type->kind == K_STRUCT ? type->members[i].initial : NULL;
        value->items[i] = initial && with_defaults ? initial : empty(item_type(type, i), with_defaults);
    }
    return value;
}

const Value *value_zero(const Type *type) {
    return empty(type, true);
}

const Value *value_blank(const Type *type) {
    return empty(type, false);
}

Wide type_min(const Type *type) {
    return is_signed(type) ? -((Wide)1 << (int_bits(type) - 1)) : 0;
}

Wide type_max(const Type *type) {
    return ((Wide)1 << (int_bits(type) - is_signed(type))) - 1;
}

Wide value_wide(const Value *value) {
    return is_signed(value->type) ? (Wide)(int64_t)value->n : (Wide)value->n;
}

const Value *value_identity(const Type *type, Reducer reducer) {
    bool min = reducer == R_MIN;
    if (min || reducer == R_MAX)
        return is_float(type) ? value_real(type, min ? INFINITY : -INFINITY)
                              : value_int(type, (uint64_t)(min ? type_max(type) : type_min(type)));
    if (reducer == R_AND)
        return value_int(type, 1);
    return value_zero(type);
}

/* ---- by chance, as nodes.h does it ---- */

static const Value *made_text(const Type *type, Dice *dice) {
    size_t n;
    const char *p = dice_text(dice, &n);
    return value_text(type, p, n);
}

static const Value *with_item(const Value *old, size_t at, const Value *item) {
    const Value **items = room((old->len + 1) * sizeof *items);
    if (old->len)
        memcpy(items, old->items, old->len * sizeof *items);
    items[at] = item;
    Value *value = of_items(old->type, items, at < old->len ? old->len : old->len + 1);
    value->keys = old->keys;
    return value;
}

const Value *value_appended(const Value *list, const Value *item) {
    return with_item(list, list->len, item);
}

static const Value *with_key(const Value *old, const char *key, const Value *item) {
    for (size_t i = 0; i < old->len; i++)
        if (strcmp(old->keys[i], key) == 0)
            return with_item(old, i, item);
    const char **keys = room((old->len + 1) * sizeof *keys);
    if (old->len)
        memcpy(keys, old->keys, old->len * sizeof *keys);
    keys[old->len] = key;
    Value *value = (Value *)with_item(old, old->len, item);
    value->keys = keys;
    return value;
}

static const Value *without(const Value *old, size_t at) {
    Value *value = fresh(old->type);
    value->items = room((old->len + 1) * sizeof *value->items);
    if (old->keys)
        value->keys = room((old->len + 1) * sizeof *value->keys);
    for (size_t i = 0; i < old->len; i++)
        if (i != at) {
            if (old->keys)
                value->keys[value->len] = old->keys[i];
            value->items[value->len++] = old->items[i];
        }
    return value;
}

static const char *made_key(Dice *dice) {
    return text("k%u", dice_below(dice, 5));
}

static const Value *put_one(const Value *map, Dice *dice) {
    const char *key = made_key(dice);
    return with_key(map, key, value_made(map->type->elem, dice));
}

static const Value *made_items(const Type *type, Dice *dice, size_t n) {
    const Value *value = of_items(type, NULL, 0);
    for (size_t i = 0; i < n; i++)
        value = type->kind == K_MAP ? put_one(value, dice)
                                    : value_appended(value, value_made(item_type(type, i), dice));
    return value;
}

const Value *value_made(const Type *type, Dice *dice) {
    switch (type->kind) {
    case K_BOOL:
        return value_int(type, dice_below(dice, 2));
    case K_F32:
        return value_real(type, (double)dice_f32(dice));
    case K_F64:
        return value_real(type, dice_f64(dice));
    case K_STRING:
    case K_BYTES:
        return made_text(type, dice);
    case K_ENUM:
        return value_int(type, (uint64_t)(int64_t)type->values[dice_below(dice, type->n)]);
    case K_STRUCT:
    case K_ARRAY:
        return made_items(type, dice, type->n);
    case K_LIST:
    case K_MAP:
        return made_items(type, dice, dice_below(dice, 4));
    case K_OPT:
        return made_items(type, dice, dice_below(dice, 3) != 0);
    default:
        return value_int(type, is_signed(type) ? dice_signed(dice) : dice_int(dice));
    }
}

const Value *value_many(const Type *type, Dice *dice) {
    return made_items(type, dice, dice_many(dice));
}

static const Value *joined_text(const Value *old, const char *p, size_t n) {
    char *both = room(old->len + n + 1);
    memcpy(both, old->p, old->len);
    memcpy(both + old->len, p, n);
    return value_text(old->type, both, old->len + n);
}

static const Value *changed_text(const Value *old, Dice *dice) {
    size_t n;
    if (old->len > 40)
        return made_text(old->type, dice);
    const char *p = dice_text(dice, &n);
    return joined_text(old, p, n);
}

static const Value *changed_map(const Value *old, Dice *dice) {
    switch (dice_change(dice, old->len)) {
    case CHANGE_ANEW:
        return value_made(old->type, dice);
    case CHANGE_CLEAR:
        return value_zero(old->type);
    case CHANGE_CUT: {
        const char *key = made_key(dice);
        for (size_t i = 0; i < old->len; i++)
            if (strcmp(old->keys[i], key) == 0)
                return without(old, i);
        return old;
    }
    default:
        return put_one(old, dice);
    }
}

static const Value *changed_list(const Value *old, Dice *dice) {
    const Type *elem = old->type->elem;
    switch (dice_change(dice, old->len)) {
    case CHANGE_ANEW:
        return value_made(old->type, dice);
    case CHANGE_CLEAR:
        return value_zero(old->type);
    case CHANGE_CUT:
        return without(old, old->len - 1);
    case CHANGE_SET: {
        uint32_t at = dice_below(dice, (uint32_t)old->len);
        return with_item(old, at, value_made(elem, dice));
    }
    case CHANGE_GROW:
        return value_appended(old, value_blank(elem));
    default:
        return value_appended(old, value_made(elem, dice));
    }
}

const Value *value_changed(const Value *old, Dice *dice) {
    const Type *type = old->type;
    switch (type->kind) {
    case K_STRING:
    case K_BYTES:
        return changed_text(old, dice);
    case K_LIST:
        return changed_list(old, dice);
    case K_MAP:
        return changed_map(old, dice);
    case K_STRUCT:
    case K_ARRAY: {
        uint32_t at = dice_below(dice, type->n);
        return with_item(old, at, value_changed(old->items[at], dice));
    }
    default:
        return value_made(type, dice);
    }
}

/* ---- reducers ---- */

static const Value *summed(const Value *total, const Value *update) {
    const Type *type = total->type;
    if (type->kind == K_F32)
        return value_real(type, (double)((float)total->real + (float)update->real));
    if (type->kind == K_F64)
        return value_real(type, total->real + update->real);
    Wide sum = value_wide(total) + value_wide(update);
    return sum < type_min(type) || sum > type_max(type) ? NULL : value_int(type, (uint64_t)sum);
}

static bool less(const Value *a, const Value *b) {
    return is_float(a->type) ? a->real < b->real : value_wide(a) < value_wide(b);
}

static const Value *appended(const Value *total, const Value *update) {
    if (total->type->kind != K_LIST)
        return joined_text(total, update->p, update->len);
    for (size_t i = 0; i < update->len; i++)
        total = value_appended(total, update->items[i]);
    return total;
}

static const Value *united(const Value *total, const Value *update) {
    for (size_t i = 0; i < update->len; i++)
        total = with_key(total, update->keys[i], update->items[i]);
    return total;
}

/* What the function behind `with` does; see print_nodes.c. */
static const Value *reduced(uint32_t seed, const Value *total, const Value *update) {
    Dice dice = {value_hash(value_hash(seed, total), update)};
    if (dice_below(&dice, 8) == 0)
        return NULL;
    return value_made(total->type, &dice);
}

const Value *value_merged(Reducer reducer, uint32_t seed, const Value *total,
                          const Value *update) {
    switch (reducer) {
    case R_SUM:
        return summed(total, update);
    case R_MIN:
        return less(update, total) ? update : total;
    case R_MAX:
        return less(total, update) ? update : total;
    case R_AND:
        return update->n ? total : update;
    case R_OR:
        return update->n ? update : total;
    case R_APPEND:
        return appended(total, update);
    case R_UNION:
        return united(total, update);
    case R_WITH:
        return reduced(seed, total, update);
    default:
        return update;
    }
}

/* ---- hashes ---- */

static uint64_t hash_items(uint64_t hash, const Value *value) {
    bool counted = value->type->kind != K_STRUCT && value->type->kind != K_ARRAY;
    if (counted)
        hash = mix(hash, value->len);
    for (size_t i = 0; i < value->len; i++) {
        if (value->keys)
            hash = mix_bytes(hash, value->keys[i], strlen(value->keys[i]));
        hash = value_hash(hash, value->items[i]);
    }
    return hash;
}

uint64_t value_hash(uint64_t hash, const Value *value) {
    switch (value->type->kind) {
    case K_F32:
        return mix_f32(hash, (float)value->real);
    case K_F64:
        return mix_f64(hash, value->real);
    case K_STRING:
    case K_BYTES:
        return mix_bytes(hash, value->p, value->len);
    case K_STRUCT:
    case K_LIST:
    case K_ARRAY:
    case K_MAP:
    case K_OPT:
        return hash_items(hash, value);
    default:
        return mix(hash, value->n);
    }
}
