/* Base64 (RFC 4648, section 4). */
#include "json.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t dfl__base64_size(size_t n) {
    return (n / 3 + (n % 3 != 0)) * 4;
}

/* Three bytes, of which n are there, to four digits. */
static void encode_group(const uint8_t *p, size_t n, char *out) {
    uint32_t bits = (uint32_t)p[0] << 16;
    if (n > 1)
        bits |= (uint32_t)p[1] << 8;
    if (n > 2)
        bits |= p[2];
    out[0] = digits[bits >> 18];
    out[1] = digits[bits >> 12 & 63];
    out[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
    out[3] = n > 2 ? digits[bits & 63] : '=';
}

void dfl__base64_encode(const uint8_t *p, size_t n, char *out) {
    for (; n > 0; out += 4) {
        size_t group = n < 3 ? n : 3;
        encode_group(p, group, out);
        p += group;
        n -= group;
    }
}

static int value_of(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Four digits to `n` bytes. Bits that no byte takes must be 0, so that each value has one text. */
static bool decode_group(const char *text, size_t n, uint8_t *out) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i <= n ? value_of(text[i]) : 0;
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
    }
    if (bits & (0xffffffu >> (8 * n)))
        return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(bits >> (16 - 8 * i));
    return true;
}

size_t dfl__base64_decode(const char *text, size_t n, uint8_t *out) {
    size_t done = 0;
    if (n % 4 != 0)
        return SIZE_MAX;
    for (size_t i = 0; i < n; i += 4) {
        bool last = i + 4 == n;
        size_t group = !last || text[i + 3] != '=' ? 3 : text[i + 2] != '=' ? 2 : 1;
        if (!decode_group(text + i, group, out + done))
            return SIZE_MAX;
        done += group;
    }
    return done;
}
