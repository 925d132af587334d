/* A terminal that is drawn over: ncurses, where dflc was built with it; no other file knows of it.
 *
 * Each frame is drawn anew, screen_begin to screen_show; only what differs is sent. Text is drawn as
 * `printable` would have it, and cut where its room ends. The terminal is as it was before when the screen is
 * closed, when the process exits, and while it is stopped. Signals that would end the process (INT, TERM, HUP)
 * are taken for the key that quits. One screen a process, used by one thread. */
#ifndef DFLC_LIVE_SCREEN_H
#define DFLC_LIVE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Screen Screen;

typedef enum Style {
    STYLE_PLAIN,
    STYLE_STRONG,
    STYLE_FAINT,
    STYLE_HEAD, /* reversed */
    STYLE_GOOD, /* these have colours, where there are any and NO_COLOR is not set */
    STYLE_BAD,
} Style;

/* Keys that are no byte of a text. */
enum {
    SCREEN_NO_KEY = 0, /* the time is over, or `fd` can be read */
    SCREEN_QUIT = 256, /* a signal, or there is no terminal any more */
    SCREEN_RESIZED,
    SCREEN_UP,
    SCREEN_DOWN,
    SCREEN_PAGE_UP,
    SCREEN_PAGE_DOWN,
    SCREEN_HOME,
    SCREEN_END,
    SCREEN_ENTER,
    SCREEN_BACKSPACE,
    SCREEN_ESCAPE,
};

/* NULL: standard input or output is no terminal, or one that nobody knows how to draw on, or dflc was built
 * without ncurses. */
Screen *screen_open(void);
void screen_close(Screen *screen);

int screen_rows(const Screen *screen);
int screen_columns(const Screen *screen);
void screen_begin(Screen *screen);
/* At most `room` columns of text at a row and column, both from 0; outside of the screen: nothing. is_right:
 * at the right end of the room. */
void screen_text(Screen *screen, int row, int column, int room, bool is_right, Style style,
                 const char *text);
/* Fills a whole row with a style, under what is drawn after it. */
void screen_fill(Screen *screen, int row, Style style);
void screen_show(Screen *screen);

/* The next key: a byte, or one of the above; SCREEN_NO_KEY when there is none for `timeout_ns`, or when `fd`
 * (-1: none) can be read. */
int screen_key(Screen *screen, int fd, int64_t timeout_ns);

#endif
