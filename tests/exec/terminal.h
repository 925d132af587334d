/* terminal.h: a terminal of a test's own, and what was drawn on it. Define _GNU_SOURCE before all headers. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "check.h"

typedef struct Terminal {
    int master;
    FILE *file;         /* the program's end */
    char text[1 << 16]; /* all that was drawn so far */
    size_t n;
} Terminal;

static inline void terminal_open(Terminal *terminal, unsigned short columns) {
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    const char *name;
    terminal->master = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(terminal->master >= 0 && grantpt(terminal->master) == 0 &&
          unlockpt(terminal->master) == 0);
    name = ptsname(terminal->master);
    CHECK(name);
    terminal->file = fdopen(open(name, O_RDWR | O_NOCTTY), "r+");
    CHECK(terminal->file);
    CHECK(ioctl(fileno(terminal->file), TIOCSWINSZ, &size) == 0);
    terminal->n = 0;
    terminal->text[0] = '\0';
}

/* Takes what was drawn since; waits for it up to `ms`. */
static inline bool terminal_take(Terminal *terminal, int ms) {
    struct pollfd from = {.fd = terminal->master, .events = POLLIN};
    ssize_t n;
    if (poll(&from, 1, ms) <= 0)
        return false;
    CHECK(terminal->n + 1 < sizeof terminal->text);
    n = read(terminal->master, terminal->text + terminal->n,
             sizeof terminal->text - 1 - terminal->n);
    terminal->n += n > 0 ? (size_t)n : 0;
    terminal->text[terminal->n] = '\0';
    return n > 0;
}

/* Waits until this was drawn, however long that takes; a program that does not draw it hangs. */
static inline void terminal_wait(Terminal *terminal, const char *text) {
    while (!strstr(terminal->text, text))
        terminal_take(terminal, 1000);
}

static inline void terminal_close(Terminal *terminal) {
    fclose(terminal->file);
    close(terminal->master);
}

/* What is on the screen in the last line but `back`, less the codes of colours: what lies behind the last
 * return to its beginning. */
static inline void terminal_line(const Terminal *terminal, size_t back, char line[1024]) {
    const char *end = terminal->text + terminal->n, *from;
    size_t n = 0;
    while (back-- > 0)
        do
            end--;
        while (end > terminal->text && *end != '\n');
    if (end > terminal->text && end[0] == '\n' && end[-1] == '\r')
        end--;
    for (from = end; from > terminal->text && from[-1] != '\r' && from[-1] != '\n'; from--)
        continue;
    while (from < end && n < 1023) {
        if (*from == '\033')
            from += 2 + strcspn(from + 2, "mK") + 1;
        else
            line[n++] = *from++;
    }
    line[n] = '\0';
}

#endif
