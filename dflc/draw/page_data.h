/* What a page tells of a picture: the data of page.js. */
#ifndef DFLC_DRAW_PAGE_DATA_H
#define DFLC_DRAW_PAGE_DATA_H

#include "../json.h"
#include "scene.h"

/* An object without its braces, as members of the one that is open:
 *
 *     "file": "support.dfl"
 *     "graphs": [{"path": "support/", "name": "support", "node": ID of the node that runs it, or absent,
 *                 "fields": [{"name", "type", "notes": ["in", "merge append"], "in", "out", "starts", "at"}]}]
 *     "places": [{"id", "graph": NUMBER, "region": NUMBER, "kind": "node", "title", "at", "source",
 *                 "signature", "facts": ["cost 4us"], "bindings": [{"child", "fields", "out", "text"}],
 *                 "reads", "writes", "updates", "late": [FIELD, ...], "all": true}]
 *     "edges":  [{"id", "from", "to", "kind": "error", "text", "at"}]
 *     "forks":  [{"id", "section": ID, "region": NUMBER, "to": ID, "join": ID}]
 *
 * `updates` are writes that add to what is there; `late` is read behind them, by guards; `all`: it reads
 * the whole state. `starts`: the field has a value when a run begins. */
void page_data(Json *j, const Scene *scene);

#endif
