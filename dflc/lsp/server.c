#define _POSIX_C_SOURCE 200809L
#include "server.h"

#include <signal.h>
#include <string.h>

#include "dflc/version.h"
#include "uri.h"

/* ---- what is said ---- */

static void send_message(Server *server, json_t *message) {
    char *text = json_dumps(message, JSON_COMPACT);
    if (text)
        channel_write(&server->channel, text, strlen(text));
    free(text);
    json_decref(message);
}

void server_notify(Server *server, const char *method, json_t *params) {
    send_message(
        server, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

static void send_result(Server *server, json_t *id, json_t *result) {
    send_message(server,
                 json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

static void send_error(Server *server, json_t *id, int code, const char *why) {
    json_t *null = json_null();
    send_message(server,
                 json_pack("{s:s, s:O, s:{s:i, s:o}}", "jsonrpc", "2.0", "id", id ? id : null,
                           "error", "code", code, "message", json_of_text(why, strlen(why))));
}

/* ---- beginning and end ---- */

static void add_root(Server *server, const char *uri) {
    const char *path = uri ? uri_path(server->arena, uri) : NULL;
    if (path)
        ARENA_PUSH(server->arena, server->roots, server->n_roots, server->cap_roots,
                   path_real(server->arena, path));
}

static void find_roots(Server *server, const json_t *params) {
    const json_t *folders = json_member(params, "workspaceFolders");
    size_t i;
    json_t *folder;
    json_array_foreach(folders, i, folder) add_root(server, json_text(folder, "uri"));
    if (server->n_roots == 0)
        add_root(server, json_text(params, "rootUri"));
}

/* UTF-16 is what every editor knows; bytes are taken where the editor would
 * rather have them. */
static void choose_encoding(Server *server, const json_t *params) {
    const json_t *all = json_member(params, "capabilities.general.positionEncodings");
    const char *first = json_string_value(json_array_get(all, 0));
    server->in_bytes = first && strcmp(first, "utf-8") == 0;
}

static json_t *capabilities(const Server *server) {
    enum { INCREMENTAL = 2 };
    json_t *can = json_pack("{s:s, s:{s:b, s:i, s:{s:b}}}", "positionEncoding",
                            server->in_bytes ? "utf-8" : "utf-16", "textDocumentSync", "openClose",
                            1, "change", INCREMENTAL, "save", "includeText", 0);
    static const char *const plain[] = {
        "documentSymbolProvider", "documentFormattingProvider", "definitionProvider",
        "implementationProvider", "referencesProvider",         "documentHighlightProvider",
        "hoverProvider",
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        json_object_set_new(can, plain[i], json_true());
    json_object_set_new(can, "renameProvider", json_pack("{s:b}", "prepareProvider", 1));
    json_object_set_new(can, "completionProvider",
                        json_pack("{s:[s, s, s]}", "triggerCharacters", ".", ">", ":"));
    json_object_set_new(can, "semanticTokensProvider",
                        json_pack("{s:o, s:b}", "legend", coloring_legend(), "full", 1));
    return can;
}

static json_t *answer_initialize(Request *r) {
    Server *server = r->server;
    if (server->initialized)
        return refuse(r, INVALID_REQUEST, "it is initialized already");
    server->initialized = true;
    server->nested_symbols =
        json_is_true(json_member(r->params, "capabilities.textDocument.documentSymbol."
                                            "hierarchicalDocumentSymbolSupport"));
    choose_encoding(server, r->params);
    find_roots(server, r->params);
    return json_pack("{s:o, s:{s:s, s:s}}", "capabilities", capabilities(server), "serverInfo",
                     "name", "dflc", "version", DFLC_VERSION);
}

static json_t *answer_shutdown(Request *r) {
    r->server->shut_down = true;
    return json_null();
}

/* ---- documents ---- */

static void take_open(Server *server, const json_t *params) {
    const char *uri = json_text(params, "textDocument.uri");
    const json_t *text = json_member(params, "textDocument.text");
    if (!uri || !json_is_string(text))
        return;
    documents_forget(&server->documents);
    Document *document = documents_open(&server->documents, uri, json_string_value(text),
                                        json_string_length(text), server->in_bytes);
    if (document)
        document->version = json_integer_value(json_member(params, "textDocument.version"));
}

/* False: the document is not what the editor has any more. */
static bool apply_change(Document *document, const json_t *change) {
    const json_t *text = json_member(change, "text"), *range = json_member(change, "range");
    Position start, end;
    uint32_t from = 0, to = (uint32_t)document->text.n;
    if (!json_is_string(text))
        return false;
    if (range) {
        if (!json_position(json_member(range, "start"), &start) ||
            !json_position(json_member(range, "end"), &end))
            return false;
        from = text_offset(&document->text, start);
        to = text_offset(&document->text, end);
    }
    return from <= to &&
           document_replace(document, from, to, json_string_value(text), json_string_length(text));
}

static void lose(Server *server, Document *document) {
    enum { ERROR = 1 };
    Arena *scratch = arena_new();
    const char *text =
        arena_printf(scratch, "a change of %s makes no sense; open it anew", document->uri);
    server_notify(server, "window/showMessage",
                  json_pack("{s:i, s:s}", "type", ERROR, "message", text));
    documents_close(&server->documents, document);
    arena_free(scratch);
}

static void take_change(Server *server, const json_t *params) {
    const char *uri = json_text(params, "textDocument.uri");
    Document *document = uri ? documents_find(&server->documents, uri) : NULL;
    size_t i;
    json_t *change;
    if (!document)
        return;
    documents_forget(&server->documents);
    json_array_foreach(json_member(params, "contentChanges"), i,
                       change) if (!apply_change(document, change)) {
        lose(server, document);
        return;
    }
    document->version = json_integer_value(json_member(params, "textDocument.version"));
}

/* What it was said of it is taken back. */
static void take_close(Server *server, const json_t *params) {
    const char *uri = json_text(params, "textDocument.uri");
    Document *document = uri ? documents_find(&server->documents, uri) : NULL;
    if (!document)
        return;
    server_notify(server, "textDocument/publishDiagnostics",
                  json_pack("{s:s, s:[]}", "uri", uri, "diagnostics"));
    documents_close(&server->documents, document);
    documents_forget(&server->documents);
}

/* Files of the disk have changed, which documents may import. */
static void take_files(Server *server, const json_t *params) {
    (void)params;
    documents_forget(&server->documents);
}

static void take_exit(Server *server, const json_t *params) {
    (void)params;
    server->ended = true;
}

/* ---- who answers what ---- */

static const struct {
    const char *method;
    json_t *(*answer)(Request *r);
} requests[] = {
    {"initialize", answer_initialize},
    {"shutdown", answer_shutdown},
    {"textDocument/documentSymbol", answer_outline},
    {"textDocument/formatting", answer_formatting},
    {"textDocument/definition", answer_definition},
    {"textDocument/implementation", answer_implementation},
    {"textDocument/references", answer_references},
    {"textDocument/documentHighlight", answer_highlight},
    {"textDocument/prepareRename", answer_prepare_rename},
    {"textDocument/rename", answer_rename},
    {"textDocument/hover", answer_hover},
    {"textDocument/completion", answer_completion},
    {"textDocument/semanticTokens/full", answer_coloring},
};
enum { N_REQUESTS = sizeof requests / sizeof *requests };

static const struct {
    const char *method;
    void (*take)(Server *server, const json_t *params);
} notifications[] = {
    {"exit", take_exit},
    {"textDocument/didOpen", take_open},
    {"textDocument/didChange", take_change},
    {"textDocument/didClose", take_close},
    {"textDocument/didSave", take_files},
    {"workspace/didChangeWatchedFiles", take_files},
};
enum { N_NOTIFICATIONS = sizeof notifications / sizeof *notifications };

/* Looks at one document that has changed, and says what is wrong with it;
 * false: none has. */
static bool publish_one(Server *server) {
    for (size_t i = 0; i < server->documents.n; i++) {
        Document *document = server->documents.all[i];
        if (document->published)
            continue;
        json_t *params = json_pack("{s:{s:s}}", "textDocument", "uri", document->uri);
        Request r = {.server = server, .arena = arena_new(), .params = params};
        if (request_document(&r))
            publish_diagnostics(server, document);
        arena_free(r.arena);
        json_decref(params);
        return true;
    }
    return false;
}

static void answer(Server *server, json_t *id, const char *method, const json_t *params) {
    Request r = {.server = server, .arena = arena_new(), .params = params};
    json_t *result = NULL;
    size_t i = 0;
    while (i < N_REQUESTS && strcmp(requests[i].method, method) != 0)
        i++;
    if (server->shut_down)
        refuse(&r, INVALID_REQUEST, "it has been shut down");
    else if (!server->initialized && strcmp(method, "initialize") != 0)
        refuse(&r, NOT_INITIALIZED, "it is not initialized yet");
    else if (i == N_REQUESTS)
        refuse(&r, METHOD_NOT_FOUND, "there is no method '%s'", method);
    else
        result = requests[i].answer(&r);
    if (r.code) {
        json_decref(result);
        send_error(server, id, r.code, r.why);
    } else {
        send_result(server, id, result ? result : json_null());
    }
    arena_free(r.arena);
}

static void take(Server *server, const char *method, const json_t *params) {
    for (size_t i = 0; i < N_NOTIFICATIONS; i++)
        if (strcmp(notifications[i].method, method) == 0 &&
            (server->initialized || notifications[i].take == take_exit))
            notifications[i].take(server, params);
}

static void handle(Server *server, const char *body, size_t n) {
    json_error_t error;
    json_t *message = json_loadb(body, n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    const char *method = json_text(message, "method");
    json_t *id = json_object_get(message, "id");
    if (!message)
        send_error(server, NULL, PARSE_ERROR, error.text);
    else if (!method && !id)
        send_error(server, NULL, INVALID_REQUEST, "it is no message");
    else if (!method)
        ; /* an answer: nothing was asked */
    else if (!id)
        take(server, method, json_member(message, "params"));
    else if (!json_is_integer(id) && !json_is_string(id))
        send_error(server, NULL, INVALID_REQUEST, "an id is a number or a string");
    else {
        while (publish_one(server))
            ;
        answer(server, id, method, json_member(message, "params"));
    }
    json_decref(message);
}

int server_run(Server *server) {
    const char *body;
    size_t n;
    signal(SIGPIPE, SIG_IGN);
    while (!server->ended && !server->channel.deaf) {
        if (!channel_is_waiting(&server->channel) && publish_one(server))
            continue;
        if (!channel_read(&server->channel, &body, &n))
            break;
        handle(server, body, n);
    }
    if (server->channel.broken)
        fprintf(stderr, "dflc: %s\n", server->channel.broken);
    return server->channel.broken ? 2 : server->ended && server->shut_down ? 0 : 1;
}
