/* Between the files of 'dflc top'. */
#ifndef DFLC_TOP_TOP_H
#define DFLC_TOP_TOP_H

#include "../live/screen.h"
#include "rows.h"

typedef struct Top {
    TopPrograms programs;
    int64_t interval_ns;
    uint64_t count, looks; /* count 0: without end */
    bool json;
} Top;

/* As many looks as were asked for. */
bool top_is_over(const Top *top);
/* Until somebody quits. */
void top_on_screen(Top *top, Screen *screen);
/* Until there have been enough looks, or nobody reads any more. */
void top_lines(Top *top);

#endif
