/* What the editor has open: the text of each document, and what was found out
 * about it. */
#ifndef DFLC_LSP_DOCUMENTS_H
#define DFLC_LSP_DOCUMENTS_H

#include "analysis.h"
#include "text.h"

/* Offsets have 32 bits, and a text is kept a few times. */
enum { MOST_DOCUMENT_BYTES = 256 * 1024 * 1024 };

typedef struct Document {
    char *uri;
    char *path; /* real; of what is no file, its URI */
    int64_t version;
    Arena *arena; /* of the text */
    Text text;
    Analysis *analysis; /* NULL: the text has changed since */
    bool published;     /* the editor knows what is wrong with it */
} Document;

typedef struct Documents {
    FileView view; /* what they are to a file that imports them; first, so that it
                    is the whole */
    Document **all;
    size_t n, cap;
} Documents;

void documents_init(Documents *documents);
void documents_free(Documents *documents);
Document *documents_find(const Documents *documents, const char *uri);
/* By path, which may be any that leads to it. */
Document *documents_at(const Documents *documents, const char *path);
/* A text longer than MOST_DOCUMENT_BYTES is not taken: NULL. */
Document *documents_open(Documents *documents, const char *uri, const char *text, size_t n,
                         bool in_bytes);
void documents_close(Documents *documents, Document *document);
/* Puts n bytes in the place of those between two offsets; false: it would
 * become too long. */
bool document_replace(Document *document, uint32_t begin, uint32_t end, const char *text, size_t n);
/* A file has changed, open or on the disk: those that import others are to be
 * looked at again. */
void documents_forget(Documents *documents);

#endif
