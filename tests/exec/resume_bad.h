#ifndef RESUME_BAD_H
#define RESUME_BAD_H

#include <stdbool.h>
#include <string.h>

/* The node that fails now. It changes between runs only. */
extern const char *bad_node;

static inline bool is_bad(const char *node) {
    return strcmp(bad_node, node) == 0;
}

#endif
