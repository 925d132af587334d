/* Values as the oracle has them: trees that nobody changes. */
#ifndef ORACLE_VALUE_H
#define ORACLE_VALUE_H

#include "dice.h"
#include "model.h"

/* Holds every integer of the language, and sums of them. */
__extension__ typedef __int128 Wide;

struct Value {
    const Type *type;
    uint64_t n;            /* of integers (negative ones extended to 64 bits), bool, enum */
    double real;           /* of f32 too */
    const char *p;         /* of strings and bytes: len of them */
    size_t len;            /* also of lists, maps, arrays, structs; of an optional 0 or 1 */
    const Value **items;
    const char **keys;
};

/* With the defaults of members; and without them, as an item is that a list grows by. */
const Value *value_zero(const Type *type);
const Value *value_blank(const Type *type);
const Value *value_identity(const Type *type, Reducer reducer);
const Value *value_int(const Type *type, uint64_t n);
const Value *value_text(const Type *type, const char *p, size_t n);
const Value *value_struct(const Type *type, const Value **members);
const Value *value_made(const Type *type, Dice *dice);
const Value *value_many(const Type *type, Dice *dice);
const Value *value_changed(const Value *old, Dice *dice);
/* One update merged; NULL when the reducer fails. `seed` is that of a custom one. */
const Value *value_merged(Reducer reducer, uint32_t seed, const Value *total, const Value *update);
const Value *value_appended(const Value *list, const Value *item);
uint64_t value_hash(uint64_t hash, const Value *value);
/* As the runtime writes it. */
const char *value_json(const Value *value);

/* The smallest and the largest of an integer type. */
Wide type_min(const Type *type);
Wide type_max(const Type *type);
Wide value_wide(const Value *value);

#endif
