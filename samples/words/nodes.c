/* nodes.c: the steps of words.dfl, and the program around them.
 *
 *     words FILE... */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

enum { TOP = 10, BLOCK = 65536 };

/* ---- map ---- */

int words_fetch(dfl_ctx *ctx, dfl_str file, dfl_str *text) {
    FILE *in = fopen(file.p, "r");
    char *bytes = dfl_alloc(ctx, BLOCK);
    if (!in)
        return dfl_fail(ctx, errno, "%s", strerror(errno));
    *text = bytes ? dfl_copy(ctx, bytes, fread(bytes, 1, BLOCK, in)) : *text;
    fclose(in);
    return 0;
}

int words_count(dfl_ctx *ctx, dfl_str text, dfl_i64_map *counts, int64_t *total, int64_t *longest) {
    for (size_t i = 0; i < text.n; i++) {
        char word[64];
        size_t n = 0;
        for (; i < text.n && isalpha((unsigned char)text.p[i]); i++)
            if (n < sizeof word)
                word[n++] = (char)tolower((unsigned char)text.p[i]);
        if (n == 0)
            continue;
        dfl_str key = dfl_copy(ctx, word, n);
        const int64_t *old = dfl_i64_map_get(counts, key);
        dfl_i64_map_put(ctx, counts, key, old ? *old + 1 : 1);
        ++*total;
        *longest = (int64_t)n > *longest ? (int64_t)n : *longest;
    }
    return 0;
}

/* ---- reduce ---- */

/* Called at the join, for one file after the other, in their order. */
int words_add(dfl_ctx *ctx, dfl_i64_map *all, const dfl_i64_map *update) {
    for (uint32_t i = 0; i < update->len; i++) {
        const int64_t *old = dfl_i64_map_get(all, update->entries[i].key);
        dfl_i64_map_put(ctx, all, update->entries[i].key, update->entries[i].value + (old ? *old : 0));
    }
    return 0;
}

/* The most frequent first; of equally frequent ones by the alphabet. */
static int before(const dfl_i64_map *counts, uint32_t a, uint32_t b) {
    int64_t more = counts->entries[a].value - counts->entries[b].value;
    return more ? more > 0 : dfl_str_cmp(counts->entries[a].key, counts->entries[b].key) < 0;
}

int words_choose(dfl_ctx *ctx, const dfl_i64_map *counts, dfl_str_list files, dfl_fault_list unread,
                 dfl_str_list *top, dfl_str_list *missing) {
    bool *taken = dfl_alloc(ctx, counts->len + 1);
    if (!taken)
        return 0;
    memset(taken, 0, counts->len + 1);
    for (uint32_t k = 0; k < TOP && k < counts->len; k++) {
        uint32_t best = counts->len;
        for (uint32_t i = 0; i < counts->len; i++)
            if (!taken[i] && (best == counts->len || before(counts, i, best)))
                best = i;
        taken[best] = true;
        dfl_str_list_push(ctx, top,
                          dfl_printf(ctx, "%6d %s", (int)counts->entries[best].value,
                                     counts->entries[best].key.p));
    }
    for (uint32_t i = 0; i < unread.len; i++)
        dfl_str_list_push(ctx, missing,
                          dfl_printf(ctx, "%s: %s", files.items[unread.items[i].index].p,
                                     unread.items[i].message.p));
    return 0;
}

/* ---- the program ---- */

int main(int argc, char **argv) {
    dfl_error error = {0};
    words_state s;
    int status;
    words_state_init(&s);
    for (int i = 1; i < argc; i++)
        dfl_str_list_push(words_state_ctx(&s), &s.files, dfl_strdup(words_state_ctx(&s), argv[i]));
    status = words_run(&s, &(dfl_run){.error = &error});
    for (uint32_t i = 0; i < s.missing.len; i++)
        printf("%s\n", s.missing.items[i].p);
    for (uint32_t i = 0; i < s.top.len; i++)
        printf("%s\n", s.top.items[i].p);
    printf("%d words, the longest of %d letters\n", (int)s.total, (int)s.longest);
    if (status != DFL_OK)
        fprintf(stderr, "words: %s: %s\n", error.node, error.message);
    words_state_free(&s);
    return status != DFL_OK;
}
