/* dflc lsp: a server of the Language Server Protocol 3.17, for one editor.
 *
 *     channel.c      messages: header and body
 *     text.c         lines and UTF-16 characters
 *     uri.c          file: URIs
 *     documents.c    what the editor has open
 *     analysis.c     the stages, for one of them
 *     server.c       the loop, and who answers what
 *     json.c         what answers are made of
 *     tokens.c       a text as tokens
 *     repair.c       a syntax tree of half-written text
 *     files.c        a file with what it imports
 *     declare.c      symbols: all that has a name
 *     occur.c        where each stands
 *     workspace.c    the files of the folders
 *     c_search.c     where C functions are
 *
 * and one file for each thing that is asked: diagnostics.c, outline.c, formatting.c, definition.c,
 * references.c with renaming, hover.c, completion.c, coloring.c.
 *
 * One thread: a message after the other. What was changed is looked at before a request is answered,
 * and when nothing waits to be read, so that a burst of changes is looked at once. Memory: a
 * document's text and what was found out about it have an arena each, which ends with the next
 * change; a request has one for its answer. */
#ifndef DFLC_LSP_SERVER_H
#define DFLC_LSP_SERVER_H

#include <jansson.h>

#include "analysis.h"
#include "channel.h"
#include "documents.h"

/* What the protocol has numbers for. */
enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    INVALID_PARAMS = -32602,
    NOT_INITIALIZED = -32002,
    REQUEST_FAILED = -32803,
};

typedef struct Server {
    const Options *options;
    const Machine *machine;
    Channel channel;
    Documents documents;
    Arena *arena;       /* lives as long as the server */
    const char **roots; /* folders of the workspace */
    size_t n_roots, cap_roots;
    bool initialized, shut_down, ended;
    bool in_bytes;       /* positions are in bytes, not in UTF-16 */
    bool nested_symbols; /* the editor takes a tree of symbols */
} Server;

/* One request: where its answer is made, and why there is none. */
typedef struct Request {
    Server *server;
    Arena *arena;
    const json_t *params;
    int code; /* 0: it is answered */
    const char *why;
} Request;

/* Serves until the editor says 'exit' or goes away. The exit status of the
 * command. */
int server_run(Server *server);
void server_notify(Server *server, const char *method, json_t *params);
/* Answers with an error; returns NULL. */
json_t *refuse(Request *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- json.c ---- */

/* Members by path, "textDocument.uri"; NULL: there is none of this kind. */
const char *json_text(const json_t *of, const char *path);
const json_t *json_member(const json_t *of, const char *path);
bool json_position(const json_t *of, Position *at);
json_t *json_of_position(Position at);
json_t *json_of_range(const Text *text, uint32_t begin, uint32_t end);
/* The same of any source: its lines are counted anew, but for the document's
 * own. */
json_t *json_of_span(Request *r, const Document *document, Span span);
json_t *json_of_location(Request *r, const Document *document, Span span);
/* Not invalid, whatever bytes a file has. */
json_t *json_of_text(const char *s, size_t n);

/* The document that a request is about, looked at; NULL: it was refused. */
Document *request_document(Request *r);
/* Where in it; false: it was refused. */
bool request_offset(Request *r, const Document *document, uint32_t *offset);

/* ---- what is asked, each the result of a request: NULL after refuse() ---- */

json_t *answer_outline(Request *r);
json_t *answer_formatting(Request *r);
json_t *answer_definition(Request *r);
json_t *answer_implementation(Request *r);
json_t *answer_references(Request *r);
json_t *answer_highlight(Request *r);
json_t *answer_prepare_rename(Request *r);
json_t *answer_rename(Request *r);
json_t *answer_hover(Request *r);
json_t *answer_completion(Request *r);
json_t *answer_coloring(Request *r);
json_t *coloring_legend(void);
void publish_diagnostics(Server *server, Document *document);

#endif
