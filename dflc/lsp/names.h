/* Names of a document, for those who answer what is asked of one. */
#ifndef DFLC_LSP_NAMES_H
#define DFLC_LSP_NAMES_H

#include "index.h"
#include "server.h"

/* Made when it is first asked for. NULL: its file is gone. */
Index *request_index(Request *r, Document *document);
/* The name at the position that is asked for. NULL: there is none, or the
 * request was refused. */
const Occurrence *request_occurrence(Request *r, Document **document);

#endif
