/* An event as a JSON object, for logs: its members have the names that they have in dfl_event. */
#ifndef DFL_EVENT_JSON_H
#define DFL_EVENT_JSON_H

#include "event_pair.h"
#include "json_out.h"

enum { DFL__TIME_TEXT = 48 };

/* "2026-03-01T09:30:00.000123Z", of ns since 1970; returns its length. */
size_t dfl__time_text(char text[DFL__TIME_TEXT], int64_t wall_ns);
/* As an item. wall_ns: when it was, since 1970. */
void dfl__put_event(dfl__json_out *out, const dfl_event *event, int64_t wall_ns);

#endif
