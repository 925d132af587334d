#include "diag.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t least(size_t a, size_t b, size_t c) {
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Damerau-Levenshtein, the restricted form: insert, delete, replace, or swap two neighbours. Three
 * rows are enough, since a swap looks two rows back. */
static size_t distance(const char *a, size_t n, const char *b, size_t m) {
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++)
        above[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1, SIZE_MAX);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[m];
}

Nearest nearest_to(const char *name) {
    return (Nearest){name, NULL, SIZE_MAX};
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool differ_in_case(const char *a, const char *b) {
    const char *first = a, *other = b;
    for (; *a && lower(*a) == lower(*b); a++)
        b++;
    return lower(*a) == lower(*b) && strcmp(first, other) != 0;
}

void nearest_try(Nearest *nearest, const char *candidate) {
    if (nearest->best_distance > 1 && differ_in_case(nearest->name, candidate)) {
        nearest->best = candidate;
        nearest->best_distance = 1;
        return;
    }
    size_t n = strlen(nearest->name), m = strlen(candidate);
    if (n > LONGEST || m > LONGEST)
        return;
    size_t longer = n > m ? n : m, allowed = longer / 3;
    if (longer - (n < m ? n : m) > allowed)
        return;
    size_t d = distance(nearest->name, n, candidate, m);
    if (d > 0 && d <= allowed && d < nearest->best_distance) {
        nearest->best = candidate;
        nearest->best_distance = d;
    }
}

const char *nearest_hint(const Nearest *nearest, Arena *arena) {
    if (!nearest->best)
        return "";
    return arena_printf(arena, ", did you mean '%s'?", nearest->best);
}
