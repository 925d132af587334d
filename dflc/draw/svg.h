/* A scene as SVG. */
#ifndef DFLC_DRAW_SVG_H
#define DFLC_DRAW_SVG_H

#include <stdio.h>

#include "scene.h"

/* The whole element; with its colours unless it stands in a page that has them. */
void svg_write(const Scene *scene, bool in_page, FILE *out);

/* Text of XML: what is markup becomes entities. */
void xml_text(FILE *out, const char *text);

/* What the elements of places and edges are called, in a graph of the path "support/research/":
 *
 *     support/research/plan   support/start   support/choice.7   support/section.1
 *     support/research/plan>2       the second edge of that node
 */
const char *id_of_place(Arena *arena, const Drawn *g, const Place *place);
const char *id_of_link(Arena *arena, const Drawn *g, const Link *link);

#endif
