/* A model that completes a prompt: lines of a script in turn, or a server that speaks HTTP. */
#ifndef MODEL_H
#define MODEL_H

#include <stddef.h>

struct model;

/* "http://127.0.0.1:8080/completion" (a numeric address: what does names and TLS stands before it), or the path of a script.
 * NULL with errno. */
struct model *model_open(const char *where);
void model_close(struct model *model);

/* The first line of the completion into `text`. 0, or a message. */
const char *model_complete(struct model *model, const char *prompt, char *text, size_t cap);

/* Stands in for a server: answers requests at a free port, whose number it writes to a file, with the lines of the
 * script, until all are said. 0, or -1 with errno. */
int model_serve(const char *port_file, struct model *script);

#endif
