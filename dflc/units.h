/* Times and sizes for people: "12 us", "1.5 ms"; "64 KiB", "1.5 MiB". */
#ifndef DFLC_UNITS_H
#define DFLC_UNITS_H

#include <stdint.h>

#include "arena.h"

/* Rounded down, to one decimal below ten of a unit. ns may be negative. */
const char *text_of_ns(Arena *arena, int64_t ns);
/* As the language writes it, exactly: "24h", "1500ms". ns >= 0 */
const char *text_of_duration(Arena *arena, int64_t ns);
/* How long ago something was: "0.4 s", "90 s", "15 min", "30 h", "4 d"; never less than 0. */
const char *text_of_age(Arena *arena, int64_t ns);
/* "2026-01-31 12:00:00", UTC, of ns since 1970. */
const char *text_of_time(Arena *arena, int64_t ns);
const char *text_of_bytes(Arena *arena, uint64_t bytes);

#endif
