/* What the nodes of progress_of_runs.dfl wait for: both texts on the terminal. 0. */
#ifndef PROGRESS_SEEN_H
#define PROGRESS_SEEN_H

int seen(void *terminal, const char *text, const char *left);

#endif
