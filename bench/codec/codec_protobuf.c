/* protobuf-c: the message's size, then packing into a buffer that is kept; unpacking into messages from
 * malloc, as it does by itself, or from a block that is kept and begun anew (an allocator of the caller's:
 * freeing is then one assignment). What was unpacked before is freed within each call. */
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "codec.pb-c.h"

typedef struct Block {
    char *p;
    size_t n, cap;
} Block;

typedef struct Protobuf {
    Kind kind;
    const ProtobufCMessageDescriptor *type;
    ProtobufCMessage *value, *decoded;
    uint8_t *bytes;
    size_t n, cap;
    Block block;
    ProtobufCAllocator arena;
    ProtobufCAllocator *allocator; /* NULL: malloc */
} Protobuf;

/* ---- building ---- */

static void *room(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size);
    must(p, "out of memory");
    return p;
}

static char *copy(Text text) {
    return memcpy(room(text.n + 1, 1), text.p, text.n);
}

static char **copies(const Text *texts, size_t n) {
    char **all = room(n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = copy(texts[i]);
    return all;
}

static Pb__Pair **pairs(const Content *c) {
    Pb__Pair **all = room(c->n_pairs, sizeof *all);
    for (size_t i = 0; i < c->n_pairs; i++) {
        all[i] = room(1, sizeof **all);
        pb__pair__init(all[i]);
        all[i]->key = copy(c->keys[i]), all[i]->value = copy(c->values[i]);
    }
    return all;
}

static void build_small(Pb__Small *m, const Content *c) {
    m->counter = c->counter, m->status = copy(c->status), m->value = copy(c->value);
}

static void build_medium(Pb__Medium *m, const Content *c) {
    m->n_items = c->n_texts, m->items = copies(c->texts, c->n_texts);
    m->n_pairs = c->n_pairs, m->pairs = pairs(c);
    m->n_numbers = c->n_numbers, m->numbers = room(c->n_numbers, sizeof *m->numbers);
    memcpy(m->numbers, c->numbers, c->n_numbers * sizeof *m->numbers);
}

static void build_large(Pb__Large *m, const Content *c) {
    m->n_messages = c->n_texts, m->messages = copies(c->texts, c->n_texts);
    m->n_pairs = c->n_pairs, m->pairs = pairs(c);
    m->n_blocks = c->n_blocks, m->blocks = room(c->n_blocks, sizeof *m->blocks);
    for (size_t i = 0; i < c->n_blocks; i++)
        m->blocks[i] = (ProtobufCBinaryData){c->blocks[i].n, (uint8_t *)copy(c->blocks[i])};
}

static void build_records(Pb__Records *m, const Content *c) {
    m->counter = c->counter;
    m->n_list = c->n_lines, m->list = room(c->n_lines, sizeof *m->list);
    for (size_t i = 0; i < c->n_lines; i++) {
        const Line *line = &c->lines[i];
        Pb__Record *record = m->list[i] = room(1, sizeof *record);
        pb__record__init(record);
        record->symbol = copy(line->symbol), record->price = line->price;
        record->volume = line->volume, record->open = line->open;
        record->n_tags = N_TAGS, record->tags = copies(line->tags, N_TAGS);
    }
    m->n_series = c->n_series, m->series = room(c->n_series, sizeof *m->series);
    memcpy(m->series, c->series, c->n_series * sizeof *m->series);
}

static void build(Protobuf *b) {
    const Content *c = content_of(b->kind);
    b->value = room(1, b->type->sizeof_message);
    protobuf_c_message_init(b->type, b->value);
    switch (b->kind) {
    case SMALL:
        build_small((Pb__Small *)b->value, c);
        break;
    case MEDIUM:
        build_medium((Pb__Medium *)b->value, c);
        break;
    case LARGE:
        build_large((Pb__Large *)b->value, c);
        break;
    default:
        build_records((Pb__Records *)b->value, c);
        break;
    }
}

/* ---- comparing ---- */

static bool same_string(Text text, const char *s) {
    return same_text(text, s, strlen(s));
}

static bool same_strings(const Text *texts, size_t n, char **strings, size_t n_strings) {
    for (size_t i = 0; i < n; i++)
        if (n_strings != n || !same_string(texts[i], strings[i]))
            return false;
    return true;
}

static bool same_pairs(const Content *c, Pb__Pair **all, size_t n) {
    for (size_t i = 0; i < c->n_pairs; i++)
        if (n != c->n_pairs || !same_string(c->keys[i], all[i]->key) ||
            !same_string(c->values[i], all[i]->value))
            return false;
    return true;
}

static bool same_medium(const Content *c, const Pb__Medium *m) {
    return same_strings(c->texts, c->n_texts, m->items, m->n_items) &&
           same_pairs(c, m->pairs, m->n_pairs) && m->n_numbers == c->n_numbers &&
           memcmp(m->numbers, c->numbers, c->n_numbers * sizeof *m->numbers) == 0;
}

static bool same_large(const Content *c, const Pb__Large *m) {
    for (size_t i = 0; i < c->n_blocks; i++)
        if (m->n_blocks != c->n_blocks || !same_text(c->blocks[i], m->blocks[i].data, m->blocks[i].len))
            return false;
    return same_strings(c->texts, c->n_texts, m->messages, m->n_messages) &&
           same_pairs(c, m->pairs, m->n_pairs);
}

static bool same_records(const Content *c, const Pb__Records *m) {
    for (size_t i = 0; i < c->n_lines; i++) {
        const Line *line = &c->lines[i];
        const Pb__Record *record = m->list[i];
        if (m->n_list != c->n_lines || !same_string(line->symbol, record->symbol) ||
            line->price != record->price || line->volume != record->volume || line->open != record->open ||
            !same_strings(line->tags, N_TAGS, record->tags, record->n_tags))
            return false;
    }
    return m->counter == c->counter && m->n_series == c->n_series &&
           memcmp(m->series, c->series, c->n_series * sizeof *m->series) == 0;
}

static bool same(const void *self) {
    const Protobuf *b = self;
    const Content *c = content_of(b->kind);
    const Pb__Small *small = (const Pb__Small *)b->decoded;
    switch (b->kind) {
    case SMALL:
        return small->counter == c->counter && same_string(c->status, small->status) &&
               same_string(c->value, small->value);
    case MEDIUM:
        return same_medium(c, (const Pb__Medium *)b->decoded);
    case LARGE:
        return same_large(c, (const Pb__Large *)b->decoded);
    default:
        return same_records(c, (const Pb__Records *)b->decoded);
    }
}

/* ---- measured ---- */

static size_t encode(void *self) {
    Protobuf *b = self;
    size_t n = protobuf_c_message_get_packed_size(b->value);
    if (n > b->cap) {
        free(b->bytes);
        b->bytes = room(n, 1);
        b->cap = n;
    }
    b->n = protobuf_c_message_pack(b->value, b->bytes);
    return b->n;
}

static void decode(void *self) {
    Protobuf *b = self;
    if (b->allocator)
        b->block.n = 0;
    else if (b->decoded)
        protobuf_c_message_free_unpacked(b->decoded, NULL);
    b->decoded = protobuf_c_message_unpack(b->type, b->allocator, b->n, b->bytes);
    must(b->decoded, "protobuf-c failed");
}

static void *from_block(void *block_, size_t n) {
    Block *block = block_;
    char *p = block->p + block->n;
    n = (n + 15) & ~(size_t)15;
    must(n <= block->cap - block->n, "the block of protobuf-c is full");
    block->n += n;
    return p;
}

static void into_block(void *block, void *p) {
    (void)block, (void)p;
}

static void *open(Kind kind) {
    static const ProtobufCMessageDescriptor *const types[N_KINDS] = {
        &pb__small__descriptor, &pb__medium__descriptor, &pb__large__descriptor, &pb__records__descriptor};
    Protobuf *b = room(1, sizeof *b);
    b->kind = kind;
    b->type = types[kind];
    build(b);
    return b;
}

static void *open_arena(Kind kind) {
    Protobuf *b = open(kind);
    b->block.cap = 1 << 20;
    b->block.p = room(b->block.cap, 1);
    b->arena = (ProtobufCAllocator){from_block, into_block, &b->block};
    b->allocator = &b->arena;
    return b;
}

static void close(void *self) {
    Protobuf *b = self;
    protobuf_c_message_free_unpacked(b->value, NULL);
    if (!b->allocator && b->decoded)
        protobuf_c_message_free_unpacked(b->decoded, NULL);
    free(b->block.p);
    free(b->bytes);
    free(b);
}

const Codec codec_protobuf = {
    .name = "protobuf-c",
    .open = open,
    .encode = {encode, encode, encode, encode},
    .decode = {decode, decode, decode, decode},
    .same = same,
    .close = close,
};

const Codec codec_protobuf_arena = {
    .name = "protobuf-c, arena",
    .open = open_arena,
    .encode = {encode, encode, encode, encode},
    .decode = {decode, decode, decode, decode},
    .same = same,
    .close = close,
};
