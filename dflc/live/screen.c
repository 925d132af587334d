#define _GNU_SOURCE
#include "screen.h"

#ifdef DFLC_CURSES
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "../printable.h"
#include "clock.h"

struct Screen {
    SCREEN *terminal;
    bool is_utf8, has_color;
    int empty_reads; /* in a row: the terminal says that it can be read, and gives nothing */
    struct sigaction before[3];
};

static const int quitting[] = {SIGINT, SIGTERM, SIGHUP};
enum { N_QUITTING = 3, GIVEN_UP = 100 };

/* What a signal handler and exit() can reach: state of the process, as the terminal is. */
static volatile sig_atomic_t is_ended;
static Screen *open_screen;

static void note_end(int number) {
    (void)number;
    is_ended = 1;
}

static void close_at_exit(void) {
    if (open_screen)
        screen_close(open_screen);
}

static void catch_signals(Screen *screen) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_end;
    for (int i = 0; i < N_QUITTING; i++) {
        sigaction(quitting[i], NULL, &screen->before[i]);
        if (screen->before[i].sa_handler != SIG_IGN)
            sigaction(quitting[i], &action, NULL);
    }
}

static void let_signals_go(const Screen *screen) {
    for (int i = 0; i < N_QUITTING; i++)
        sigaction(quitting[i], &screen->before[i], NULL);
}

static bool wants_color(void) {
    const char *no_color = getenv("NO_COLOR");
    return !(no_color && *no_color) && has_colors() && start_color() == OK &&
           use_default_colors() == OK && init_pair(1, COLOR_GREEN, -1) == OK &&
           init_pair(2, COLOR_RED, -1) == OK;
}

static void set_up(void) {
    cbreak();
    noecho();
    nonl();
    curs_set(0);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
}

Screen *screen_open(void) {
    Screen *screen;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return NULL;
    setlocale(LC_CTYPE, "");
    screen = calloc(1, sizeof *screen);
    if (!screen)
        return NULL;
    catch_signals(screen);
    screen->terminal = newterm(NULL, stdout, stdin);
    if (!screen->terminal) {
        let_signals_go(screen);
        free(screen);
        return NULL;
    }
    if (!open_screen)
        atexit(close_at_exit);
    open_screen = screen;
    screen->is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    set_up();
    screen->has_color = wants_color();
    return screen;
}

void screen_close(Screen *screen) {
    if (!screen)
        return;
    open_screen = NULL;
    endwin();
    delscreen(screen->terminal);
    let_signals_go(screen);
    free(screen);
}

/* ---- drawing ---- */

int screen_rows(const Screen *screen) {
    (void)screen;
    return LINES;
}

int screen_columns(const Screen *screen) {
    (void)screen;
    return COLS;
}

void screen_begin(Screen *screen) {
    (void)screen;
    erase();
}

static attr_t attribute(const Screen *screen, Style style) {
    static const attr_t plain[] = {A_NORMAL, A_BOLD, A_DIM, A_REVERSE, A_NORMAL, A_BOLD};
    attr_t attr = plain[style];
    if (screen->has_color && style == STYLE_GOOD)
        attr |= (attr_t)COLOR_PAIR(1);
    if (screen->has_color && style == STYLE_BAD)
        attr |= (attr_t)COLOR_PAIR(2);
    return attr;
}

/* Bytes of the character at `text`, and the columns that it takes; *shown is what to draw for it. */
static size_t next_cell(const Screen *screen, const char *text, const char **shown, size_t *n,
                        int *columns) {
    size_t bytes = utf8_bytes(text, strlen(text));
    uint32_t code = bytes ? utf8_code(text, bytes) : 0;
    int width = bytes == 1 ? 1 : bytes && screen->is_utf8 ? wcwidth((wchar_t)code) : 0;
    bool is_drawn = bytes && width > 0 && !is_steering(code);
    *shown = is_drawn ? text : "?";
    *n = is_drawn ? bytes : 1;
    *columns = is_drawn ? width : 1;
    return bytes ? bytes : 1;
}

/* What of a text fits into some columns; how many it takes. */
static int fit(const Screen *screen, const char *text, int room, char *to, size_t cap) {
    int used = 0;
    size_t at = 0;
    while (*text) {
        const char *shown;
        size_t n;
        int columns;
        text += next_cell(screen, text, &shown, &n, &columns);
        if (used + columns > room || at + n >= cap)
            break;
        memcpy(to + at, shown, n);
        at += n;
        used += columns;
    }
    to[at] = '\0';
    return used;
}

void screen_text(Screen *screen, int row, int column, int room, bool is_right, Style style,
                 const char *text) {
    char fitted[2048];
    int used;
    if (row < 0 || row >= LINES || column < 0 || column >= COLS)
        return;
    room = room < COLS - column ? room : COLS - column;
    used = fit(screen, text, room, fitted, sizeof fitted);
    attrset((int)attribute(screen, style));
    mvaddstr(row, is_right ? column + room - used : column, fitted);
    attrset(A_NORMAL);
}

void screen_fill(Screen *screen, int row, Style style) {
    if (row < 0 || row >= LINES)
        return;
    attrset((int)attribute(screen, style));
    mvhline(row, 0, ' ', COLS);
    attrset(A_NORMAL);
}

void screen_show(Screen *screen) {
    (void)screen;
    refresh();
}

/* ---- keys ---- */

static int key_of(int key) {
    switch (key) {
    case KEY_RESIZE:
        return SCREEN_RESIZED;
    case KEY_UP:
        return SCREEN_UP;
    case KEY_DOWN:
        return SCREEN_DOWN;
    case KEY_PPAGE:
        return SCREEN_PAGE_UP;
    case KEY_NPAGE:
        return SCREEN_PAGE_DOWN;
    case KEY_HOME:
        return SCREEN_HOME;
    case KEY_END:
        return SCREEN_END;
    case KEY_ENTER:
    case '\r':
    case '\n':
        return SCREEN_ENTER;
    case KEY_BACKSPACE:
    case 0x7f:
    case '\b':
        return SCREEN_BACKSPACE;
    case 0x1b:
        return SCREEN_ESCAPE;
    default:
        return key > 0 && key < 256 ? key : SCREEN_NO_KEY;
    }
}

static int ms_until(int64_t end) {
    int64_t ms = (end - live_now() + 999999) / 1000000;
    return ms < 0 ? 0 : ms > 1000000 ? 1000000 : (int)ms;
}

/* A terminal that is gone can be read at once, and gives nothing. */
static bool is_gone(Screen *screen, short events) {
    if (events & (POLLERR | POLLHUP | POLLNVAL))
        return true;
    screen->empty_reads = events & POLLIN ? screen->empty_reads + 1 : 0;
    return screen->empty_reads > GIVEN_UP;
}

int screen_key(Screen *screen, int fd, int64_t timeout_ns) {
    int64_t end = live_now() + timeout_ns;
    for (;;) {
        struct pollfd both[] = {{STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}};
        int key = is_ended ? ERR : getch(), n;
        if (key != ERR && key_of(key) != SCREEN_NO_KEY) {
            screen->empty_reads = 0;
            return key_of(key);
        }
        n = is_ended ? 0 : poll(both, fd < 0 ? 1 : 2, ms_until(end));
        if (is_ended || (n > 0 && is_gone(screen, both[0].revents)))
            return SCREEN_QUIT;
        if (n > 0 && fd >= 0 && both[1].revents)
            return SCREEN_NO_KEY;
        if (n <= 0 && live_now() >= end && !(n < 0 && errno == EINTR))
            return SCREEN_NO_KEY;
    }
}

#else /* without ncurses there is never a screen */

#include <stddef.h>

Screen *screen_open(void) {
    return NULL;
}

void screen_close(Screen *screen) {
    (void)screen;
}

int screen_rows(const Screen *screen) {
    (void)screen;
    return 0;
}

int screen_columns(const Screen *screen) {
    (void)screen;
    return 0;
}

void screen_begin(Screen *screen) {
    (void)screen;
}

void screen_text(Screen *screen, int row, int column, int room, bool is_right, Style style,
                 const char *text) {
    (void)screen, (void)row, (void)column, (void)room, (void)is_right, (void)style, (void)text;
}

void screen_fill(Screen *screen, int row, Style style) {
    (void)screen, (void)row, (void)style;
}

void screen_show(Screen *screen) {
    (void)screen;
}

int screen_key(Screen *screen, int fd, int64_t timeout_ns) {
    (void)screen, (void)fd, (void)timeout_ns;
    return SCREEN_QUIT;
}

#endif
