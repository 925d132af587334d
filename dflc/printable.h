/* Text that others wrote, on its way to a terminal: names and messages may hold what would move its cursor,
 * change its title or turn the direction of what follows. */
#ifndef DFLC_PRINTABLE_H
#define DFLC_PRINTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* Bytes of the UTF-8 character at s, of which `left` bytes may be read; 0 when it is none. */
size_t utf8_bytes(const char *s, size_t left);
/* The character that stands there in n bytes. */
uint32_t utf8_code(const char *s, size_t n);
/* Whether a character is a control code, of C0 or C1. */
bool is_control(uint32_t code);
/* Whether it steers how others are shown: a control code, a break of the line, what changes the direction, and
 * what takes no room. */
bool is_steering(uint32_t code);

/* A copy in which each byte that is no UTF-8, and each character that steers, is '?'. */
const char *printable(Arena *arena, const char *text);

#endif
