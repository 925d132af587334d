#include "program_in_cplusplus.h"

#include "check.h"

#include <string>

extern "C" int cpp_collect(dfl_ctx *ctx, dfl_str_list words, quote_list *quotes, quote_map *table,
                           mood *how, dfl_i32_opt *maybe, double *array) {
    for (uint32_t i = 0; i < words.len; i++) {
        quote q = {};
        q.symbol = words.items[i];
        q.price = i + 0.5;
        if (dfl_str_list_push(ctx, &q.tags, DFL_STR("tag")) != DFL_OK)
            return DFL_ENOMEM;
        quote_list_push(ctx, quotes, q);
        quote_map_put(ctx, table, q.symbol, q);
    }
    *how = mood_wild;
    maybe->has = true, maybe->value = 3;
    array[1] = 0.25;
    return 0;
}

extern "C" int cpp_choose(dfl_ctx *ctx, quote_list quotes, mood how, quote *best, dfl_str *text) {
    if (quotes.len == 0)
        return dfl_fail(ctx, 2, "nothing to choose from, %s", mood_name(how));
    *best = quotes.items[quotes.len - 1];
    *text = dfl_printf(ctx, "%.*s;", DFL_ARG(best->symbol));
    return 0;
}

extern "C" int cpp_spell(dfl_ctx *ctx, dfl_str word, dfl_str *text) {
    std::string spelled(word.p, word.n);
    spelled += '.';
    *text = dfl_copy(ctx, spelled.data(), spelled.size());
    return 0;
}

int main() {
    cpp_state s;
    dfl_error error = {};
    dfl_run run = {};
    dfl_store *store = dfl_store_memory();
    run.error = &error;
    run.store = store;
    run.thread_id = "cpp";
    cpp_state_init(&s);
    show_end("run", cpp_run(&s, &run), &error);
    dfl_str_list_push(cpp_state_ctx(&s), &s.words, DFL_STR("one"));
    dfl_str_list_push(cpp_state_ctx(&s), &s.words, DFL_STR("two"));
    show_end("run", cpp_run(&s, &run), &error);
    CHECK_STR(s.text, "two;one.two.");
    CHECK(quote_map_get(&s.table, DFL_STR("one"))->price < 1);
    CHECK(quote_map_get(&s.table, DFL_STR("three")) == nullptr);
    cpp_state_reset(&s);
    cpp_node next = cpp_at_start;
    CHECK_INT(cpp_load(&s, &next, &run), DFL_OK);
    CHECK_INT(next, cpp_at_end);
    SHOW_STATE(cpp, &s);
    cpp_state_free(&s);
    dfl_store_close(store);
    return 0;
}
