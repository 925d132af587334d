/* What shells complete behind 'dflc', as scripts of theirs: made of the tables that --help is made of. */
#ifndef DFLC_COMPLETIONS_H
#define DFLC_COMPLETIONS_H

#include <stdio.h>

void completions_bash(FILE *out);
void completions_zsh(FILE *out);
void completions_fish(FILE *out);

#endif
