/* One edit at work: where in the text its path leads, and the splices that make the change.
 *
 * Private to the data layer: edit.c finds the place and proves the result, edit_insert.c and edit_remove.c
 * decide on the splices. */
#ifndef SLIPWAY_DATA_EDIT_SITE_INTERNAL_H
#define SLIPWAY_DATA_EDIT_SITE_INTERNAL_H

#include "base/buffer.h"
#include "base/finding.h"
#include "data/node_internal.h"
#include "data/path.h"
#include "data/yaml_marks.h"

/* The bytes from `start` to `end` give way to `text`. */
struct sw_splice {
    size_t start, end;
    struct sw_str text;
};

struct sw_edit_site {
    const struct sw_edit *edit;
    struct sw_path path;
    struct sw_str text; /* the document */
    struct sw_arena *arena;
    struct sw_error *error;
    /* The values on the way, the root first; found + 1 of them. */
    const struct sw_node *nodes[SW_PATH_STEPS + 1];
    const struct sw_mark *marks[SW_PATH_STEPS + 1]; /* the root's is NULL where the text has no document */
    size_t index[SW_PATH_STEPS];                    /* the member or item that each step leads to */
    size_t found;                                   /* steps that lead somewhere */
    struct sw_splice splices[4];                    /* in any order, not overlapping */
    size_t splices_count;
};

/* Decide on the splices. `found` says whether the path leads to a value; where it does not, all further steps
 * are keys. */
int sw_edit_set(struct sw_edit_site *site);
int sw_edit_add(struct sw_edit_site *site);
int sw_edit_remove(struct sw_edit_site *site);

/* SW_ENOTFOUND with the edit's path: "'PATH' FORMAT". */
int sw_edit_misfit(struct sw_edit_site *site, const char *format, ...) SW_PRINTF(2, 3);
/* Copies `text` into the arena. */
int sw_edit_splice(struct sw_edit_site *site, size_t start, size_t end, struct sw_str text);

/* Where the n-th item of an indented collection begins: its dash, its key or the "?" before that. */
size_t sw_edit_entry(struct sw_str text, const struct sw_mark *collection, size_t n);

/* Lines. A line ends before its CR, LF or CR LF. */
size_t sw_line_start(struct sw_str text, size_t at);
size_t sw_line_end(struct sw_str text, size_t at);
size_t sw_line_next(struct sw_str text, size_t at); /* the start of the next one, or text.n */
/* Whether nothing but blanks stands before `at` on its line. */
bool sw_line_begins_at(struct sw_str text, size_t at);
/* `at` is the start of a line: the end of the one before. */
size_t sw_line_end_before(struct sw_str text, size_t at);
/* The end of the last line of a value that ends at `end`, which for a block scalar is behind its line. */
size_t sw_line_end_of_value(struct sw_str text, size_t end);
/* The text's own kind of line break; LF where it has none. */
struct sw_str sw_line_break(struct sw_str text);

#endif
