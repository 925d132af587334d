/* Messages over two file descriptors: a header with Content-Length, an empty
 * line, the body. */
#ifndef DFLC_LSP_CHANNEL_H
#define DFLC_LSP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Channel {
    int in, out;
    char *bytes; /* what was read; the next message begins at `begin` */
    size_t begin, end, cap;
    const char *broken; /* what was wrong with what was read; NULL: nothing */
    bool deaf;          /* nobody reads any more */
} Channel;

/* Waits for the next message. body: valid until the next call. False at the end
 * of the input, and where it breaks the protocol (`broken` says how): there is
 * no way to find the next message then. */
bool channel_read(Channel *channel, const char **body, size_t *n);
/* Whether something is there to be read without waiting; also where the input
 * has ended. */
bool channel_is_waiting(const Channel *channel);
void channel_write(Channel *channel, const char *body, size_t n);
void channel_free(Channel *channel);

#endif
