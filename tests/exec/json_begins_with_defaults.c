#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json_begins_with_defaults.h"

int g_add(dfl_ctx *ctx, level_list items, const level_map *entries, const level *option, const level *single,
          uint32_t *sum) {
    (void)ctx;
    *sum = single->lots + option->lots;
    for (uint32_t i = 0; i < items.len; i++)
        *sum += items.items[i].lots;
    for (uint32_t i = 0; i < entries->len; i++)
        *sum += entries->entries[i].value.lots;
    return 0;
}

static void show(const g_state *s) {
    dfl_buf json = {0};
    if (g_to_json(s, &json) == DFL_OK)
        printf("%.*s\n", (int)json.n, (const char *)json.p);
    dfl_buf_free(&json);
}

int main(void) {
    const char *all = "{\"items\": [{}, {\"price\": 1, \"side\": \"sell\"}], \"entries\": {\"a\": {\"lots\": 1}},"
                      " \"option\": {\"price\": 2}, \"single\": {\"price\": 3}}";
    const char *some = "{\"option\": {\"note\": \"again\"}, \"items\": [{\"lots\": 9}]}";
    g_state s;
    g_state_init(&s);
    printf("%s\n", dfl_strerror(g_from_json(&s, all, strlen(all), NULL)));
    show(&s);
    /* An option that has a value keeps what is absent; the items are new ones. */
    printf("%s\n", dfl_strerror(g_from_json(&s, some, strlen(some), NULL)));
    show(&s);
    printf("%s", dfl_strerror(g_run(&s, NULL)));
    printf(" %" PRIu32 "\n", s.sum);
    g_state_free(&s);
    return 0;
}
