/* JSON written piece by piece. */
#include "json_out.h"

#include "json.h"
#include "mem.h"

static void put(dfl__json_out *out, const void *p, size_t n) {
    uint8_t *room = out->whole ? dfl__buf_room(&out->buf, n) : NULL;
    if (room)
        memcpy(room, p, n);
    else
        out->whole = false;
}

static void put_chars(dfl__json_out *out, const char *text) {
    put(out, text, strlen(text));
}

void dfl__put_raw(dfl__json_out *out, const char *text, size_t n) {
    put(out, text, n);
}

/* ---- members ---- */

static void name_of(dfl__json_out *out, const char *name) {
    if (out->comma)
        put_chars(out, ",");
    out->comma = true;
    if (!name)
        return;
    put_chars(out, "\"");
    put_chars(out, name);
    put_chars(out, "\":");
}

void dfl__put_object(dfl__json_out *out, const char *name, char open) {
    name_of(out, name);
    put(out, &open, 1);
    out->comma = false;
}

void dfl__put_close(dfl__json_out *out, char close) {
    put(out, &close, 1);
    out->comma = true;
}

void dfl__put_literal(dfl__json_out *out, const char *name, const char *text) {
    name_of(out, name);
    put_chars(out, "\"");
    put_chars(out, text);
    put_chars(out, "\"");
}

enum { DIGITS = 24 };

/* The last digits of text[DIGITS], at least so many; where they begin. */
static size_t digits(char text[DIGITS], uint64_t v, size_t least) {
    size_t at = DIGITS;
    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0 || DIGITS - at < least);
    return at;
}

static uint64_t magnitude(dfl__json_out *out, int64_t v) {
    if (v < 0)
        put_chars(out, "-");
    return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

void dfl__put_number(dfl__json_out *out, const char *name, int64_t value) {
    char text[DIGITS];
    size_t at;
    name_of(out, name);
    at = digits(text, magnitude(out, value), 1);
    put(out, text + at, DIGITS - at);
}

void dfl__put_us(dfl__json_out *out, const char *name, int64_t ns) {
    char text[DIGITS];
    size_t at;
    name_of(out, name);
    at = digits(text, magnitude(out, ns), 4);
    put(out, text + at, DIGITS - 3 - at);
    put_chars(out, ".");
    put(out, text + DIGITS - 3, 3);
}

/* ---- text and values ---- */

static size_t text_max(const dfl__json_out *out) {
    return out->cuts ? DFL__TEXT_MAX : SIZE_MAX;
}

/* How much of the first `most` of n bytes is whole characters: no character has four bytes behind its
 * first. */
static size_t whole_chars(const char *p, size_t n, size_t most) {
    size_t end = most;
    if (n <= most)
        return n;
    while (end > 0 && most - end < 3 && ((uint8_t)p[end] & 0xc0) == 0x80)
        end--;
    return end;
}

static void put_text(dfl__json_out *out, const char *p, size_t n) {
    size_t shown = whole_chars(p, n, text_max(out));
    if (out->whole && dfl__json_text(p, shown, &out->buf) != DFL_OK)
        out->whole = false;
    if (!out->whole || shown == n)
        return;
    out->buf.n--;
    put_chars(out, "...\"");
}

void dfl__put_text(dfl__json_out *out, const char *name, const char *p, size_t n) {
    name_of(out, name);
    put_text(out, p, n);
}

/* n bytes less the first ones of a character whose last ones were cut off. */
static size_t less_a_part(const char *p, size_t n) {
    for (size_t back = 1; back <= 3 && back <= n; back++)
        if ((uint8_t)p[n - back] >= 0xc0)
            return dfl__utf8_char((const uint8_t *)p + n - back, back) ? n : n - back;
    return n;
}

/* What was cut is the start of some JSON, which a string can hold. */
static void quote(dfl__json_out *out, size_t from) {
    char start[DFL__TEXT_MAX + 3];
    size_t n = out->buf.n - from;
    memcpy(start, out->buf.p + from, n);
    out->buf.n = from;
    n = less_a_part(start, n);
    memcpy(start + n, "...", 3);
    if (dfl__json_text(start, n + 3, &out->buf) != DFL_OK)
        out->whole = false;
}

bool dfl__put_value(dfl__json_out *out, const dfl_value *value) {
    bool cut = false;
    size_t from;
    int status;
    name_of(out, NULL);
    put_text(out, value->name, strlen(value->name));
    put_chars(out, ":");
    if (!out->whole)
        return false;
    from = out->buf.n;
    status = dfl__json_start(value->type, value->value, &out->buf, text_max(out), &cut);
    out->whole = status != DFL_ENOMEM;
    if (cut || status == DFL_EINVAL) /* it nests too deep */
        quote(out, from);
    return cut || status == DFL_EINVAL;
}

bool dfl__is_utf8(const uint8_t *p, size_t n) {
    for (size_t i = 0, length; i < n; i += length) {
        length = dfl__utf8_char(p + i, n - i);
        if (length == 0)
            return false;
    }
    return true;
}

void dfl__put_data(dfl__json_out *out, const char *name, dfl_bytes data) {
    size_t shown = whole_chars((const char *)data.p, data.n, text_max(out));
    dfl_value value = {"base64", &dfl_type_bytes, &data};
    if (shown == 0 || dfl__is_utf8(data.p, shown))
        dfl__put_text(out, name, (const char *)data.p, data.n);
    else
        dfl__put_value(out, &value);
}
