#include "parameters_of_every_type.h"

#include "check.h"

int params_reads(dfl_ctx *ctx, bool flag, int8_t n8, int16_t n16, int32_t n32, int64_t n64,
                 uint8_t m8, uint16_t m16, uint32_t m32, uint64_t m64, float f, double d, color tint,
                 dfl_str text, dfl_bytes raw, dfl_f64_list list, dfl_str_list words, pair_list pairs,
                 dfl_f64_list_list lists, dfl_i32_opt_list maybes, const int16_t *array,
                 const dfl_str *names, const dfl_i32_map *table, const pair_map *by_name,
                 const dfl_f64_list_map *groups, const pair *both, const int32_t *maybe,
                 const dfl_str *maybe_text, const pair *maybe_pair, const color *maybe_tint,
                 FILE *file) {
    (void)ctx;
    CHECK(flag && n8 == -8 && n16 == -16 && n32 == -32 && n64 == -64);
    CHECK(m8 == 8 && m16 == 16 && m32 == 32 && m64 == 64 && (double)f == 0.5 && d == 0.25);
    CHECK(tint == color_green);
    CHECK_STR(text, "text");
    CHECK(raw.n == 0 && list.len == 0 && words.len == 0 && pairs.len == 0 && lists.len == 0);
    CHECK(maybes.len == 0 && table->len == 0 && by_name->len == 0 && groups->len == 0);
    CHECK(array[0] == 0 && array[2] == 0 && names[1].n == 0);
    CHECK(both->number == 0);
    CHECK(!maybe && !maybe_text && !maybe_pair && !maybe_tint);
    CHECK(file == stdout);
    return 0;
}

/* An out begins at the type's zero, whatever the field's default or value. */
int params_writes(dfl_ctx *ctx, bool *flag, int8_t *n8, int16_t *n16, int32_t *n32, int64_t *n64,
                  uint8_t *m8, uint16_t *m16, uint32_t *m32, uint64_t *m64, float *f, double *d,
                  color *tint, dfl_str *text, dfl_bytes *raw, dfl_f64_list *list,
                  dfl_str_list *words, pair_list *pairs, dfl_f64_list_list *lists,
                  dfl_i32_opt_list *maybes, int16_t *array, dfl_str *names, dfl_i32_map *table,
                  pair_map *by_name, dfl_f64_list_map *groups, pair *both, dfl_i32_opt *maybe,
                  dfl_str_opt *maybe_text, pair_opt *maybe_pair, color_opt *maybe_tint) {
    CHECK(!*flag && !*n8 && !*n16 && !*n32 && !*n64 && !*m8 && !*m16 && !*m32 && !*m64);
    CHECK((double)*f == 0 && *d == 0 && *tint == color_red && text->n == 0 && *text->p == '\0');
    CHECK(raw->n == 0 && list->len == 0 && array[1] == 0 && names[0].n == 0 && table->len == 0);
    CHECK(both->name.n == 0 && both->number == 0);
    CHECK(!maybe->has && !maybe_text->has && !maybe_pair->has && !maybe_tint->has);
    *flag = false, *n8 = 1, *n16 = 2, *n32 = 3, *n64 = 4, *m8 = 5, *m16 = 6, *m32 = 7, *m64 = 8;
    *f = 9.5F, *d = 10.5, *tint = color_blue, *text = DFL_STR("new");
    *raw = (dfl_bytes){(const uint8_t *)"raw", 3};
    dfl_f64_list_push(ctx, list, 1.5);
    dfl_str_list_push(ctx, words, DFL_STR("word"));
    *both = (pair){DFL_STR("both"), 11};
    pair_list_push(ctx, pairs, *both);
    dfl_f64_list_list_push(ctx, lists, *list);
    dfl_i32_opt_list_push(ctx, maybes, (dfl_i32_opt){true, 12});
    array[0] = 13, names[1] = DFL_STR("second");
    dfl_i32_map_put(ctx, table, DFL_STR("key"), 14);
    pair_map_put(ctx, by_name, DFL_STR("both"), *both);
    dfl_f64_list_map_put(ctx, groups, DFL_STR("group"), *list);
    maybe->has = true, maybe->value = 15;
    *maybe_text = (dfl_str_opt){true, DFL_STR("maybe")};
    *maybe_pair = (pair_opt){true, *both};
    *maybe_tint = (color_opt){true, color_green};
    return 0;
}

int params_changes(dfl_ctx *ctx, bool *flag, int8_t *n8, int16_t *n16, int32_t *n32, int64_t *n64,
                   uint8_t *m8, uint16_t *m16, uint32_t *m32, uint64_t *m64, float *f, double *d,
                   color *tint, dfl_str *text, dfl_bytes *raw, dfl_f64_list *list,
                   dfl_str_list *words, pair_list *pairs, dfl_f64_list_list *lists,
                   dfl_i32_opt_list *maybes, int16_t *array, dfl_str *names, dfl_i32_map *table,
                   pair_map *by_name, dfl_f64_list_map *groups, pair *both, dfl_i32_opt *maybe,
                   dfl_str_opt *maybe_text, pair_opt *maybe_pair, color_opt *maybe_tint) {
    *flag = !*flag, *n8 *= -1, *n16 *= -1, *n32 *= -1, *n64 *= -1, ++*m8, ++*m16, ++*m32, ++*m64;
    *f += 1, *d += 1, *tint = color_red, *text = dfl_printf(ctx, "%s!", text->p), raw->n = 2;
    dfl_f64_list_push(ctx, list, 2.5);
    dfl_str_list_set(ctx, words, 0, DFL_STR("other"));
    pair_list_clear(ctx, pairs);
    dfl_f64_list_list_push(ctx, lists, *list);
    maybes->len = 0;
    array[2] = array[0], names[0] = names[1];
    dfl_i32_map_put(ctx, table, DFL_STR("key"), *dfl_i32_map_get(table, DFL_STR("key")) + 1);
    dfl_i32_map_put(ctx, table, DFL_STR("second"), 0);
    pair_map_del(ctx, by_name, DFL_STR("both"));
    dfl_f64_list_map_put(ctx, groups, DFL_STR("again"), *list);
    both->number++, maybe->value++, maybe_text->has = false;
    maybe_pair->value.name = DFL_STR("changed"), maybe_tint->value = color_blue;
    return 0;
}

int main(void) {
    params_state s;
    params_state_init(&s);
    s.file = stdout;
    SHOW_RUN(params, &s);
    params_state_free(&s);
    return 0;
}
