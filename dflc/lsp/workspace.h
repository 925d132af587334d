/* The files of the folders that the editor has open, and of the folder of a
 * document. */
#ifndef DFLC_LSP_WORKSPACE_H
#define DFLC_LSP_WORKSPACE_H

#include "server.h"

typedef struct PathList {
    const char **all; /* real paths */
    size_t n, cap;
} PathList;

/* Those whose names end in one of `ends` (NULL behind the last): first those
 * beside the document, then further down and in the workspace. Hidden folders,
 * node_modules and build are left out; at most some thousands. */
PathList workspace_files(Request *r, const Document *document, const char *const *ends);

/* Where a C function is defined, or else declared, in C and C++ files of the
 * workspace. False: nowhere. */
typedef struct CPlace {
    const char *path;
    const char *text;
    size_t n;
    uint32_t begin, end; /* of the name */
} CPlace;
bool find_c_function(Request *r, const Document *document, const char *name, CPlace *place);

#endif
