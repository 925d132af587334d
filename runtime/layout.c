/* layout.h: writing the text of a graph, and making types of a text. */
#include "layout.h"

#include <inttypes.h>
#include <stdio.h>

#include "hash.h"
#include "internal.h"
#include "mem.h"

/* ---- writing ---- */

/* The text, and the named types that are still to be told of, in the order in which they were met. */
typedef struct Text {
    dfl_buf *out;
    const dfl_type **met;
    size_t n, cap;
    int status;
} Text;

static void say(Text *text, const char *words) {
    size_t n = strlen(words);
    uint8_t *at = text->status == DFL_OK ? dfl__buf_room(text->out, n) : NULL;
    if (at)
        memcpy(at, words, n);
    else
        text->status = DFL_ENOMEM;
}

static void meet(Text *text, const dfl_type *type) {
    while (type->elem)
        type = type->elem;
    if (type->kind != DFL_KIND_STRUCT && type->kind != DFL_KIND_ENUM)
        return;
    for (size_t i = 0; i < text->n; i++)
        if (strcmp(text->met[i]->name, type->name) == 0)
            return;
    if (text->n == text->cap) {
        size_t cap = text->cap ? text->cap * 2 : 16;
        const dfl_type **met = dfl__realloc(text->met, cap * sizeof *met);
        if (!met) {
            text->status = DFL_ENOMEM;
            return;
        }
        text->met = met;
        text->cap = cap;
    }
    text->met[text->n++] = type;
}

static void say_member(Text *text, const dfl_member *member) {
    say(text, "  ");
    say(text, member->name);
    say(text, ": ");
    say(text, member->type->name);
    say(text, "\n");
    meet(text, member->type);
}

static void say_enumerator(Text *text, const dfl_enumerator *enumerator) {
    char value[24];
    snprintf(value, sizeof value, " = %" PRId32 "\n", enumerator->value);
    say(text, "  ");
    say(text, enumerator->name);
    say(text, value);
}

static void say_type(Text *text, const dfl_type *type) {
    say(text, type->kind == DFL_KIND_ENUM ? "enum " : "struct ");
    say(text, type->name);
    say(text, "\n");
    for (uint32_t i = 0; i < type->n; i++) {
        if (type->kind == DFL_KIND_ENUM)
            say_enumerator(text, &type->values[i]);
        else
            say_member(text, &type->members[i]);
    }
}

int dfl__layout_text(const dfl_graph *graph, dfl_buf *out) {
    Text text = {.out = out};
    const dfl__layout_of *layout = graph->layout;
    say(&text, "state\n");
    for (uint32_t i = 0; i < layout->saved->n; i++)
        say_member(&text, &graph->state->members[layout->saved->members[i]]);
    for (size_t i = 0; text.status == DFL_OK && i < text.n; i++)
        say_type(&text, text.met[i]);
    if (layout->n_counters > 0)
        say(&text, "counters\n");
    for (uint32_t i = 0; i < layout->n_counters; i++) {
        say(&text, "  ");
        say(&text, layout->counters[i].now);
        say(&text, "\n");
    }
    dfl__free(text.met);
    return text.status;
}

/* ---- types by their text ---- */

enum {
    MOST_BYTES = 1 << 30, /* of a value: what is more was written by nobody */
    MOST_NESTED = 1000,   /* structs by value within each other, suffixes of a type */
    UNIT = 8              /* members are aligned so: no type needs more */
};

typedef struct Named {
    struct Named *chain;
    dfl_type type;
    const char *members; /* of a struct or enum: its lines */
    int sized;           /* 0: not yet; -1: at it */
} Named;

typedef struct Parse {
    dfl__layout *layout;
    dfl_ctx ctx;
    const char *at, *end;
    Named **table;
    size_t mask;
    int status;
} Parse;

static int corrupt(Parse *parse) {
    if (parse->status == DFL_OK)
        parse->status = DFL_ECORRUPT;
    return parse->status;
}

static void *take(Parse *parse, size_t n) {
    void *p = parse->status == DFL_OK ? dfl_alloc(&parse->ctx, n ? n : 1) : NULL;
    if (p)
        return memset(p, 0, n);
    if (parse->status == DFL_OK)
        parse->status = DFL_ENOMEM;
    return NULL;
}

static Named *find(const Parse *parse, const char *name, size_t n) {
    Named *named = parse->table[dfl__hash(name, n) & parse->mask];
    while (named && (strlen(named->type.name) != n || memcmp(named->type.name, name, n) != 0))
        named = named->chain;
    return named;
}

static Named *add(Parse *parse, const char *name, size_t n) {
    Named *named = take(parse, sizeof *named);
    char *copy = take(parse, n + 1);
    Named **bucket = &parse->table[dfl__hash(name, n) & parse->mask];
    if (!named || !copy)
        return NULL;
    memcpy(copy, name, n);
    named->type.name = copy;
    named->chain = *bucket;
    *bucket = named;
    return named;
}

static const dfl_type *builtin(const char *name, size_t n) {
    static const dfl_type *const all[] = {
        &dfl_type_bool, &dfl_type_i8,     &dfl_type_i16,   &dfl_type_i32, &dfl_type_i64,
        &dfl_type_u8,   &dfl_type_u16,    &dfl_type_u32,   &dfl_type_u64, &dfl_type_f32,
        &dfl_type_f64,  &dfl_type_string, &dfl_type_bytes,
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i]->name) == n && memcmp(all[i]->name, name, n) == 0)
            return all[i];
    return NULL;
}

static bool set_size(Parse *parse, Named *named, unsigned depth);

static size_t rounded(size_t n) {
    return (n + UNIT - 1) / UNIT * UNIT;
}

/* "[12]" at the end of a text of n bytes: its length and where it begins. */
static bool array_suffix(const char *name, size_t n, size_t *begin, uint32_t *count) {
    uint64_t v = 0;
    size_t i = n - 1;
    while (i > 0 && name[i] != '[')
        i--;
    *begin = i;
    for (size_t k = i + 1; k + 1 < n; k++) {
        if (name[k] < '0' || name[k] > '9' || v > UINT32_MAX)
            return false;
        v = v * 10 + (uint64_t)(name[k] - '0');
    }
    *count = (uint32_t)v;
    return i > 0 && v > 0 && v <= UINT32_MAX;
}

static const dfl_type *type_of(Parse *parse, const char *name, size_t n, unsigned depth);

static bool fill_container(Parse *parse, dfl_type *type, const char *name, size_t n,
                           unsigned depth) {
    static const char map[] = "map<string, ";
    size_t begin = n - 1;
    type->elem = NULL;
    if (n > sizeof map && memcmp(name, map, sizeof map - 1) == 0 && name[n - 1] == '>') {
        type->kind = DFL_KIND_MAP;
        type->elem = type_of(parse, name + sizeof map - 1, n - sizeof map, depth);
        type->size = sizeof(dfl__map);
        type->offset = rounded(sizeof(dfl_str));
    } else if (name[n - 1] == '?') {
        type->kind = DFL_KIND_OPT;
        type->elem = type_of(parse, name, n - 1, depth);
        type->offset = UNIT;
    } else if (n > 2 && name[n - 1] == ']' && name[n - 2] == '[') {
        type->kind = DFL_KIND_LIST;
        type->elem = type_of(parse, name, n - 2, depth);
        type->size = sizeof(dfl__list);
    } else if (n > 2 && name[n - 1] == ']' && array_suffix(name, n, &begin, &type->n)) {
        type->kind = DFL_KIND_ARRAY;
        type->elem = type_of(parse, name, begin, depth);
    }
    return type->elem != NULL;
}

/* The type of a text; NULL when it is none, or after a failure. */
static const dfl_type *type_of(Parse *parse, const char *name, size_t n, unsigned depth) {
    const dfl_type *known = n > 0 ? builtin(name, n) : NULL;
    Named *named = n > 0 ? find(parse, name, n) : NULL;
    if (known || n == 0 || depth > MOST_NESTED)
        return known;
    if (named)
        return &named->type;
    named = add(parse, name, n);
    if (!named || !fill_container(parse, &named->type, name, n, depth + 1)) {
        corrupt(parse);
        return NULL;
    }
    return &named->type;
}

/* ---- lines ---- */

typedef struct Line {
    const char *p;
    size_t n;
    bool is_member;
} Line;

static bool next_line(const char **at, const char *end, Line *line) {
    const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
    if (!newline)
        return false;
    line->p = *at;
    line->n = (size_t)(newline - *at);
    line->is_member = line->n > 2 && memcmp(line->p, "  ", 2) == 0;
    if (line->is_member)
        line->p += 2, line->n -= 2;
    *at = newline + 1;
    return true;
}

static uint32_t count_members(const char *at, const char *end) {
    Line line;
    uint32_t n = 0;
    while (next_line(&at, end, &line) && line.is_member)
        n++;
    return n;
}

static char *copy_text(Parse *parse, const char *p, size_t n) {
    char *copy = take(parse, n + 1);
    return copy ? memcpy(copy, p, n) : NULL;
}

static size_t split(const Line *line, const char *by, const char **rest, size_t *rest_n) {
    size_t n = strlen(by);
    for (size_t i = 0; i + n < line->n; i++)
        if (memcmp(line->p + i, by, n) == 0) {
            *rest = line->p + i + n;
            *rest_n = line->n - i - n;
            return i;
        }
    return 0;
}

static bool parse_value(const char *p, size_t n, int32_t *value) {
    bool minus = n > 0 && *p == '-';
    int64_t v = 0;
    if (n == minus || n > 11)
        return false;
    for (size_t i = minus; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    v = minus ? -v : v;
    *value = (int32_t)v;
    return v >= INT32_MIN && v <= INT32_MAX;
}

static void fill_enum(Parse *parse, Named *named) {
    dfl_enumerator *values = take(parse, named->type.n * sizeof *values);
    const char *at = named->members, *rest = NULL;
    Line line;
    for (uint32_t i = 0; values && i < named->type.n && next_line(&at, parse->end, &line); i++) {
        size_t rest_n = 0, n = split(&line, " = ", &rest, &rest_n);
        values[i].name = copy_text(parse, line.p, n);
        if (n == 0 || !parse_value(rest, rest_n, &values[i].value))
            corrupt(parse);
    }
    named->type.values = values;
}

static void fill_struct(Parse *parse, Named *named) {
    dfl_member *members = take(parse, named->type.n * sizeof *members);
    const char *at = named->members, *rest = NULL;
    Line line;
    named->type.members = members;
    for (uint32_t i = 0; members && i < named->type.n && next_line(&at, parse->end, &line); i++) {
        size_t rest_n = 0, n = split(&line, ": ", &rest, &rest_n);
        members[i].name = copy_text(parse, line.p, n);
        members[i].type = n > 0 ? type_of(parse, rest, rest_n, 0) : NULL;
        if (!members[i].name || !members[i].type) {
            corrupt(parse);
            return;
        }
    }
}

/* ---- sizes ---- */

/* Every type but the built-in ones is within a Named. */
static Named *named_of(const Parse *parse, const dfl_type *type) {
    return find(parse, type->name, strlen(type->name));
}

static bool size_of(Parse *parse, const dfl_type *type, unsigned depth, size_t *size) {
    Named *named = builtin(type->name, strlen(type->name)) ? NULL : named_of(parse, type);
    if (named && !set_size(parse, named, depth))
        return false;
    *size = type->size;
    return true;
}

static bool size_struct(Parse *parse, dfl_type *type, unsigned depth) {
    dfl_member *members = (dfl_member *)(uintptr_t)type->members;
    size_t at = 0, size;
    for (uint32_t i = 0; i < type->n; i++) {
        if (!size_of(parse, members[i].type, depth, &size) || size > MOST_BYTES)
            return false;
        members[i].offset = at;
        at += rounded(size);
        if (at > MOST_BYTES)
            return false;
    }
    type->size = at ? at : UNIT;
    return true;
}

/* What nests by value needs the size of what is in it; lists and maps only that of an item, later. */
static bool set_size(Parse *parse, Named *named, unsigned depth) {
    dfl_type *type = &named->type;
    size_t size = 0;
    bool done = true;
    if (named->sized > 0 || type->kind == DFL_KIND_LIST || type->kind == DFL_KIND_MAP)
        return true;
    if (named->sized < 0 || depth > MOST_NESTED)
        return false; /* within itself */
    named->sized = -1;
    if (type->kind == DFL_KIND_STRUCT) {
        done = size_struct(parse, type, depth + 1);
    } else if (type->kind == DFL_KIND_ENUM) {
        type->size = sizeof(int32_t);
    } else if (type->kind == DFL_KIND_OPT) {
        done = size_of(parse, type->elem, depth + 1, &size) && size <= MOST_BYTES;
        type->size = UNIT + rounded(size);
    } else {
        done = size_of(parse, type->elem, depth + 1, &size) && size <= MOST_BYTES / type->n;
        type->size = size * type->n;
    }
    named->sized = 1;
    return done;
}

/* ---- all of it ---- */

static bool is_header(const Line *line, const char *word) {
    return line->n > strlen(word) && memcmp(line->p, word, strlen(word)) == 0;
}

/* Finds what the text defines; members are looked at when all names are known. */
static void find_definitions(Parse *parse, const char **state, const char **counters) {
    Line line;
    const char *at = parse->at;
    while (parse->status == DFL_OK && next_line(&at, parse->end, &line)) {
        bool is_struct = is_header(&line, "struct "), is_enum = is_header(&line, "enum ");
        size_t word = is_struct ? 7 : 5;
        if (line.is_member)
            continue;
        if (line.n == 5 && memcmp(line.p, "state", 5) == 0 && !*state) {
            *state = at;
        } else if (line.n == 8 && memcmp(line.p, "counters", 8) == 0 && !*counters) {
            *counters = at;
        } else if ((is_struct || is_enum) && !find(parse, line.p + word, line.n - word) &&
                   !builtin(line.p + word, line.n - word)) {
            Named *named = add(parse, line.p + word, line.n - word);
            if (!named)
                return;
            named->type.kind = is_struct ? DFL_KIND_STRUCT : DFL_KIND_ENUM;
            named->type.n = count_members(at, parse->end);
            named->members = at;
        } else {
            corrupt(parse);
        }
    }
    if (at != parse->end || !*state)
        corrupt(parse);
}

static void for_all(Parse *parse, void (*visit)(Parse *parse, Named *named)) {
    for (size_t i = 0; i <= parse->mask; i++)
        for (Named *named = parse->table[i]; parse->status == DFL_OK && named; named = named->chain)
            visit(parse, named);
}

/* Containers that the members name are put in front of their chains, and have no lines. */
static void fill(Parse *parse, Named *named) {
    if (!named->members)
        return;
    if (named->type.kind == DFL_KIND_ENUM)
        fill_enum(parse, named);
    else
        fill_struct(parse, named);
}

static void size_one(Parse *parse, Named *named) {
    dfl_type *type = &named->type;
    size_t size;
    if (!set_size(parse, named, 0)) {
        corrupt(parse);
    } else if (type->kind == DFL_KIND_MAP) {
        if (!size_of(parse, type->elem, 0, &size))
            corrupt(parse);
        type->entry = type->offset + rounded(type->elem->size);
    }
}

static void read_counters(Parse *parse, const char *at) {
    dfl__layout *layout = parse->layout;
    Line line;
    if (!at)
        return;
    layout->n_counters = count_members(at, parse->end);
    layout->counters = take(parse, layout->n_counters * sizeof *layout->counters);
    for (uint32_t i = 0; layout->counters && i < layout->n_counters; i++)
        if (next_line(&at, parse->end, &line))
            layout->counters[i] = copy_text(parse, line.p, line.n);
}

/* At most four buckets for each definition and member, so that chains stay short. */
static void make_table(Parse *parse, size_t n) {
    size_t buckets = 64, lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += parse->at[i] == '\n';
    while (buckets < 2 * lines)
        buckets *= 2;
    parse->table = take(parse, buckets * sizeof *parse->table);
    parse->mask = buckets - 1;
}

int dfl__layout_parse(const char *text, size_t n, dfl__layout *out) {
    const char *state = NULL, *counters = NULL;
    Parse parse = {.layout = out, .at = text, .end = text + n};
    Named *root = NULL;
    memset(out, 0, sizeof *out);
    dfl__ctx_init(&parse.ctx, &out->mem);
    make_table(&parse, n);
    if (n == 0 || memchr(text, '\0', n))
        corrupt(&parse);
    if (parse.status == DFL_OK)
        find_definitions(&parse, &state, &counters);
    if (parse.status == DFL_OK)
        root = add(&parse, "state ", 6); /* no type can be called so */
    if (root) {
        root->type.kind = DFL_KIND_STRUCT;
        root->type.n = count_members(state, parse.end);
        root->members = state;
        for_all(&parse, fill);
        for_all(&parse, size_one);
        read_counters(&parse, counters);
        out->state = &root->type;
    }
    if (parse.status != DFL_OK)
        dfl__layout_free(out);
    return parse.status;
}

void dfl__layout_free(dfl__layout *layout) {
    dfl__mem_free(&layout->mem);
    memset(layout, 0, sizeof *layout);
}

/* ---- values ---- */

int dfl__layout_read(dfl_ctx *ctx, const dfl__layout *layout, const uint8_t *live, dfl__in *in,
                     void *state) {
    int rc = DFL_OK;
    for (uint32_t i = 0; rc == DFL_OK && i < layout->state->n; i++) {
        const dfl_member *member = &layout->state->members[i];
        if (dfl__bit(live, i))
            rc = dfl__unpack_encoded(ctx, member->type, (char *)state + member->offset, in);
    }
    return rc == DFL_OK && dfl__left(in) > 0 ? DFL_ECORRUPT : rc;
}

void dfl__set_zero(const dfl_type *type, void *value) {
    static const dfl_str empty = {"", 0};
    char *at = value;
    if (type->begin) {
        type->begin(value);
    } else if (type->kind == DFL_KIND_STRING) {
        memcpy(value, &empty, sizeof empty);
    } else if (type->kind == DFL_KIND_STRUCT) {
        for (uint32_t i = 0; i < type->n; i++)
            dfl__set_zero(type->members[i].type, at + type->members[i].offset);
    } else if (type->kind == DFL_KIND_ARRAY) {
        for (uint32_t i = 0; i < type->n; i++)
            dfl__set_zero(type->elem, at + i * type->elem->size);
    } else if (type->kind == DFL_KIND_ENUM && type->n > 0) {
        memcpy(value, &type->values[0].value, sizeof type->values[0].value);
    } else {
        memset(value, 0, type->size);
    }
}
