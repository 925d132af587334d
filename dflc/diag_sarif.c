/* SARIF 2.1.0 (OASIS): what code hosts and editors read.
 *
 * One run, whose rules are the warnings by name and, first, "error" for what the language does not
 * allow. A diagnostic is a result; its notes are relatedLocations. Columns count characters. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "diag_list.h"
#include "json.h"
#include "version.h"

struct Sarif {
    Json results;
    char *text;
    size_t n;
};

/* What the results become members of: their text is kept until the log is written. */
enum { RESULTS_DEPTH = 4 };

Sarif *sarif_new(Arena *arena) {
    Sarif *sarif = ARENA_NEW(arena, Sarif);
    sarif->results.lines = true;
    sarif->results.depth = RESULTS_DEPTH;
    sarif->results.out = open_memstream(&sarif->text, &sarif->n);
    if (!sarif->results.out) {
        fputs("dflc: out of memory\n", stderr);
        exit(2);
    }
    return sarif;
}

/* ---- places ---- */

/* A path as a relative reference of RFC 3986. */
static void write_uri(Json *j, const char *path) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~/";
    char *uri = malloc(strlen(path) * 3 + 1), *u = uri;
    for (; uri && *path; path++)
        if (strchr(plain, *path))
            *u++ = *path;
        else
            u += snprintf(u, 4, "%%%02X", (unsigned)(unsigned char)*path);
    json_string_n(j, "uri", uri ? uri : "", (size_t)(u - uri));
    free(uri);
}

/* Columns in characters. */
static uint32_t column_of(const Source *source, uint32_t offset, uint32_t *line) {
    uint32_t bytes, column = 1;
    source_position(source, offset, line, &bytes);
    for (uint32_t i = offset - (bytes - 1); i < offset; i++)
        column += ((unsigned char)source->text[i] & 0xc0) != 0x80;
    return column;
}

static void write_region(Json *j, Span at) {
    uint32_t line, end_line;
    uint32_t column = column_of(at.source, at.begin, &line);
    uint32_t end_column = column_of(at.source, at.end, &end_line);
    json_open_flat(j, "region", '{');
    json_uint(j, "startLine", line);
    json_uint(j, "startColumn", column);
    json_uint(j, "endLine", end_line);
    json_uint(j, "endColumn", end_column);
    json_close(j);
}

static void write_physical(Json *j, Span at) {
    json_open(j, "physicalLocation", '{');
    json_open_flat(j, "artifactLocation", '{');
    write_uri(j, at.source->path);
    json_close(j);
    write_region(j, at);
    json_close(j);
}

static void write_message(Json *j, const char *text) {
    json_open_flat(j, "message", '{');
    json_string(j, "text", text);
    json_close(j);
}

/* ---- results ---- */

static size_t rule_of(const Diag *diag) {
    size_t i = 1;
    if (!diag->warning)
        return 0;
    while (diag_warning_name(i - 1) && strcmp(diag_warning_name(i - 1), diag->warning) != 0)
        i++;
    return i;
}

static void write_related(Json *j, const Diag *diag) {
    json_open(j, "relatedLocations", '[');
    for (size_t i = 0; i < diag->n_notes; i++) {
        json_open(j, NULL, '{');
        json_uint(j, "id", i + 1);
        if (diag->notes[i].at.source)
            write_physical(j, diag->notes[i].at);
        write_message(j, diag->notes[i].text);
        json_close(j);
    }
    json_close(j);
}

static void write_result(Json *j, const Diag *diag) {
    json_open(j, NULL, '{');
    json_string(j, "ruleId", diag->warning ? diag->warning : "error");
    json_uint(j, "ruleIndex", rule_of(diag));
    json_string(j, "level", diag->is_error ? "error" : "warning");
    write_message(j, diag->text);
    if (diag->at.source) {
        json_open(j, "locations", '[');
        json_open(j, NULL, '{');
        write_physical(j, diag->at);
        json_close(j);
        json_close(j);
    }
    if (diag->n_notes)
        write_related(j, diag);
    json_close(j);
}

void sarif_add(Sarif *sarif, Diags *diags) {
    size_t n;
    Diag *const *all = diags_take(diags, &n);
    for (size_t i = 0; i < n; i++)
        write_result(&sarif->results, all[i]);
}

/* ---- the log ---- */

static void write_rule(Json *j, const char *id, const char *text, const char *level) {
    json_open(j, NULL, '{');
    json_string(j, "id", id);
    json_open_flat(j, "shortDescription", '{');
    json_string(j, "text", text);
    json_close(j);
    json_open_flat(j, "defaultConfiguration", '{');
    json_string(j, "level", level);
    json_close(j);
    json_close(j);
}

/* The same order as rule_of. */
static void write_rules(Json *j) {
    json_open(j, "rules", '[');
    write_rule(j, "error", "what the language does not allow", "error");
    for (size_t i = 0; diag_warning_name(i); i++)
        write_rule(j, diag_warning_name(i), diag_warning_help(i), "warning");
    json_close(j);
}

static void write_tool(Json *j) {
    json_open(j, "tool", '{');
    json_open(j, "driver", '{');
    json_string(j, "name", "dflc");
    json_string(j, "version", DFLC_VERSION);
    write_rules(j);
    json_close(j);
    json_close(j);
}

static void write_invocation(Json *j, int exit_status) {
    json_open(j, "invocations", '[');
    json_open_flat(j, NULL, '{');
    json_bool(j, "executionSuccessful", exit_status < 2);
    json_int(j, "exitCode", exit_status);
    json_close(j);
    json_close(j);
}

void sarif_write(Sarif *sarif, FILE *out, int exit_status) {
    Json j = {.out = out, .lines = true};
    fclose(sarif->results.out);
    json_open(&j, NULL, '{');
    json_string(&j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_string(&j, "version", "2.1.0");
    json_open(&j, "runs", '[');
    json_open(&j, NULL, '{');
    write_tool(&j);
    write_invocation(&j, exit_status);
    json_string(&j, "columnKind", "unicodeCodePoints");
    json_raw(&j, "results", "[");
    fwrite(sarif->text, 1, sarif->n, out);
    fputs(sarif->n ? "\n      ]" : "]", out);
    json_close(&j);
    json_close(&j);
    json_close(&j);
    fputc('\n', out);
    free(sarif->text);
}
