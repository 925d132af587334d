#include "table.h"

#include <string.h>

void table_cell(Table *table, const char *text) {
    if (table->row.n < TABLE_COLUMNS)
        table->row.cells[table->row.n++] = text;
}

void table_end_row(Table *table) {
    ARENA_PUSH(table->arena, table->rows, table->n, table->cap, table->row);
    table->row = (TableRow){.n = 0};
}

static int width_of(const Table *table, size_t column) {
    size_t width = 0;
    for (size_t i = 0; i < table->n; i++) {
        const TableRow *row = &table->rows[i];
        size_t n = column < row->n ? strlen(row->cells[column]) : 0;
        width = n > width ? n : width;
    }
    return (int)width;
}

void table_print(const Table *table, int indent, const char *align, FILE *out) {
    int widths[TABLE_COLUMNS];
    for (size_t k = 0; k < TABLE_COLUMNS; k++)
        widths[k] = width_of(table, k);
    for (size_t i = 0; i < table->n; i++) {
        const TableRow *row = &table->rows[i];
        fprintf(out, "%*s", indent, "");
        for (size_t k = 0; k < row->n; k++) {
            bool last = k + 1 == row->n;
            const char *gap = k > 0 ? "  " : "";
            if (align[k] == 'r')
                fprintf(out, "%s%*s", gap, widths[k], row->cells[k]);
            else
                fprintf(out, "%s%-*s", gap, last ? 0 : widths[k], row->cells[k]);
        }
        fputc('\n', out);
    }
}
