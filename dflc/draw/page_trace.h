/* What a page tells of a trace that is laid over its picture: the data of page_trace.js. */
#ifndef DFLC_DRAW_PAGE_TRACE_H
#define DFLC_DRAW_PAGE_TRACE_H

#include "../json.h"
#include "scene.h"

/* A member "trace":
 *
 *     {"text": "12 runs in run.json, ...",
 *      "ran": {PLACE: {"n": 3, "failed": 1, "open": 1, "ns": 5048, "criticalNs": 2000}},
 *      "taken": {EDGE: {"n": 3, "unsure": true}},
 *      "runs": [{"run": 1, "graph": "support", "ns": 123, "status": "success", "critical": true,
 *                "left": 12, "moments": [MOMENT, ...]}]}
 *
 * where a run of a store's history has a "thread" and no times, and of a place there that stands next or in
 * something of which nothing more is told, "next" is true, or "n" 0;
 *
 * and a MOMENT, of which the first is the begin of the run:
 *
 *     {"t": NS, "kind": "begin", "place": ID, "edges": [ID, ...], "element": 3, "attempt": 2}
 *     {"t": NS, "kind": "end", "place": ID, "edges": [ID, ...], "ns": 5048, "status": "a node failed",
 *      "error": "no fact", "critical": true, "wrote": [[FIELD, JSON TEXT], ...]}
 *     {"t": NS, "kind": "note", "place": ID, "note": "checkpoint 3 saved", "wrote": of a history}
 *
 * Runs have no place. `left`: how many moments more there were than a page holds. */
void page_trace(Json *j, const Scene *scene);

#endif
