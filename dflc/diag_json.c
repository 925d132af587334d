/* One diagnostic a line:
 *
 *     {"severity": "error", "message": "branches 'facts' and 'tone' both write 'notes'",
 *      "file": "review.dfl", "line": 14, "column": 15, "endLine": 14, "endColumn": 20,
 *      "notes": [{"message": "...", "file": "review.dfl", "line": 3, ...}]}
 *
 * Lines and columns count from 1, columns in bytes as in the text form; the end is the first column
 * behind the span. A warning has "warning": its name. What has no place lacks "file" to "endColumn". */
#include "diag_list.h"
#include "json.h"

static void write_place(Json *j, Span at) {
    uint32_t line, column, end_line, end_column;
    if (!at.source)
        return;
    source_position(at.source, at.begin, &line, &column);
    source_position(at.source, at.end, &end_line, &end_column);
    json_string(j, "file", at.source->path);
    json_uint(j, "line", line);
    json_uint(j, "column", column);
    json_uint(j, "endLine", end_line);
    json_uint(j, "endColumn", end_column);
}

static void write_note(Json *j, const Note *note) {
    json_open(j, NULL, '{');
    json_string(j, "message", note->text);
    write_place(j, note->at);
    json_close(j);
}

static void write_diag(FILE *out, const Diag *diag) {
    Json j = {.out = out};
    json_open(&j, NULL, '{');
    json_string(&j, "severity", diag->severity);
    if (diag->warning)
        json_string(&j, "warning", diag->warning);
    json_string(&j, "message", diag->text);
    write_place(&j, diag->at);
    if (diag->also.source) {
        json_open(&j, "also", '{');
        write_place(&j, diag->also);
        json_close(&j);
    }
    json_open(&j, "notes", '[');
    for (size_t i = 0; i < diag->n_notes; i++)
        write_note(&j, &diag->notes[i]);
    json_close(&j);
    json_close(&j);
    fputc('\n', out);
}

void diags_write_json(Diags *diags, FILE *out) {
    size_t n;
    Diag *const *all = diags_take(diags, &n);
    for (size_t i = 0; i < n; i++)
        write_diag(out, all[i]);
}
