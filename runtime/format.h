/* format.h: printf into room that is there, without the C library where it takes no more than copying. */
#ifndef DFL_FORMAT_H
#define DFL_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* What most formats are: text, and %d, %u, %s and %% as they stand, where `end` leaves room for all of it and a NUL.
 * Where the NUL is; or NULL, with anything in [at, end): another conversion, or no room. By then some of
 * *args are taken, which is no copy: copying what va_start has just written would have to wait for it. */
char *dfl__format_plain(char *at, const char *end, const char *fmt, va_list *args);

/* Writes what vsnprintf would, NUL and cut off at `room` bytes included, and sets *n to the length of all of it. false:
 * the format has something that is left to vsnprintf (floats, precisions of numbers, flags but - and 0, wide
 * characters, a NULL string); then what stands in the room, and `args`, mean nothing. */
bool dfl__format(char *to, size_t room, size_t *n, const char *fmt, va_list args);

#endif
