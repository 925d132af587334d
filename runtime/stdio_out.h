/* Writing to a FILE of the program's. */
#ifndef DFL_STDIO_OUT_H
#define DFL_STDIO_OUT_H

#include <stdio.h>

/* Both go on after a signal, which stdio does not. 0, or errno. */
int dfl__stdio_write(FILE *file, const void *p, size_t n);
int dfl__stdio_flush(FILE *file);

#endif
