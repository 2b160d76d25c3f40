/* Rows in columns; each column is as wide as its widest cell. */
#ifndef SLIPWAY_OUTPUT_TABLE_H
#define SLIPWAY_OUTPUT_TABLE_H

#include "session.h"

enum { TABLE_MOST_COLUMNS = 8 };

struct table {
    size_t columns;                 /* at most TABLE_MOST_COLUMNS */
    bool right[TABLE_MOST_COLUMNS]; /* which of them are aligned to the right */
    const char *titles[TABLE_MOST_COLUMNS];
    const char **cells; /* row by row, clean text of base/text.h */
    size_t rows;
};

/* Print the table on standard output. If that is a terminal and too narrow, cells are cut: cells of the last
 * column first, then those of the widest column, never those of the first column, which holds names. */
void table_print(const struct session *session, const struct table *table);

#endif
