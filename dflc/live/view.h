/* How a long list is looked at: its order, a filter, and which part of it is on the screen. */
#ifndef DFLC_LIVE_VIEW_H
#define DFLC_LIVE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "screen.h"

typedef struct SortKey {
    char key; /* "s" */
    const char *name;
} SortKey;

typedef struct View {
    const SortKey *keys;
    size_t n_keys;
    const char *others; /* "x forget": keys of the caller's, for the foot; or NULL */
    size_t sort;        /* in `keys` */
    bool is_reversed;
    char filter[64]; /* "": all */
    bool is_typing;  /* keys go to the filter */
    bool is_paused;
    bool is_done;
    size_t top;   /* the first that is shown, of those that pass the filter */
    size_t page;  /* how many there is room for; set by whoever draws */
    size_t total; /* that pass the filter; likewise */
} View;

/* Takes a key; true: the picture has changed. */
bool view_key(View *view, int key);
/* Whether a text has the filter in it, in whatever case of ASCII. */
bool view_passes(const View *view, const char *text);
/* The rest of what could be shown was cut off or is gone: `top` is where there is something. */
void view_settle(View *view);

#endif
