/* Between the files of 'dflc store watch'. */
#ifndef DFLC_STORE_WATCH_H
#define DFLC_STORE_WATCH_H

#include "tool.h"
#include "watch_rows.h"

typedef struct Watch {
    Tool *tool;
    WatchRows rows;
    dfl__sums sums;
} Watch;

/* One look, noted in rows and sums; a status of the runtime. */
int watch_look(Watch *watch, void (*each)(void *user, const dfl__change *change), void *user);
/* As many looks as were asked for. */
bool watch_is_over(const Watch *watch);
/* Until somebody quits; a status of the runtime. */
int watch_on_screen(Watch *watch, Screen *screen);

#endif
