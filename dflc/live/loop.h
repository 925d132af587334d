/* What is looked at again and again, and drawn. */
#ifndef DFLC_LIVE_LOOP_H
#define DFLC_LIVE_LOOP_H

#include "screen.h"
#include "view.h"

typedef struct Loop {
    Screen *screen;
    View *view;
    int64_t interval_ns;
    void *user;
    /* false: that was the last one */
    bool (*look)(void *user);
    bool (*draw)(void *user);
    /* A key that the view has no use for; NULL: there is none. True: the picture has changed. */
    bool (*key)(void *user, int key);
} Loop;

/* Until somebody quits, or a call says so. Keys are answered at once. While the view is held nothing is looked at,
 * and only ages change. */
void live_loop(const Loop *loop);

#endif
