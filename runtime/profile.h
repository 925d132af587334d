/* What a profile is made of, for event.c. */
#ifndef DFL_PROFILE_H
#define DFL_PROFILE_H

#include "dfl.h"

#define DFL__PROFILE_MASK (DFL_EV_RUN | DFL_EV_NODE | DFL_EV_EDGE | DFL_EV_SECTION)

#endif
