/* An event that outlives the call of on_event, with copies of all that was only lent. */
#ifndef DFL_EVENT_COPY_H
#define DFL_EVENT_COPY_H

#include "dfl.h"

typedef struct dfl__event_copy {
    dfl_event event;
    dfl_error error;
    dfl__mem mem;
} dfl__event_copy;

/* False when out of memory: then there is nothing to drop. Handles are copied as pointers. */
bool dfl__event_copy_init(dfl__event_copy *copy, const dfl_event *event);
void dfl__event_copy_drop(dfl__event_copy *copy);

#endif
