#include "json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "printable.h"

/* ---- strings ---- */

static void put_control(FILE *out, uint32_t code) {
    static const char letters[] = "\b\f\n\r\t", names[] = "bfnrt";
    const char *letter = code && code < 0x20 ? strchr(letters, (int)code) : NULL;
    if (letter)
        fprintf(out, "\\%c", names[letter - letters]);
    else
        fprintf(out, "\\u%04x", (unsigned)code);
}

static void put_string(FILE *out, const char *s, size_t n) {
    fputc('"', out);
    for (size_t i = 0, bytes; i < n; i += bytes ? bytes : 1) {
        bytes = utf8_bytes(s + i, n - i);
        if (bytes == 0)
            fputs("\xef\xbf\xbd", out);
        else if (s[i] == '"' || s[i] == '\\')
            fprintf(out, "\\%c", s[i]);
        else if (is_control(utf8_code(s + i, bytes)))
            put_control(out, utf8_code(s + i, bytes));
        else
            fwrite(s + i, 1, bytes, out);
    }
    fputc('"', out);
}

/* ---- layout ---- */

static bool one_line(const Json *j) {
    return !j->lines || (j->depth > 0 && j->flat[j->depth - 1]);
}

static void new_line(const Json *j) {
    fprintf(j->out, "\n%*s", (int)j->depth * 2, "");
}

/* Whatever stands before a member's value. */
static void begin(Json *j, const char *name) {
    if (j->depth > 0) {
        bool *filled = &j->filled[j->depth - 1];
        if (*filled)
            fputc(',', j->out);
        if (!one_line(j))
            new_line(j);
        else if (*filled)
            fputc(' ', j->out);
        *filled = true;
    }
    if (name) {
        put_string(j->out, name, strlen(name));
        fputs(": ", j->out);
    }
}

static void open_value(Json *j, const char *name, char kind, bool flat) {
    assert(j->depth < JSON_MAX_DEPTH);
    begin(j, name);
    fputc(kind, j->out);
    j->closers[j->depth] = kind == '{' ? '}' : ']';
    j->filled[j->depth] = false;
    j->flat[j->depth] = flat || one_line(j);
    j->depth++;
}

void json_open(Json *j, const char *name, char kind) {
    open_value(j, name, kind, false);
}

void json_open_flat(Json *j, const char *name, char kind) {
    open_value(j, name, kind, true);
}

void json_close(Json *j) {
    bool broken = !one_line(j) && j->filled[j->depth - 1];
    j->depth--;
    if (broken)
        new_line(j);
    fputc(j->closers[j->depth], j->out);
}

/* ---- values ---- */

void json_string_n(Json *j, const char *name, const char *s, size_t n) {
    begin(j, name);
    put_string(j->out, s, n);
}

void json_string(Json *j, const char *name, const char *s) {
    json_string_n(j, name, s, strlen(s));
}

void json_int(Json *j, const char *name, int64_t value) {
    begin(j, name);
    fprintf(j->out, "%" PRId64, value);
}

void json_uint(Json *j, const char *name, uint64_t value) {
    begin(j, name);
    fprintf(j->out, "%" PRIu64, value);
}

void json_bool(Json *j, const char *name, bool value) {
    begin(j, name);
    fputs(value ? "true" : "false", j->out);
}

void json_null(Json *j, const char *name) {
    begin(j, name);
    fputs("null", j->out);
}

void json_raw(Json *j, const char *name, const char *text) {
    begin(j, name);
    fputs(text, j->out);
}
