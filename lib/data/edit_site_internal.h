/* An edit at work: the place in the text that its path leads to, and the splices that make the change.
 *
 * edit.c finds the place and proves the result; edit_insert.c and edit_remove.c decide on the splices. */
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
    /* The root's mark is NULL if the text has no document. */
    const struct sw_mark *marks[SW_PATH_STEPS + 1];
    /* The member or item that each step leads to. */
    size_t index[SW_PATH_STEPS];
    size_t found;                /* steps that lead somewhere */
    struct sw_splice splices[4]; /* in any order, not overlapping */
    size_t splices_count;
};

/* Decide on the splices. `found` tells if the path leads to a value; if not, all further steps are keys. */
int sw_edit_set(struct sw_edit_site *site);
int sw_edit_add(struct sw_edit_site *site);
int sw_edit_remove(struct sw_edit_site *site);

/* SW_ENOTFOUND with the edit's path: "'PATH' FORMAT". */
int sw_edit_misfit(struct sw_edit_site *site, const char *format, ...) SW_PRINTF(2, 3);
/* Copies `text` into the arena. */
int sw_edit_splice(struct sw_edit_site *site, size_t start, size_t end, struct sw_str text);

/* The start of the n-th item of an indented collection: its dash, its key or the "?" before the key. */
size_t sw_edit_entry(struct sw_str text, const struct sw_mark *collection, size_t n);

/* Lines. A line ends before its CR, LF or CR LF. */
size_t sw_line_start(struct sw_str text, size_t at);
size_t sw_line_end(struct sw_str text, size_t at);
size_t sw_line_next(struct sw_str text, size_t at); /* the next line's start, or text.n */
/* Return true if nothing but blanks stands before `at` on its line. */
bool sw_line_begins_at(struct sw_str text, size_t at);
/* `at` is the start of a line: the end of the one before. */
size_t sw_line_end_before(struct sw_str text, size_t at);
/* The end of the last line of a value that ends at `end`, which for a block scalar is behind its line. */
size_t sw_line_end_of_value(struct sw_str text, size_t end);
/* The text's own kind of line break; LF if it has none. */
struct sw_str sw_line_break(struct sw_str text);

#endif
