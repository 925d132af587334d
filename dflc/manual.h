/* The part of dflc(1) that follows from the tables of options. */
#ifndef DFLC_MANUAL_H
#define DFLC_MANUAL_H

#include <stdio.h>

/* Commands, options and warnings, as scdoc reads them. */
void manual_options(FILE *out);

#endif
