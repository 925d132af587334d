/* dflc lsp: serves an editor. */
#include <stdio.h>

#include "cmd.h"

#ifdef DFLC_JANSSON

#include <unistd.h>

#include "lsp/server.h"

int cmd_lsp(const Options *options, const Machine *machine) {
    Server server = {.options = options,
                     .machine = machine,
                     .channel = {.in = STDIN_FILENO, .out = STDOUT_FILENO},
                     .arena = arena_new()};
    documents_init(&server.documents);
    int status = server_run(&server);
    documents_free(&server.documents);
    channel_free(&server.channel);
    arena_free(server.arena);
    return status;
}

#else

int cmd_lsp(const Options *options, const Machine *machine) {
    (void)options;
    (void)machine;
    fprintf(stderr, "dflc: this dflc was built without jansson, which 'dflc lsp' speaks with\n");
    return BAD_USE;
}

#endif
