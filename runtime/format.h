/* format.h: printf into room that is there, without the C library where it takes no more than copying. */
#ifndef DFL_FORMAT_H
#define DFL_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Writes what vsnprintf would, NUL and cut off at `room` bytes included, and sets *n to the length of all of it. false:
 * the format has something that is left to vsnprintf (floats, precisions of numbers, flags but - and 0, wide
 * characters, a NULL string); then what stands in the room, and `args`, mean nothing. */
bool dfl__format(char *to, size_t room, size_t *n, const char *fmt, va_list args);

#endif
