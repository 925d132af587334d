/* The colours of a drawing, on light and on dark ground. */
#ifndef DFLC_DRAW_THEME_H
#define DFLC_DRAW_THEME_H

#include <stdbool.h>
#include <stdio.h>

/* The rules of drawing.css with the colours in their place, which every viewer understands: those for
 * light ground, and again for dark ground where the viewer prefers that. traced: with those of a trace. */
void theme_write_plain(FILE *out, bool traced);
/* The colours as variables, and the rules as they are. The ground is as the viewer prefers, or as data-theme of
 * the outermost element says: light or dark. */
void theme_write_variables(FILE *out, bool traced);

#endif
