/* Rows of cells, written with aligned columns:
 *
 *     table_cell(&t, "gather");  table_cell(&t, "12 us");  table_end_row(&t);
 *     table_print(&t, 4, "lr", out); */
#ifndef DFLC_EXPLAIN_TABLE_H
#define DFLC_EXPLAIN_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "../arena.h"

enum { TABLE_COLUMNS = 8 };

typedef struct TableRow {
    const char *cells[TABLE_COLUMNS];
    size_t n;
} TableRow;

typedef struct Table {
    Arena *arena;
    TableRow *rows;
    size_t n, cap;
    TableRow row;            /* the one that is being filled */
} Table;

void table_cell(Table *table, const char *text);
void table_end_row(Table *table);
/* align: 'l' or 'r' for each column. The last one is not padded. */
void table_print(const Table *table, int indent, const char *align, FILE *out);

#endif
