#include "node_functions_are_testable_alone.h"

#include "check.h"

int alone_join_words(dfl_ctx *ctx, dfl_str_list words, dfl_str *text) {
    for (uint32_t i = 0; i < words.len; i++)
        *text = dfl_printf(ctx, "%s%s%s", text->p, i ? " " : "", words.items[i].p);
    return dfl_user(ctx) ? 0 : dfl_fail(ctx, 2, "nobody uses it");
}

int main(void) {
    int user;
    dfl_ctx *ctx = dfl_ctx_new(&user);
    dfl_str_list words = {0};
    dfl_str text = DFL_STR("");
    CHECK(ctx && dfl_user(ctx) == &user);
    CHECK(!dfl_cancelled(ctx) && dfl_attempt(ctx) == 1 && dfl_time_left(ctx) == INT64_MAX);
    CHECK_STR(((dfl_str){dfl_thread_id(ctx), strlen(dfl_thread_id(ctx))}), "");
    for (int i = 0; i < 3; i++)
        CHECK_INT(dfl_str_list_push(ctx, &words, dfl_printf(ctx, "word%d", i)), DFL_OK);
    CHECK_INT(alone_join_words(ctx, words, &text), 0);
    CHECK_STR(text, "word0 word1 word2");
    dfl_emit(ctx, "nobody listens", (dfl_bytes){0});
    dfl_ctx_free(ctx);
    ctx = dfl_ctx_new(NULL);
    CHECK_INT(alone_join_words(ctx, (dfl_str_list){0}, &text), 2);
    dfl_ctx_free(ctx);
    return 0;
}
