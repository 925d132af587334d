#define _XOPEN_SOURCE 700
#include "uri.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

const char *uri_path(Arena *arena, const char *uri) {
    static const char scheme[] = "file://";
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *from =
        strchr(uri + sizeof scheme - 1, '/'); /* behind the host, mostly an empty one */
    if (!from)
        return NULL;
    char *path = arena_alloc(arena, strlen(from) + 1), *to = path;
    while (*from) {
        int high = *from == '%' ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;
        if (low >= 0 && high * 16 + low == 0)
            return NULL;
        *to++ = low >= 0 ? (char)(high * 16 + low) : *from;
        from += low >= 0 ? 3 : 1;
    }
    *to = '\0';
    return path_clean(arena, path);
}

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._~/", c);
}

const char *uri_of(Arena *arena, const char *path) {
    static const char digits[] = "0123456789ABCDEF", scheme[] = "file://";
    char *uri = arena_alloc(arena, sizeof scheme + 3 * strlen(path));
    char *to = uri + sizeof scheme - 1;
    memcpy(uri, scheme, sizeof scheme - 1);
    for (; *path; path++) {
        if (is_plain(*path)) {
            *to++ = *path;
            continue;
        }
        *to++ = '%';
        *to++ = digits[(unsigned char)*path >> 4];
        *to++ = digits[(unsigned char)*path & 15];
    }
    *to = '\0';
    return uri;
}

const char *path_clean(Arena *arena, const char *path) {
    char *clean = arena_alloc(arena, strlen(path) + 2), *to = clean;
    while (*path) {
        size_t n = strcspn(path, "/");
        bool rooted = clean[0] == '/';
        if (n == 2 && path[0] == '.' && path[1] == '.' && rooted) {
            if (to > clean + 1)
                to--; /* the '/' behind a name */
            while (to > clean + 1 && to[-1] != '/')
                to--;
        } else if (n > 0 && !(n == 1 && path[0] == '.')) {
            memcpy(to, path, n);
            to += n;
            if (path[n] == '/')
                *to++ = '/';
        } else if (n == 0 && to == clean) {
            *to++ = '/';
        }
        path += n + (path[n] == '/');
    }
    *to = '\0';
    return clean;
}

const char *path_real(Arena *arena, const char *path) {
    char *real = realpath(path, NULL);
    if (!real)
        return path_clean(arena, path);
    const char *copy = arena_strndup(arena, real, strlen(real));
    free(real);
    return copy;
}

const char *path_directory(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return arena_strndup(arena, path, slash ? (size_t)(slash + 1 - path) : 0);
}

const char *path_beside(Arena *arena, const char *path, const char *name) {
    return name[0] == '/' ? name : arena_printf(arena, "%s%s", path_directory(arena, path), name);
}

bool path_ends_in(const char *path, const char *end) {
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}
