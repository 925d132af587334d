/* dflc: NAME_encode into a buffer that is kept, NAME_decode over a state that is kept. */
#include <stdlib.h>

#include "codec.dfl.h"
#include "codec.h"

typedef union State {
    small_state small;
    medium_state medium;
    large_state large;
    records_state records;
} State;

typedef struct Dflc {
    Kind kind;
    State value, decoded;
    dfl_buf bytes;
} Dflc;

/* ---- building ---- */

static void done(int status) {
    must(status == DFL_OK, "dflc failed");
}

static dfl_str str(Text text) {
    return (dfl_str){text.p, text.n};
}

static dfl_str_list strs(dfl_ctx *ctx, const Text *texts, size_t n) {
    dfl_str_list list = {0};
    for (size_t i = 0; i < n; i++)
        done(dfl_str_list_push(ctx, &list, dfl_copy(ctx, texts[i].p, texts[i].n)));
    return list;
}

static dfl_str_map pairs(dfl_ctx *ctx, const Content *c) {
    dfl_str_map map = {0};
    for (size_t i = 0; i < c->n_pairs; i++)
        done(dfl_str_map_put(ctx, &map, str(c->keys[i]), str(c->values[i])));
    return map;
}

static void build_small(small_state *s, const Content *c) {
    s->counter = c->counter, s->status = str(c->status), s->value = str(c->value);
}

static void build_medium(medium_state *s, const Content *c) {
    dfl_ctx *ctx = medium_state_ctx(s);
    s->items = strs(ctx, c->texts, c->n_texts);
    s->pairs = pairs(ctx, c);
    for (size_t i = 0; i < c->n_numbers; i++)
        done(dfl_u32_list_push(ctx, &s->numbers, c->numbers[i]));
}

static void build_large(large_state *s, const Content *c) {
    dfl_ctx *ctx = large_state_ctx(s);
    s->messages = strs(ctx, c->texts, c->n_texts);
    s->pairs = pairs(ctx, c);
    for (size_t i = 0; i < c->n_blocks; i++)
        done(dfl_bytes_list_push(ctx, &s->blocks, (dfl_bytes){(const uint8_t *)c->blocks[i].p, c->blocks[i].n}));
}

static void build_records(records_state *s, const Content *c) {
    dfl_ctx *ctx = records_state_ctx(s);
    s->counter = c->counter;
    for (size_t i = 0; i < c->n_lines; i++) {
        const Line *line = &c->lines[i];
        Record record = {str(line->symbol), line->price, line->volume, line->open,
                         strs(ctx, line->tags, N_TAGS)};
        done(Record_list_push(ctx, &s->list, record));
    }
    for (size_t i = 0; i < c->n_series; i++)
        done(dfl_f64_list_push(ctx, &s->series, c->series[i]));
}

/* ---- comparing ---- */

static bool same_str(Text text, dfl_str s) {
    return same_text(text, s.p, s.n) && s.p[s.n] == '\0';
}

static bool same_strs(const Text *texts, size_t n, const dfl_str_list *list) {
    for (size_t i = 0; i < n; i++)
        if (list->len != n || !same_str(texts[i], list->items[i]))
            return false;
    return true;
}

static bool same_pairs(const Content *c, const dfl_str_map *map) {
    for (size_t i = 0; i < c->n_pairs; i++) {
        const dfl_str *value = dfl_str_map_get(map, str(c->keys[i]));
        if (map->len != c->n_pairs || !value || !same_str(c->values[i], *value) ||
            !same_str(c->keys[i], map->entries[i].key))
            return false;
    }
    return true;
}

static bool same_medium(const Content *c, const medium_state *s) {
    return same_strs(c->texts, c->n_texts, &s->items) && same_pairs(c, &s->pairs) &&
           s->numbers.len == c->n_numbers &&
           memcmp(s->numbers.items, c->numbers, c->n_numbers * sizeof *c->numbers) == 0;
}

static bool same_large(const Content *c, const large_state *s) {
    for (size_t i = 0; i < c->n_blocks; i++)
        if (s->blocks.len != c->n_blocks ||
            !same_text(c->blocks[i], s->blocks.items[i].p, s->blocks.items[i].n))
            return false;
    return same_strs(c->texts, c->n_texts, &s->messages) && same_pairs(c, &s->pairs);
}

static bool same_records(const Content *c, const records_state *s) {
    for (size_t i = 0; i < c->n_lines; i++) {
        const Line *line = &c->lines[i];
        const Record *record = &s->list.items[i];
        if (s->list.len != c->n_lines || !same_str(line->symbol, record->symbol) ||
            line->price != record->price || line->volume != record->volume || line->open != record->open ||
            !same_strs(line->tags, N_TAGS, &record->tags))
            return false;
    }
    return s->counter == c->counter && s->series.len == c->n_series &&
           memcmp(s->series.items, c->series, c->n_series * sizeof *c->series) == 0;
}

static bool same(const void *self) {
    const Dflc *d = self;
    const Content *c = content_of(d->kind);
    const State *s = &d->decoded;
    switch (d->kind) {
    case SMALL:
        return s->small.counter == c->counter && same_str(c->status, s->small.status) &&
               same_str(c->value, s->small.value);
    case MEDIUM:
        return same_medium(c, &s->medium);
    case LARGE:
        return same_large(c, &s->large);
    default:
        return same_records(c, &s->records);
    }
}

/* ---- measured ---- */

#define BOTH_WAYS(NAME)                                                                            \
    static size_t encode_##NAME(void *self) {                                                      \
        Dflc *d = self;                                                                            \
        d->bytes.n = 0;                                                                            \
        done(NAME##_encode(&d->value.NAME, &d->bytes));                                            \
        return d->bytes.n;                                                                         \
    }                                                                                              \
    static void decode_##NAME(void *self) {                                                        \
        Dflc *d = self;                                                                            \
        done(NAME##_decode(&d->decoded.NAME, d->bytes.p, d->bytes.n));                             \
    }

BOTH_WAYS(small)
BOTH_WAYS(medium)
BOTH_WAYS(large)
BOTH_WAYS(records)

static void *open(Kind kind) {
    Dflc *d = calloc(1, sizeof *d);
    must(d, "out of memory");
    d->kind = kind;
    small_state_init(&d->value.small), small_state_init(&d->decoded.small);
    switch (kind) {
    case SMALL:
        build_small(&d->value.small, content_of(kind));
        break;
    case MEDIUM:
        medium_state_init(&d->value.medium), medium_state_init(&d->decoded.medium);
        build_medium(&d->value.medium, content_of(kind));
        break;
    case LARGE:
        large_state_init(&d->value.large), large_state_init(&d->decoded.large);
        build_large(&d->value.large, content_of(kind));
        break;
    default:
        records_state_init(&d->value.records), records_state_init(&d->decoded.records);
        build_records(&d->value.records, content_of(kind));
        break;
    }
    return d;
}

static void free_state(Kind kind, State *s) {
    switch (kind) {
    case SMALL:
        small_state_free(&s->small);
        break;
    case MEDIUM:
        medium_state_free(&s->medium);
        break;
    case LARGE:
        large_state_free(&s->large);
        break;
    default:
        records_state_free(&s->records);
        break;
    }
}

static void close(void *self) {
    Dflc *d = self;
    free_state(d->kind, &d->value);
    free_state(d->kind, &d->decoded);
    dfl_buf_free(&d->bytes);
    free(d);
}

const Codec codec_dflc = {
    .name = "dflc",
    .open = open,
    .encode = {encode_small, encode_medium, encode_large, encode_records},
    .decode = {decode_small, decode_medium, decode_large, decode_records},
    .same = same,
    .close = close,
};
