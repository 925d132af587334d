/* What trace.c writes, piece by piece. */
#define _POSIX_C_SOURCE 200809L

#include "trace_out.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "json.h"
#include "mem.h"

enum {
    BUFFER_BYTES = 64 << 10,
    FLUSH_BYTES = 48 << 10, /* the rest has room for any line but one with values */
    TEXT_BYTES = 1 << 10,
    FLUSH_NS = 100000
};

/* note [what a kill loses]
 *
 * Lines go to the file when many wait, and with the first that is a tenth of a millisecond younger than the
 * last write. So a program whose nodes take longer than that has every line in the file when it is killed,
 * but those of the last moment; and one whose nodes are quick writes ten thousand times a second at
 * most. What is in the file is the system's: it survives the process, though not the machine. */

/* ---- the file ---- */

#define END "\n]\n"

static bool write_all(dfl__trace_out *out, const void *bytes, size_t n) {
    const uint8_t *p = bytes;
    while (n > 0) {
        ssize_t done = write(out->fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

void dfl__trace_out_flush(dfl__trace_out *out, int64_t ns) {
    if (!out->failed && out->buf.n > 0 && !write_all(out, out->buf.p, out->buf.n))
        out->failed = errno;
    if (!out->failed)
        out->written += out->buf.n;
    out->buf.n = 0;
    out->flushed = ns;
}

int dfl__trace_out_open(dfl__trace_out *out, const char *path) {
    memset(out, 0, sizeof *out);
    errno = ENOMEM;
    if (!dfl__buf_room(&out->buf, BUFFER_BYTES))
        return DFL_ENOMEM;
    out->buf.n = 0;
    out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out->fd < 0) {
        dfl_buf_free(&out->buf);
        return DFL_ESTORE;
    }
    return DFL_OK;
}

/* After a failed write the file may end within a line, which is cut off. */
static void mend(dfl__trace_out *out) {
    off_t at = (off_t)out->written;
    if (ftruncate(out->fd, at) == 0 && lseek(out->fd, at, SEEK_SET) == at)
        (void)(write_all(out, "[", out->written == 0) && write_all(out, END, 3));
}

int dfl__trace_out_close(dfl__trace_out *out) {
    dfl__trace_out_flush(out, 0);
    if (!out->failed && !write_all(out, END, 3))
        out->failed = errno;
    if (out->failed)
        mend(out);
    if (close(out->fd) != 0 && !out->failed)
        out->failed = errno;
    dfl_buf_free(&out->buf);
    errno = out->failed ? out->failed : errno;
    return out->failed ? DFL_ESTORE : out->lost ? DFL_ENOMEM : DFL_OK;
}

/* ---- lines ---- */

static void put(dfl__trace_out *out, const void *p, size_t n) {
    uint8_t *room = out->whole ? dfl__buf_room(&out->buf, n) : NULL;
    if (room)
        memcpy(room, p, n);
    else
        out->whole = false;
}

static void put_chars(dfl__trace_out *out, const char *text) {
    put(out, text, strlen(text));
}

void dfl__line_begin(dfl__trace_out *out) {
    if (out->buf.n >= FLUSH_BYTES)
        dfl__trace_out_flush(out, out->flushed);
    out->whole = true;
    out->comma = false;
    out->line = out->buf.n;
    put_chars(out, out->written + out->buf.n == 0 ? "[\n{" : ",\n{");
}

void dfl__line_end(dfl__trace_out *out, int64_t ns) {
    put_chars(out, "}");
    if (!out->whole) {
        out->lost = true;
        out->buf.n = out->line;
    }
    if (ns - out->flushed >= FLUSH_NS)
        dfl__trace_out_flush(out, ns);
}

/* ---- members ---- */

static void name_of(dfl__trace_out *out, const char *name) {
    if (out->comma)
        put_chars(out, ",");
    out->comma = true;
    if (!name)
        return;
    put_chars(out, "\"");
    put_chars(out, name);
    put_chars(out, "\":");
}

void dfl__put_object(dfl__trace_out *out, const char *name, char open) {
    name_of(out, name);
    put(out, &open, 1);
    out->comma = false;
}

void dfl__put_close(dfl__trace_out *out, char close) {
    put(out, &close, 1);
    out->comma = true;
}

void dfl__put_literal(dfl__trace_out *out, const char *name, const char *text) {
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

static uint64_t magnitude(dfl__trace_out *out, int64_t v) {
    if (v < 0)
        put_chars(out, "-");
    return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

void dfl__put_number(dfl__trace_out *out, const char *name, int64_t value) {
    char text[DIGITS];
    size_t at;
    name_of(out, name);
    at = digits(text, magnitude(out, value), 1);
    put(out, text + at, DIGITS - at);
}

void dfl__put_us(dfl__trace_out *out, const char *name, int64_t ns) {
    char text[DIGITS];
    size_t at;
    name_of(out, name);
    at = digits(text, magnitude(out, ns), 4);
    put(out, text + at, DIGITS - 3 - at);
    put_chars(out, ".");
    put(out, text + DIGITS - 3, 3);
}

/* ---- text and values ---- */

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

static void put_text(dfl__trace_out *out, const char *p, size_t n) {
    size_t shown = whole_chars(p, n, TEXT_BYTES);
    if (out->whole && dfl__json_text(p, shown, &out->buf) != DFL_OK)
        out->whole = false;
    if (!out->whole || shown == n)
        return;
    out->buf.n--;
    put_chars(out, "...\"");
}

void dfl__put_text(dfl__trace_out *out, const char *name, const char *p, size_t n) {
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
static void quote(dfl__trace_out *out, size_t from) {
    char start[TEXT_BYTES + 3];
    size_t n = out->buf.n - from;
    memcpy(start, out->buf.p + from, n);
    out->buf.n = from;
    n = less_a_part(start, n);
    memcpy(start + n, "...", 3);
    if (dfl__json_text(start, n + 3, &out->buf) != DFL_OK)
        out->whole = false;
}

bool dfl__put_value(dfl__trace_out *out, const dfl_value *value) {
    bool cut = false;
    size_t from;
    int status;
    name_of(out, NULL);
    put_text(out, value->name, strlen(value->name));
    put_chars(out, ":");
    if (!out->whole)
        return false;
    from = out->buf.n;
    status = dfl__json_start(value->type, value->value, &out->buf, TEXT_BYTES, &cut);
    out->whole = status != DFL_ENOMEM;
    if (cut || status == DFL_EINVAL) /* it nests too deep */
        quote(out, from);
    return cut || status == DFL_EINVAL;
}

static bool is_utf8(const uint8_t *p, size_t n) {
    for (size_t i = 0, length; i < n; i += length) {
        length = dfl__utf8_char(p + i, n - i);
        if (length == 0)
            return false;
    }
    return true;
}

void dfl__put_data(dfl__trace_out *out, const char *name, dfl_bytes data) {
    size_t shown = whole_chars((const char *)data.p, data.n, TEXT_BYTES);
    dfl_value value = {"base64", &dfl_type_bytes, &data};
    if (shown == 0 || is_utf8(data.p, shown))
        dfl__put_text(out, name, (const char *)data.p, data.n);
    else
        dfl__put_value(out, &value);
}
