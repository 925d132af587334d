#include "json_of_every_type.h"

#include "check.h"

static void fill(all_state *s) {
    dfl_ctx *ctx = all_state_ctx(s);
    tree leaf = {.label = DFL_STR("leaf"), .mark = {true, {0.5, -1e300}}};
    dfl_u8_list bytes = {0};
    dfl_f64_list list = {0};
    s->flag = true, s->n8 = -128, s->n64 = INT64_MIN, s->m64 = UINT64_MAX, s->f = 0.1F, s->d = 0.1;
    s->text = DFL_STR("quote \" slash \\ line \n nul \x01 \xc3\xa4 \xf0\x9f\x98\x80");
    s->raw = (dfl_bytes){(const uint8_t *)"\0\xff\x80", 3};
    s->how = mood_wild, s->at = (point){1, 2}, s->grid[1] = 7;
    for (int i = 0; i < 3; i++) {
        dfl_str_list_push(ctx, &s->words, dfl_printf(ctx, "word %d", i));
        dfl_f64_list_push(ctx, &list, i / 3.0);
        dfl_f64_list_list_push(ctx, &s->lists, list);
        dfl_str_opt_list_push(ctx, &s->maybes, (dfl_str_opt){i != 1, DFL_STR("some")});
        dfl_u8_list_push(ctx, &bytes, (uint8_t)(255 - i));
    }
    mood_map_put(ctx, &s->table, DFL_STR("\"key\""), mood_wild);
    mood_map_put(ctx, &s->table, DFL_STR(""), mood_calm);
    dfl_u8_list_map_put(ctx, &s->by_list, DFL_STR("bytes"), bytes);
    dfl_u8_list_map_put(ctx, &s->by_list, DFL_STR("none"), (dfl_u8_list){0});
    s->root.label = DFL_STR("root");
    tree_list_push(ctx, &s->root.children, leaf);
    tree_map_put(ctx, &s->root.named, DFL_STR("one"), leaf);
    s->maybe_at = (point_opt){true, {3, 4}};
    dfl_fault_list_push(ctx, &s->faults, (dfl_fault){DFL_STR("b"), DFL_STR("n"), DFL_STR("m"), 5, -6, 7});
}

static void comes_back(const all_state *s) {
    all_state back;
    dfl_buf json = {0}, before = {0}, after = {0};
    all_state_init(&back);
    back.n8 = 5, back.maybe = (dfl_i32_opt){true, 5};
    CHECK_INT(all_to_json(s, &json), DFL_OK);
    CHECK_INT(all_from_json(&back, (const char *)json.p, json.n, NULL), DFL_OK);
    CHECK_INT(all_encode(s, &before), DFL_OK);
    CHECK_INT(all_encode(&back, &after), DFL_OK);
    CHECK(before.n == after.n && memcmp(before.p, after.p, after.n) == 0);
    dfl_buf_free(&json);
    dfl_buf_free(&before);
    dfl_buf_free(&after);
    all_state_free(&back);
}

static void absent_members_stay(all_state *s) {
    static const char text[] = " { \"d\" : 2.5e0, \"root\" : { \"label\" : \"\\u00e4\" } } ";
    CHECK_INT(all_from_json(s, text, sizeof text - 1, NULL), DFL_OK);
    CHECK(s->d == 2.5 && s->n8 == -128 && s->words.len == 3 && s->root.children.len == 1);
    CHECK_STR(s->root.label, "\xc3\xa4");
}

static void wrong(const all_state *s, const char *text) {
    all_state back;
    dfl_error error = {0};
    all_state_init(&back);
    CHECK_INT(all_state_copy(&back, s), DFL_OK);
    REMEMBER(all, s);
    CHECK_INT(all_from_json(&back, text, strlen(text), &error), DFL_EINVAL);
    CHECK_INT(error.status, DFL_EINVAL);
    printf("%s\n    %s\n", text, error.message);
    CHECK_UNCHANGED(all, &back);
    all_state_free(&back);
}

int main(void) {
    all_state s;
    all_state_init(&s);
    SHOW_STATE(all, &s);
    comes_back(&s);
    fill(&s);
    SHOW_STATE(all, &s);
    comes_back(&s);
    absent_members_stay(&s);
    wrong(&s, "");
    wrong(&s, "[]");
    wrong(&s, "{\"d\":1,\"n8\":128}");
    wrong(&s, "{\"d\":1,\"n8\":1.5}");
    wrong(&s, "{\"d\":1,\"nine\":1}");
    wrong(&s, "{\"d\":1,\"d\":2}");
    wrong(&s, "{\"d\":1,\"how\":\"angry\"}");
    wrong(&s, "{\"d\":1,\"grid\":[1]}");
    wrong(&s, "{\"d\":1,\"words\":[\"a\",null]}");
    wrong(&s, "{\"d\":1,\"root\":{\"children\":[{\"label\":\"\\ud800\"}]}}");
    wrong(&s, "{\"d\":1,\"raw\":\"A\"}");
    wrong(&s, "{\"d\":1} x");
    wrong(&s, "{\"d\":1");
    all_state_free(&s);
    return 0;
}
