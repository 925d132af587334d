/* A file that is there whole, or as it was before. */
#ifndef DFL_WHOLE_FILE_H
#define DFL_WHOLE_FILE_H

#include "dfl.h"

/* What `write` writes becomes the file: it is written under another name, which no other process or call
 * has, and then takes its place. DFL_OK; what `write` returned; DFL_ESTORE with errno; or DFL_ENOMEM. */
int dfl__write_whole(const char *path, int (*write)(FILE *out, void *user), void *user);

#endif
