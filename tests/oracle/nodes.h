/* For the C of generated nodes: values by chance, and hashes of them, as value.c has them. */
#ifndef ORACLE_NODES_H
#define ORACLE_NODES_H

#include <dfl.h>
#include <stdio.h>
#include <time.h>

#include "dice.h"

#define HELPER static inline __attribute__((unused))

/* ---- numbers and texts ---- */

#define DEFINE_INT(STEM, T, DICE)                                                                  \
    HELPER uint64_t hash_##STEM(uint64_t hash, const T *v) {                                       \
        return mix(hash, (uint64_t)(int64_t)*v);                                                   \
    }                                                                                              \
    HELPER void make_##STEM(dfl_ctx *ctx, Dice *dice, T *v) {                                      \
        (void)ctx;                                                                                 \
        *v = (T)DICE;                                                                              \
    }                                                                                              \
    DEFINE_CHANGE_ANEW(STEM, T)
#define DEFINE_REAL(STEM, T, SHORT)                                                                \
    HELPER uint64_t hash_##STEM(uint64_t hash, const T *v) {                                       \
        return mix_##SHORT(hash, *v);                                                              \
    }                                                                                              \
    HELPER void make_##STEM(dfl_ctx *ctx, Dice *dice, T *v) {                                      \
        (void)ctx;                                                                                 \
        *v = dice_##SHORT(dice);                                                                   \
    }                                                                                              \
    DEFINE_CHANGE_ANEW(STEM, T)
#define DEFINE_CHANGE_ANEW(STEM, T)                                                                \
    HELPER void change_##STEM(dfl_ctx *ctx, Dice *dice, T *v) {                                    \
        make_##STEM(ctx, dice, v);                                                                 \
    }

DEFINE_INT(dfl_bool, bool, dice_below(dice, 2))
DEFINE_INT(dfl_i8, int8_t, dice_signed(dice))
DEFINE_INT(dfl_i16, int16_t, dice_signed(dice))
DEFINE_INT(dfl_i32, int32_t, dice_signed(dice))
DEFINE_INT(dfl_i64, int64_t, dice_signed(dice))
DEFINE_INT(dfl_u8, uint8_t, dice_int(dice))
DEFINE_INT(dfl_u16, uint16_t, dice_int(dice))
DEFINE_INT(dfl_u32, uint32_t, dice_int(dice))
DEFINE_INT(dfl_u64, uint64_t, dice_int(dice))
DEFINE_REAL(dfl_f32, float, f32)
DEFINE_REAL(dfl_f64, double, f64)

#define DEFINE_TEXT(STEM, BYTE)                                                                    \
    HELPER uint64_t hash_##STEM(uint64_t hash, const STEM *v) {                                    \
        return mix_bytes(hash, v->p, v->n);                                                        \
    }                                                                                              \
    HELPER void make_##STEM(dfl_ctx *ctx, Dice *dice, STEM *v) {                                   \
        size_t n;                                                                                  \
        const char *p = dice_text(dice, &n);                                                       \
        v->p = (const BYTE *)dfl_copy(ctx, p, n).p;                                                \
        v->n = n;                                                                                  \
    }                                                                                              \
    HELPER void change_##STEM(dfl_ctx *ctx, Dice *dice, STEM *v) {                                 \
        size_t n;                                                                                  \
        if (v->n > 40) {                                                                           \
            make_##STEM(ctx, dice, v);                                                             \
            return;                                                                                \
        }                                                                                          \
        const char *p = dice_text(dice, &n);                                                       \
        char *both = (char *)dfl_alloc(ctx, v->n + n + 1);                                         \
        if (!both)                                                                                 \
            return;                                                                                \
        if (v->n)                                                                                  \
            memcpy(both, v->p, v->n);                                                              \
        memcpy(both + v->n, p, n);                                                                 \
        both[v->n + n] = '\0';                                                                     \
        v->p = (const BYTE *)both;                                                                 \
        v->n += n;                                                                                 \
    }
DEFINE_TEXT(dfl_str, char)
DEFINE_TEXT(dfl_bytes, uint8_t)

/* ---- composites ---- */

#define DEFINE_ENUM(T, N, ...)                                                                     \
    DEFINE_INT(T, T, ((const int[]){__VA_ARGS__})[dice_below(dice, N)])

#define DEFINE_LIST(LIST, T, STEM)                                                                 \
    HELPER uint64_t hash_##LIST(uint64_t hash, const LIST *v) {                                    \
        hash = mix(hash, v->len);                                                                  \
        for (uint32_t i = 0; i < v->len; i++)                                                      \
            hash = hash_##STEM(hash, &v->items[i]);                                                \
        return hash;                                                                               \
    }                                                                                              \
    HELPER void push_##LIST(dfl_ctx *ctx, Dice *dice, LIST *v) {                                   \
        T item;                                                                                    \
        memset(&item, 0, sizeof item);                                                             \
        make_##STEM(ctx, dice, &item);                                                             \
        LIST##_push(ctx, v, item);                                                                 \
    }                                                                                              \
    HELPER void make_##LIST(dfl_ctx *ctx, Dice *dice, LIST *v) {                                   \
        memset(v, 0, sizeof *v);                                                                   \
        for (uint32_t n = dice_below(dice, 4); n > 0; n--)                                         \
            push_##LIST(ctx, dice, v);                                                             \
    }                                                                                              \
    HELPER void many_##LIST(dfl_ctx *ctx, Dice *dice, LIST *v) {                                   \
        for (uint32_t n = dice_many(dice); n > 0; n--)                                             \
            push_##LIST(ctx, dice, v);                                                             \
    }                                                                                              \
    HELPER void set_##LIST(dfl_ctx *ctx, Dice *dice, LIST *v) {                                    \
        uint32_t at = dice_below(dice, v->len);                                                    \
        T item;                                                                                    \
        memset(&item, 0, sizeof item);                                                             \
        make_##STEM(ctx, dice, &item);                                                             \
        LIST##_set(ctx, v, at, item);                                                              \
    }                                                                                              \
    HELPER void change_##LIST(dfl_ctx *ctx, Dice *dice, LIST *v) {                                 \
        switch (dice_change(dice, v->len)) {                                                       \
        case CHANGE_ANEW:                                                                          \
            make_##LIST(ctx, dice, v);                                                             \
            break;                                                                                 \
        case CHANGE_CLEAR:                                                                         \
            LIST##_clear(ctx, v);                                                                  \
            break;                                                                                 \
        case CHANGE_CUT:                                                                           \
            v->len--;                                                                              \
            break;                                                                                 \
        case CHANGE_SET:                                                                           \
            set_##LIST(ctx, dice, v);                                                              \
            break;                                                                                 \
        case CHANGE_GROW:                                                                          \
            LIST##_resize(ctx, v, v->len + 1);                                                     \
            break;                                                                                 \
        default:                                                                                   \
            push_##LIST(ctx, dice, v);                                                             \
        }                                                                                          \
    }

HELPER dfl_str make_key(dfl_ctx *ctx, Dice *dice) {
    return dfl_printf(ctx, "k%u", dice_below(dice, 5));
}

#define DEFINE_MAP(MAP, T, STEM)                                                                   \
    HELPER uint64_t hash_##MAP(uint64_t hash, const MAP *v) {                                      \
        hash = mix(hash, v->len);                                                                  \
        for (uint32_t i = 0; i < v->len; i++) {                                                    \
            hash = mix_bytes(hash, v->entries[i].key.p, v->entries[i].key.n);                      \
            hash = hash_##STEM(hash, &v->entries[i].value);                                        \
        }                                                                                          \
        return hash;                                                                               \
    }                                                                                              \
    HELPER void put_##MAP(dfl_ctx *ctx, Dice *dice, MAP *v) {                                      \
        dfl_str key = make_key(ctx, dice);                                                         \
        T item;                                                                                    \
        memset(&item, 0, sizeof item);                                                             \
        make_##STEM(ctx, dice, &item);                                                             \
        MAP##_put(ctx, v, key, item);                                                              \
    }                                                                                              \
    HELPER void make_##MAP(dfl_ctx *ctx, Dice *dice, MAP *v) {                                     \
        memset(v, 0, sizeof *v);                                                                   \
        for (uint32_t n = dice_below(dice, 4); n > 0; n--)                                         \
            put_##MAP(ctx, dice, v);                                                               \
    }                                                                                              \
    HELPER void change_##MAP(dfl_ctx *ctx, Dice *dice, MAP *v) {                                   \
        switch (dice_change(dice, v->len)) {                                                       \
        case CHANGE_ANEW:                                                                          \
            make_##MAP(ctx, dice, v);                                                              \
            break;                                                                                 \
        case CHANGE_CLEAR:                                                                         \
            memset(v, 0, sizeof *v);                                                               \
            break;                                                                                 \
        case CHANGE_CUT:                                                                           \
            MAP##_del(ctx, v, make_key(ctx, dice));                                                \
            break;                                                                                 \
        default:                                                                                   \
            put_##MAP(ctx, dice, v);                                                               \
        }                                                                                          \
    }

/* An in parameter of an optional is a pointer to its value: hash_in_OPT. */
#define DEFINE_OPT(OPT, T, STEM)                                                                   \
    HELPER uint64_t hash_in_##OPT(uint64_t hash, const T *v) {                                     \
        hash = mix(hash, v != NULL);                                                               \
        return v ? hash_##STEM(hash, v) : hash;                                                    \
    }                                                                                              \
    HELPER uint64_t hash_##OPT(uint64_t hash, const OPT *v) {                                      \
        return hash_in_##OPT(hash, v->has ? &v->value : NULL);                                     \
    }                                                                                              \
    HELPER void make_##OPT(dfl_ctx *ctx, Dice *dice, OPT *v) {                                     \
        memset(v, 0, sizeof *v);                                                                   \
        v->has = dice_below(dice, 3) != 0;                                                         \
        if (v->has)                                                                                \
            make_##STEM(ctx, dice, &v->value);                                                     \
    }                                                                                              \
    DEFINE_CHANGE_ANEW(OPT, OPT)

#define DEFINE_ARRAY(ARRAY, T, STEM, N)                                                            \
    HELPER uint64_t hash_##ARRAY(uint64_t hash, const T *v) {                                      \
        for (uint32_t i = 0; i < N; i++)                                                           \
            hash = hash_##STEM(hash, &v[i]);                                                       \
        return hash;                                                                               \
    }                                                                                              \
    HELPER void make_##ARRAY(dfl_ctx *ctx, Dice *dice, T *v) {                                     \
        for (uint32_t i = 0; i < N; i++)                                                           \
            make_##STEM(ctx, dice, &v[i]);                                                         \
    }                                                                                              \
    HELPER void change_##ARRAY(dfl_ctx *ctx, Dice *dice, T *v) {                                   \
        change_##STEM(ctx, dice, &v[dice_below(dice, N)]);                                         \
    }

HELPER uint64_t hash_dfl_fault(uint64_t hash, const dfl_fault *v) {
    hash = hash_dfl_str(hash, &v->branch);
    hash = hash_dfl_str(hash, &v->node);
    hash = hash_dfl_str(hash, &v->message);
    hash = hash_dfl_i64(hash, &v->index);
    hash = hash_dfl_i32(hash, &v->code);
    return hash_dfl_u32(hash, &v->attempt);
}
HELPER void make_dfl_fault(dfl_ctx *ctx, Dice *dice, dfl_fault *v) {
    make_dfl_str(ctx, dice, &v->branch);
    make_dfl_str(ctx, dice, &v->node);
    make_dfl_str(ctx, dice, &v->message);
    make_dfl_i64(ctx, dice, &v->index);
    make_dfl_i32(ctx, dice, &v->code);
    make_dfl_u32(ctx, dice, &v->attempt);
}
DEFINE_LIST(dfl_fault_list, dfl_fault, dfl_fault)

/* ---- scripts ---- */

/* Tells what the node has read. */
HELPER void did(dfl_ctx *ctx, uint64_t hash) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)hash);
    dfl_emit(ctx, "did", (dfl_bytes){(const uint8_t *)digits, 16});
}

/* What the node does hangs on the answers. */
HELPER int asks(dfl_ctx *ctx, Dice *dice, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        dfl_str answer;
        dfl_str question = dfl_printf(ctx, "go on, %016llx?", (unsigned long long)dice->state);
        int status = dfl_interrupt(ctx, question, &answer);
        if (status != DFL_OK)
            return status;
        dice->state = mix_bytes(dice->state, answer.p, answer.n);
    }
    return DFL_OK;
}

/* An attempt that fails before anything else. */
HELPER int not_yet(dfl_ctx *ctx, uint64_t hash) {
    did(ctx, hash);
    return dfl_fail(ctx, 9, "not yet");
}

HELPER int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Later than the timeout of the node, of 1 us; when that of the run is over, dfl_time_left tells of it alone. */
HELPER void is_late(dfl_ctx *ctx) {
    int64_t began = now_ns();
    while (dfl_time_left(ctx) > 0 || now_ns() - began < 2000)
        ;
}

HELPER uint64_t hash_error(uint64_t hash, const dfl_error *error) {
    hash = mix_bytes(hash, error->node, strlen(error->node));
    hash = mix_bytes(hash, error->message, strlen(error->message));
    hash = mix(hash, (uint64_t)error->code);
    hash = mix(hash, error->attempt);
    return mix(hash, (uint64_t)error->index);
}

HELPER int fails(dfl_ctx *ctx, Dice *dice, unsigned one_in, int code, bool says, bool fatal) {
    if (dice_below(dice, one_in) != 0)
        return 0;
    unsigned number = dice_below(dice, 1000);
    if (fatal)
        return dfl_fatal(ctx, code, "never %u", number);
    return says ? dfl_fail(ctx, code, "no %u", number) : code;
}

#endif
