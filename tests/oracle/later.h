/* The graphs as a later version of the program has them. */
#ifndef ORACLE_LATER_H
#define ORACLE_LATER_H

#include "model.h"

/* They do what they did; what an earlier version has saved, this one reads. */
void become_later(File *file);

#endif
