/* A scene as one HTML file that needs nothing else: the picture, what it tells on a click, and a search. */
#ifndef DFLC_DRAW_HTML_H
#define DFLC_DRAW_HTML_H

#include <stdio.h>

#include "scene.h"

/* False when there was no memory. */
bool html_write(const Scene *scene, FILE *out);

#endif
