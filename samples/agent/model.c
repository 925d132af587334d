/* model.c: see model.h. The server's form is that of llama.cpp: {"prompt": ...} brings {"content": ...}. */
#define _POSIX_C_SOURCE 200809L
#include "model.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { LINE = 512, MESSAGE = 65536, TIMEOUT_S = 30 };

struct model {
    FILE *script; /* or: */
    struct sockaddr_in at;
    char path[128];
};

struct model *model_open(const char *where) {
    struct model *model = calloc(1, sizeof *model);
    char host[64];
    unsigned port;
    if (!model)
        return NULL;
    if (sscanf(where, "http://%63[0-9.]:%u%127s", host, &port, model->path) == 3) {
        model->at.sin_family = AF_INET;
        model->at.sin_port = htons((uint16_t)port);
        if (inet_pton(AF_INET, host, &model->at.sin_addr) == 1)
            return model;
        errno = EINVAL;
    } else if ((model->script = fopen(where, "r"))) {
        return model;
    }
    free(model);
    return NULL;
}

void model_close(struct model *model) {
    if (model && model->script)
        fclose(model->script);
    free(model);
}

/* ---- JSON, as far as it is needed ---- */

static void put_string(FILE *to, const char *text) {
    putc('"', to);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            fprintf(to, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(to, "\\u%04x", (unsigned)*text);
        else
            putc(*text, to);
    putc('"', to);
}

/* The first line of the member's string; false when there is none. */
static int get_string(const char *json, const char *member, char *text, size_t cap) {
    char key[64];
    size_t n = 0;
    snprintf(key, sizeof key, "\"%s\":", member);
    if (!(json = strstr(json, key)))
        return 0;
    json += strlen(key);
    json += strspn(json, " \t\r\n");
    if (*json++ != '"')
        return 0;
    for (; *json && *json != '"' && n + 1 < cap; json++) {
        if (*json == '\\' && *++json == 'n')
            break;
        text[n++] = *json;
    }
    text[n] = '\0';
    return 1;
}

/* ---- HTTP ---- */

static int send_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        bytes += sent;
        n -= (size_t)sent;
    }
    return 0;
}

static int send_json(int fd, const char *first_line, const char *member, const char *text) {
    char *body = NULL, *message = NULL;
    size_t n = 0, body_n = 0;
    FILE *to = open_memstream(&body, &body_n);
    int rc = -1;
    if (to) {
        fprintf(to, "{\"%s\": ", member);
        put_string(to, text);
        fprintf(to, ", \"n_predict\": 64}");
        fclose(to);
        if ((to = open_memstream(&message, &n))) {
            fprintf(to, "%s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                    first_line, body_n, body);
            fclose(to);
            rc = send_all(fd, message, n);
        }
    }
    free(body);
    free(message);
    return rc;
}

/* Head and body; of a head without a length, what comes until the end. */
static int receive(int fd, char *message, size_t cap) {
    size_t n = 0, want = cap - 1;
    while (n < want) {
        ssize_t got = recv(fd, message + n, want - n, 0);
        const char *body, *length;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        message[n += (size_t)got] = '\0';
        body = strstr(message, "\r\n\r\n");
        length = strstr(message, "Content-Length: ");
        if (body && length && length < body) {
            size_t whole = (size_t)(body + 4 - message) + strtoul(length + 16, NULL, 10);
            want = whole < cap ? whole : cap - 1;
        }
    }
    message[n] = '\0';
    return 0;
}

static const char *ask_server(const struct model *model, const char *prompt, char *text, size_t cap) {
    static const struct timeval patience = {TIMEOUT_S, 0};
    char first[192], message[MESSAGE];
    const char *why = NULL;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    snprintf(first, sizeof first, "POST %s HTTP/1.1\r\nHost: model", model->path);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&model->at, sizeof model->at) != 0)
        why = "cannot connect to the model";
    else if (send_json(fd, first, "prompt", prompt) != 0 || receive(fd, message, sizeof message) != 0)
        why = "the model hung up";
    else if (strncmp(message, "HTTP/1.1 200", 12) != 0 || !get_string(message, "content", text, cap))
        why = "the model's answer is no completion";
    if (fd >= 0)
        close(fd);
    return why;
}

/* ---- both ---- */

const char *model_complete(struct model *model, const char *prompt, char *text, size_t cap) {
    if (!model->script)
        return ask_server(model, prompt, text, cap);
    if (!fgets(text, (int)cap, model->script))
        return "the script is over";
    text[strcspn(text, "\n")] = '\0';
    return NULL;
}

/* In one step, so that nobody reads half of the number. */
static int tell_port(const char *file, unsigned port) {
    char fresh[256];
    FILE *to;
    snprintf(fresh, sizeof fresh, "%s.new", file);
    if (!(to = fopen(fresh, "w")))
        return -1;
    fprintf(to, "%u\n", port);
    return fclose(to) == 0 ? rename(fresh, file) : -1;
}

int model_serve(const char *port_file, struct model *script) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    char message[MESSAGE], text[LINE];
    int fd = socket(AF_INET, SOCK_STREAM, 0), client;
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4) ||
        getsockname(fd, (struct sockaddr *)&at, &n) || tell_port(port_file, ntohs(at.sin_port)))
        return -1;
    while (!model_complete(script, "", text, sizeof text) && (client = accept(fd, NULL, NULL)) >= 0) {
        if (receive(client, message, sizeof message) == 0)
            send_json(client, "HTTP/1.1 200 OK", "content", text);
        close(client);
    }
    close(fd);
    return 0;
}
