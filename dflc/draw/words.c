#include "words.h"

#include <stdbool.h>
#include <string.h>

#include "../draw.h"

/* ---- characters ---- */

static bool is_hidden(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c & 0xfffe) == 0xfffe;
}

/* 0: these bytes are no character. */
static uint32_t decode(const unsigned char *s, size_t n) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : c;
}

uint32_t text_next(const char **text) {
    const unsigned char *s = (const unsigned char *)*text;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] == 0)
        return 0;
    uint32_t c = n > 0 && s[0] < 0xf5 ? decode(s, n) : 0;
    *text += c ? n : 1;
    return c && !is_hidden(c) ? c : 0xfffd;
}

static void add_character(Text *text, uint32_t c) {
    char utf8[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        utf8[i] = (char)(0x80 | (c & 0x3f));
    utf8[0] = (char)(lead[n] | c);
    text_add_n(text, utf8, n);
}

/* ---- widths ---- */

/* In thousandths of the size, from the blank on: those of Helvetica and its like. */
static const uint16_t sans[] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584,
};

/* percent: what the widest likely font has more than that; 0: all characters are as wide. */
static const struct {
    int32_t size, height, percent;
} faces[N_FACES] = {
    [FACE_TITLE] = {20, 28, 115},
    [FACE_NAME] = {13, 18, 115},
    [FACE_SMALL] = {11, 15, 109},
    [FACE_CODE] = {11, 15, 0},
};

int32_t face_size(Face face) {
    return faces[face].size;
}

int32_t face_height(Face face) {
    return faces[face].height;
}

/* In thousandths of a pixel. What is not ASCII may come from any font. */
static int32_t advance(Face face, uint32_t c) {
    int32_t size = faces[face].size, percent = faces[face].percent;
    if (c >= 0x1100)
        return size * 1250;
    if (c >= 0x7f)
        return size * 900;
    return percent ? size * sans[c - 32] * percent / 100 : size * 620;
}

static int32_t pixels(int32_t thousandths) {
    return (thousandths + 999) / 1000;
}

int32_t text_width(Face face, const char *text) {
    int32_t sum = 0;
    for (uint32_t c; (c = text_next(&text));)
        sum += advance(face, c);
    return pixels(sum);
}

/* ---- lines ---- */

/* note [breaking lines]
 * A line takes as many characters as fit. Then it is cut back to the last blank in it, or if there is
 * none, to the last _ or /, unless that leaves less than a third of it. */
typedef struct Break {
    const char *end;  /* behind what the line shows */
    const char *next; /* where the next one begins */
} Break;

static Break break_line(Face face, const char *text, int32_t most_w) {
    Break blank = {0}, joint = {0};
    const char *start = text, *p = text, *before = text;
    int32_t sum = 0;
    for (uint32_t c; (c = text_next(&p)); before = p) {
        sum += advance(face, c);
        if (c == ' ' && before > start)
            blank = (Break){before, p};
        if (pixels(sum) > most_w && before > start) {
            ptrdiff_t third = (before - start) / 3;
            if (blank.end && blank.end - start >= third)
                return blank;
            return joint.end && joint.end - start >= third ? joint : (Break){before, before};
        }
        if (c == '_' || c == '/')
            joint = (Break){p, p};
    }
    return (Break){p, p};
}

static const char *clean(Arena *arena, const char *text, const char *end, const char *more) {
    Text t = {.arena = arena};
    while (text < end)
        add_character(&t, text_next(&text));
    text_add(&t, "", more);
    return text_end(&t);
}

static void add_line(Arena *arena, Words *words, Line line) {
    line.h = faces[line.face].height;
    line.w = text_width(line.face, line.text) + (line.icon ? ICON_ROOM : 0);
    words->h += line.h;
    if (line.w > words->w)
        words->w = line.w;
    ARENA_PUSH(arena, words->lines, words->n, words->cap, line);
}

static void keep_whole(Arena *arena, Words *words, const char *text) {
    const char *whole = clean(arena, text, text + strlen(text), "");
    words->whole = words->whole ? arena_printf(arena, "%s\n%s", words->whole, whole) : whole;
}

void words_add(Arena *arena, Words *words, Face face, Icon icon, const char *text, int32_t most_w,
               size_t most_lines) {
    const char *begin = text;
    int32_t room = most_w - (icon ? ICON_ROOM : 0);
    int32_t dots = pixels(advance(face, 0x2026));
    for (size_t i = 0; *text; i++) {
        Break at = break_line(face, text, room);
        bool cut = i + 1 == most_lines && *at.next;
        if (cut)
            at = break_line(face, text, room - dots);
        add_line(arena, words,
                 (Line){.text = clean(arena, text, at.end, cut ? "\xe2\x80\xa6" : ""),
                        .face = face,
                        .icon = i == 0 ? icon : ICON_NONE});
        if (cut) {
            keep_whole(arena, words, begin);
            return;
        }
        text = at.next;
    }
}
