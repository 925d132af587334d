#include "overlay.h"

/* The last of the branches, or chunks, that ended by `until` on that track; any track: -1. */
static Part *latest(Part *section, int64_t until, int64_t track, const Part *not_this) {
    Part *found = NULL;
    for (Part *part = section->first; part; part = part->next)
        if (part->ended && part != not_this && !part->critical && part->end_ns <= until &&
            (track < 0 || part->track == track) && (!found || part->end_ns > found->end_ns))
            found = part;
    return found;
}

static void mark_all(Part *part);

/* Branches that wait for a thread wait for what it does. */
static void mark_section(Part *section) {
    Part *part = latest(section, INT64_MAX, -1, NULL);
    while (part) {
        mark_all(part);
        part = latest(section, part->begin_ns, part->track, part);
    }
}

/* How deep sections and graphs nest is bounded by the parser and by sema. */
static void mark_all(Part *part) {
    part->critical = true;
    if (part->kind == PART_SECTION) {
        mark_section(part);
        return;
    }
    for (Part *inner = part->first; inner; inner = inner->next)
        mark_all(inner);
}

void critical_mark(Part *run) {
    mark_all(run);
}
