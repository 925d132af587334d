#include "printable.h"

#include <string.h>

size_t utf8_bytes(const char *s, size_t left) {
    unsigned char lead = (unsigned char)s[0];
    size_t n = lead < 0x80   ? 1
               : lead < 0xc2 ? 0
               : lead < 0xe0 ? 2
               : lead < 0xf0 ? 3
               : lead < 0xf5 ? 4
                             : 0;
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
    if (n >= 3) { /* no longer form than needed, no surrogates, nothing above U+10FFFF */
        unsigned char second = (unsigned char)s[1];
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
            return 0;
    }
    return n;
}

uint32_t utf8_code(const char *s, size_t n) {
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)s[0] & lead_bits[n];
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)s[i] & 0x3f);
    return code;
}

bool is_control(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

bool is_steering(uint32_t code) {
    return is_control(code) || code == 0xad || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || /* of no width; left or right from here */
           (code >= 0x2028 && code <= 0x202e) || /* breaks; embeddings and overrides */
           (code >= 0x2060 && code <= 0x206f) || /* joiners; isolates */
           code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
           (code >= 0xe0000 && code <= 0xe0fff); /* tags */
}

const char *printable(Arena *arena, const char *text) {
    size_t left = strlen(text);
    char *copy = arena_alloc(arena, left + 1), *to = copy;
    while (left > 0) {
        size_t n = utf8_bytes(text, left), taken = n ? n : 1;
        if (n == 0 || is_steering(utf8_code(text, n)))
            *to++ = '?';
        else
            for (size_t i = 0; i < n; i++)
                *to++ = text[i];
        text += taken;
        left -= taken;
    }
    return copy;
}
