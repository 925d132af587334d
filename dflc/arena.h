/* Bump allocation for one compilation.
 *
 * Everything that a stage builds lives until the compilation ends; nothing is freed singly.
 * Out of memory ends the process with exit status 2 and one line on stderr: a compiler has no
 * state worth saving, and no caller that could go on. */
#ifndef DFLC_ARENA_H
#define DFLC_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
/* What every function here does when there is none: also for what else a compilation allocates. */
_Noreturn void arena_out_of_memory(void);

/* n zeroed bytes, aligned for any type. */
void *arena_alloc(Arena *arena, size_t n);
char *arena_strndup(Arena *arena, const char *s, size_t n);
char *arena_printf(Arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *arena, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

#define ARENA_NEW(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define ARENA_ARRAY(arena, T, n) ((T *)arena_alloc((arena), sizeof(T) * (n)))

/* Append to an array that lives in the arena: items, n and cap are lvalues. */
#define ARENA_PUSH(arena, items, n, cap, value)                                                    \
    do {                                                                                           \
        if ((n) == (cap))                                                                          \
            (items) = arena_grow((arena), (items), sizeof *(items), (n), &(cap));                  \
        (items)[(n)++] = (value);                                                                  \
    } while (0)
void *arena_grow(Arena *arena, void *items, size_t item_bytes, size_t n, size_t *cap);

#endif
