/* Short texts set in lines: how wide they are, where they break, what is cut off.
 *
 * Widths are found without a font: from a table that is as wide as the widest of the fonts that a
 * viewer is likely to take, so that no text is wider than the room it was given. */
#ifndef DFLC_DRAW_WORDS_H
#define DFLC_DRAW_WORDS_H

#include <stdint.h>

#include "../arena.h"

typedef enum Face {
    FACE_TITLE, /* the name of a graph */
    FACE_NAME,  /* of a node, a section, a subgraph */
    FACE_SMALL, /* what is said of it */
    FACE_CODE,  /* guards and what else is C-like */
    N_FACES,
} Face;

/* A picture in front of a line. */
typedef enum Icon {
    ICON_NONE,
    ICON_CHECKPOINT,
    ICON_PAUSE,
    ICON_EFFECT,
    ICON_RETRY,
    ICON_TIMEOUT,
    ICON_COST,
    N_ICONS,
} Icon;

/* Pixels; the icon counts in the width. */
typedef struct Line {
    const char *text; /* UTF-8 without control characters */
    Face face;
    Icon icon;
    int32_t w, h;
} Line;

typedef struct Words {
    Line *lines;
    size_t n, cap;
    const char *whole; /* all texts of which something is cut off; NULL: none */
    int32_t w, h;      /* of all lines together */
} Words;

enum { ICON_ROOM = 16 };

int32_t face_size(Face face);
int32_t face_height(Face face);
int32_t text_width(Face face, const char *text);

/* Adds a text in lines of at most `most_w` pixels (break at blanks, else behind _ and /, else
 * anywhere) and at most `most_lines` of them: what is left over becomes "...", and goes to `whole`. */
void words_add(Arena *arena, Words *words, Face face, Icon icon, const char *text, int32_t most_w,
               size_t most_lines);

/* A character of UTF-8 at *text, which is moved behind it: U+FFFD for what is no UTF-8, for control
 * characters and for those that turn the direction of text. 0 at the end. */
uint32_t text_next(const char **text);

#endif
