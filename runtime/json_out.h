/* JSON written piece by piece into a buffer: objects, lists and their members, with the commas between. */
#ifndef DFL_JSON_OUT_H
#define DFL_JSON_OUT_H

#include "dfl.h"

enum { DFL__TEXT_MAX = 1 << 10 };

typedef struct dfl__json_out {
    dfl_buf buf;
    bool cuts;  /* text and values, at DFL__TEXT_MAX bytes each */
    bool whole; /* what was put so far has found memory; else nothing more is put */
    bool comma; /* one stands before the next member */
} dfl__json_out;

/* As it is, without a comma. */
void dfl__put_raw(dfl__json_out *out, const char *text, size_t n);

/* Members; the name is a literal, or NULL for an item of a list. */
void dfl__put_object(dfl__json_out *out, const char *name, char open);
void dfl__put_close(dfl__json_out *out, char close);
void dfl__put_literal(dfl__json_out *out, const char *name,
                      const char *text); /* needs no escapes */
void dfl__put_number(dfl__json_out *out, const char *name, int64_t value);
void dfl__put_us(dfl__json_out *out, const char *name, int64_t ns); /* in us, to three places */
/* Any text: where it cuts, at most the first 1 KiB of it, between characters, and then "...". */
void dfl__put_text(dfl__json_out *out, const char *name, const char *p, size_t n);
/* The name is text too. Where it cuts, of the value's JSON at most 1 KiB: more becomes a string, the start
 * of it; true. */
bool dfl__put_value(dfl__json_out *out, const dfl_value *value);
bool dfl__is_utf8(const uint8_t *p, size_t n);
/* Bytes: as text, or where that is no UTF-8, in base64 under the name "base64". */
void dfl__put_data(dfl__json_out *out, const char *name, dfl_bytes data);

#endif
