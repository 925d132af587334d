#define _POSIX_C_SOURCE 200809L
#include "units.h"

#include <inttypes.h>
#include <time.h>

static const char *with_unit(Arena *arena, uint64_t value, uint64_t unit, const char *name) {
    uint64_t tenths = (value % unit) * 10 / unit;
    if (value / unit < 10 && tenths > 0)
        return arena_printf(arena, "%" PRIu64 ".%" PRIu64 " %s", value / unit, tenths, name);
    return arena_printf(arena, "%" PRIu64 " %s", value / unit, name);
}

const char *text_of_ns(Arena *arena, int64_t ns) {
    uint64_t value = (uint64_t)ns;
    if (ns < 0)
        return arena_printf(arena, "-%s", text_of_ns(arena, ns == INT64_MIN ? INT64_MAX : -ns));
    if (ns < 1000)
        return with_unit(arena, value, 1, "ns");
    if (ns < 1000000)
        return with_unit(arena, value, 1000, "us");
    if (ns < 1000000000)
        return with_unit(arena, value, 1000000, "ms");
    return with_unit(arena, value, 1000000000, "s");
}

const char *text_of_duration(Arena *arena, int64_t ns) {
    static const struct {
        int64_t ns;
        const char *name;
    } units[] = {{INT64_C(3600000000000), "h"},
                 {INT64_C(60000000000), "m"},
                 {1000000000, "s"},
                 {1000000, "ms"},
                 {1000, "us"},
                 {1, "ns"}};
    size_t i = 0;
    while (ns == 0 ? i < 5 : ns % units[i].ns != 0)
        i++;
    return arena_printf(arena, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
}

const char *text_of_bytes(Arena *arena, uint64_t bytes) {
    if (bytes < 1024)
        return with_unit(arena, bytes, 1, "bytes");
    if (bytes < 1024 * 1024)
        return with_unit(arena, bytes, 1024, "KiB");
    return with_unit(arena, bytes, 1024 * 1024, "MiB");
}

const char *text_of_age(Arena *arena, int64_t ns) {
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};
    uint64_t seconds = ns > 0 ? (uint64_t)ns / 1000000000 : 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (seconds >= 2 * units[i].seconds)
            return arena_printf(arena, "%" PRIu64 " %s", seconds / units[i].seconds, units[i].name);
    return with_unit(arena, ns > 0 ? (uint64_t)ns : 0, 1000000000, "s");
}

const char *text_of_time(Arena *arena, int64_t ns) {
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm utc;
    char text[32];
    if (!gmtime_r(&seconds, &utc) || !strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc))
        return "?";
    return arena_printf(arena, "%s", text);
}
