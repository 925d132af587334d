/* json_check.h: is a text JSON (RFC 8259), and what is in it?
 *
 * A reader of its own, which knows nothing of how JSON is written here. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <ctype.h>
#include <string.h>

#include "check.h"

static inline const char *json_value(const char *p, int depth);

static inline const char *json_space(const char *p) {
    return p + strspn(p, " \t\r\n");
}

static inline const char *json_string(const char *p) {
    CHECK(*p++ == '"');
    for (; *p != '"'; p++) {
        CHECK((unsigned char)*p >= 0x20);
        if (*p != '\\')
            continue;
        CHECK(*++p && strchr("\"\\/bfnrtu", *p));
        for (int i = 0; *p == 'u' && i < 4; i++)
            CHECK(isxdigit((unsigned char)p[1 + i]));
    }
    return p + 1;
}

static inline const char *json_number(const char *p) {
    p += *p == '-';
    CHECK(isdigit((unsigned char)*p) && !(p[0] == '0' && isdigit((unsigned char)p[1])));
    p += strspn(p, "0123456789");
    if (*p == '.') {
        CHECK(isdigit((unsigned char)p[1]));
        p += 1 + strspn(p + 1, "0123456789");
    }
    if (*p == 'e' || *p == 'E') {
        p += 1 + (p[1] == '-' || p[1] == '+');
        CHECK(isdigit((unsigned char)*p));
        p += strspn(p, "0123456789");
    }
    return p;
}

/* The members of an object or the items of an array, and its end. */
static inline const char *json_inside(const char *p, int depth) {
    char end = *p == '{' ? '}' : ']';
    bool object = *p == '{';
    CHECK(depth < 1000);
    p = json_space(p + 1);
    if (*p == end)
        return p + 1;
    for (;; p = json_space(p + 1)) {
        if (object) {
            p = json_space(json_string(p));
            CHECK(*p == ':');
            p = json_space(p + 1);
        }
        p = json_space(json_value(p, depth + 1));
        if (*p == end)
            return p + 1;
        CHECK(*p == ',');
    }
}

/* Behind the value at p. */
static inline const char *json_value(const char *p, int depth) {
    static const char *const words[] = {"true", "false", "null"};
    if (*p == '{' || *p == '[')
        return json_inside(p, depth);
    if (*p == '"')
        return json_string(p);
    for (int i = 0; i < 3; i++)
        if (strncmp(p, words[i], strlen(words[i])) == 0)
            return p + strlen(words[i]);
    return json_number(p);
}

/* The value of a member of the object at p, or NULL. The JSON is known to be good. */
static inline const char *json_get(const char *p, const char *name) {
    size_t n = strlen(name);
    for (p = json_space(p + 1); *p != '}'; p = json_space(p + (*p == ','))) {
        bool found = strncmp(p + 1, name, n) == 0 && p[n + 1] == '"';
        p = json_space(json_space(json_string(p)) + 1);
        if (found)
            return p;
        p = json_space(json_value(p, 0));
    }
    return NULL;
}

static inline const char *json_need(const char *p, const char *name) {
    const char *value = json_get(p, name);
    if (!value)
        fprintf(stderr, "no \"%s\" in %.300s\n", name, p);
    CHECK(value);
    return value;
}

static inline bool json_same(const char *a, const char *b) {
    size_t n = (size_t)(json_value(a, 0) - a);
    return (size_t)(json_value(b, 0) - b) == n && memcmp(a, b, n) == 0;
}

static inline bool json_is(const char *value, const char *text) {
    size_t n = strlen(text);
    return value && value[0] == '"' && strncmp(value + 1, text, n) == 0 && value[n + 1] == '"';
}

static inline char *json_read(const char *path) {
    size_t n = 0, room = 1 << 16;
    char *text = malloc(room);
    FILE *in = fopen(path, "r");
    CHECK(text && in);
    for (size_t got; (got = fread(text + n, 1, room - n - 1, in)) > 0; n += got)
        if (room - n - got < 2)
            text = realloc(text, room *= 2);
    fclose(in);
    text[n] = '\0';
    CHECK(strlen(text) == n);
    return text;
}

#endif
