/* The files and the imports of wheels, each wheel read once. */
#ifndef SLIPWAY_INDEX_MISSING_IMPORTS_INTERNAL_H
#define SLIPWAY_INDEX_MISSING_IMPORTS_INTERNAL_H

#include "index/missing_imports.h"
#include "wheel/imports.h"

/* The names of the kept forms. The digit changes with the facts that are read from a wheel. */
#define SW_KEPT_IMPORTS "imports15"
#define SW_KEPT_FILES "files1"
#define SW_KEPT_LOSSES "losses17"

/* The files and imports of a wheel, as long as the index lives. */
struct sw_read_wheel {
    struct sw_read_wheel *next;
    const char *key; /* that of the file */
    bool has_files, has_imports;
    struct sw_wheel_files files;
    struct sw_index_import *found;
    size_t found_count;
};

/* Read each wheel: set all members that struct sw_index_wheel has for answers. 0 if each wheel has its own code. */
int sw_index_read_wheels(struct sw_index *index, struct sw_arena *arena, struct sw_index_wheel *wheels,
                         size_t count, struct sw_error *error) SW_NODISCARD;
/* Set a wheel's code: its imports may not be fetched. */
void sw_index_refuse_offline(struct sw_index_wheel *wheel);

/* The kept form of an import: fields with tabs between, without a line end. */
void sw_index_write_import(struct sw_buffer *out, const struct sw_wheel_import *import);
/* Read the import from the first fields of a line, in which each tab on the way becomes a NUL; false if the line has fewer fields. `*line` is
 * left at the fields behind them, NULL if there is none. */
bool sw_index_take_import(struct sw_index_import *import, char **line);

#endif
