#define _POSIX_C_SOURCE 200809L
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A body holds one file at most, and a file has 256 MiB at most (documents.h).
 */
enum { MOST_HEADER = 8 * 1024, MOST_BODY = 512 * 1024 * 1024, READ_AT_ONCE = 64 * 1024 };

/* Makes room behind `end`; what was consumed is dropped. */
static bool make_room(Channel *c, size_t n) {
    if (c->begin > 0) {
        memmove(c->bytes, c->bytes + c->begin, c->end - c->begin);
        c->end -= c->begin;
        c->begin = 0;
    }
    if (c->cap - c->end >= n)
        return true;
    size_t cap = c->cap * 2 > c->end + n ? c->cap * 2 : c->end + n;
    char *bytes = realloc(c->bytes, cap);
    if (!bytes) {
        c->broken = "there is no memory for a message";
        return false;
    }
    c->bytes = bytes;
    c->cap = cap;
    return true;
}

/* False at the end, and when the other side is gone. */
static bool read_more(Channel *c) {
    if (!make_room(c, READ_AT_ONCE))
        return false;
    for (;;) {
        ssize_t n = read(c->in, c->bytes + c->end, c->cap - c->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        c->end += (size_t)n;
        return true;
    }
}

/* The bytes of the header with its empty line; 0: it is not complete. */
static size_t header_bytes(const Channel *c) {
    size_t n = c->end - c->begin;
    const char *text = c->bytes + c->begin;
    for (size_t i = 0; i + 4 <= n && i <= MOST_HEADER; i++)
        if (memcmp(text + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    return 0;
}

/* The number behind "Content-Length:", in a header of n bytes; false: there is
 * none that will do. */
static bool content_length(const char *header, size_t n, size_t *length) {
    static const char name[] = "Content-Length:";
    bool found = false;
    for (size_t at = 0; at + 2 < n;) {
        const char *line = header + at;
        const char *end = memchr(line, '\r', n - at);
        size_t bytes = (size_t)(end - line);
        if (bytes > sizeof name - 1 && strncasecmp(line, name, sizeof name - 1) == 0) {
            const char *p = line + sizeof name - 1;
            while (p < end && (*p == ' ' || *p == '\t'))
                p++;
            *length = 0;
            if (found || p == end)
                return false;
            for (; p < end && *p >= '0' && *p <= '9' && *length <= MOST_BODY; p++)
                *length = *length * 10 + (size_t)(*p - '0');
            while (p < end && (*p == ' ' || *p == '\t'))
                p++;
            if (p < end || *length > MOST_BODY)
                return false;
            found = true;
        }
        at += bytes + 2;
    }
    return found;
}

bool channel_read(Channel *c, const char **body, size_t *n) {
    size_t header;
    while ((header = header_bytes(c)) == 0) {
        if (c->end - c->begin > MOST_HEADER) {
            c->broken = "a header has no end";
            return false;
        }
        if (!read_more(c)) {
            if (c->end > c->begin && !c->broken)
                c->broken = "the input ends in a header";
            return false;
        }
    }
    if (!content_length(c->bytes + c->begin, header, n)) {
        c->broken = "a header has no good Content-Length";
        return false;
    }
    while (c->end - c->begin < header + *n)
        if (!read_more(c)) {
            if (!c->broken)
                c->broken = "the input ends in a message";
            return false;
        }
    *body = c->bytes + c->begin + header;
    c->begin += header + *n;
    return true;
}

bool channel_is_waiting(const Channel *c) {
    struct pollfd in = {.fd = c->in, .events = POLLIN};
    return header_bytes(c) > 0 || poll(&in, 1, 0) != 0;
}

static void write_all(Channel *c, const char *bytes, size_t n) {
    while (n > 0 && !c->deaf) {
        ssize_t done = write(c->out, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            c->deaf = true;
            return;
        }
        bytes += done;
        n -= (size_t)done;
    }
}

void channel_write(Channel *c, const char *body, size_t n) {
    char header[64];
    int bytes = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", n);
    write_all(c, header, (size_t)bytes);
    write_all(c, body, n);
}

void channel_free(Channel *c) {
    free(c->bytes);
    c->bytes = NULL;
}
