/* A value tree for YAML and JSON, with a source position on every node.
 *
 * Nodes, their texts and their arrays lie in one arena and are not changed once read, so that trees can share
 * parts (a merged profile points into its parents' trees). Each node remembers the file it came from. */
#ifndef SLIPWAY_DATA_NODE_H
#define SLIPWAY_DATA_NODE_H

#include "base/arena.h"
#include "base/error.h"

enum sw_node_type {
    SW_NODE_NULL,
    SW_NODE_BOOL,
    SW_NODE_INT,
    /* A real number, or an integer that does not fit 64 bits: `real` is then near it, `text` exact. */
    SW_NODE_REAL,
    SW_NODE_TEXT,
    SW_NODE_LIST,
    SW_NODE_MAP
};

/* Opaque: a node is read through the functions below and written by builders. */
struct sw_node;

struct sw_member {
    struct sw_str key;     /* NUL-terminated */
    unsigned line, column; /* of the key */
    const struct sw_node *value;
};

/* "null", "boolean", "integer", "number", "text", "list", "map" */
const char *sw_node_type_name(enum sw_node_type type);
/* For a sentence: "null", "a boolean", "an integer", "a number", "text", "a list", "a map". */
const char *sw_node_type_words(enum sw_node_type type);

/* Numbers are read and written with "." whatever the user's language: the program leaves LC_NUMERIC alone. */

/* These functions read a tree that others wrote. Each takes NULL and a node of any type, and then answers as for a
 * missing node, so that a document of another shape than its reader expects reads as empty. */
enum sw_node_type sw_node_type(const struct sw_node *node); /* of NULL: SW_NODE_NULL */
/* The place of the value's first character: the file is NULL for a tree that was not read from a file; line
 * and column count from 1 and are 0 if unknown, as in all JSON. */
const char *sw_node_file(const struct sw_node *node);
unsigned sw_node_line(const struct sw_node *node);
unsigned sw_node_column(const struct sw_node *node);
/* The value of `key`; NULL unless `map` is a map that has this key. */
const struct sw_node *sw_node_get(const struct sw_node *map, const char *key);
const struct sw_member *sw_node_member(const struct sw_node *map, const char *key);
/* The items of a list: none unless `list` is a list. An index past the end gives NULL. */
size_t sw_node_count(const struct sw_node *list);
const struct sw_node *sw_node_item(const struct sw_node *list, size_t index);
/* The members of a map in the order of the source: none unless `map` is a map. */
size_t sw_node_member_count(const struct sw_node *map);
const struct sw_member *sw_node_member_at(const struct sw_node *map, size_t index);
/* A scalar's text as it is written, which ends with a NUL; empty for a list and a map. */
struct sw_str sw_node_str(const struct sw_node *node);
/* A scalar's text, or `otherwise` if the node is NULL, null, a list or a map. */
const char *sw_node_text(const struct sw_node *node, const char *otherwise);
int64_t sw_node_integer(const struct sw_node *node, int64_t otherwise);
/* An integer from `least` to `most`, else `otherwise`. */
int64_t sw_node_integer_within(const struct sw_node *node, int64_t least, int64_t most, int64_t otherwise);
/* True for NULL, null, a list without items and a map without members. */
bool sw_node_empty(const struct sw_node *node);
bool sw_node_boolean(const struct sw_node *node, bool otherwise);
/* The value of a number that is no integer. */
double sw_node_real(const struct sw_node *node, double otherwise);

/* Building trees, for results and for templates. Each returns NULL without memory, and the adders take NULL
 * for the node or the value, so that only the end result needs a check: a builder that failed once stays
 * failed. */
struct sw_builder {
    struct sw_arena *arena;
    bool failed;
};
struct sw_node *sw_build_null(struct sw_builder *b);
struct sw_node *sw_build_bool(struct sw_builder *b, bool value);
struct sw_node *sw_build_int(struct sw_builder *b, int64_t value);
struct sw_node *sw_build_real(struct sw_builder *b, double value);
struct sw_node *sw_build_text(struct sw_builder *b, const char *text); /* NULL gives a null node */
struct sw_node *sw_build_str(struct sw_builder *b, struct sw_str text);
struct sw_node *sw_build_format(struct sw_builder *b, const char *format, ...) SW_PRINTF(2, 3);
/* Give a new node (or NULL) the place where a file says it, and return the node. `file` is kept, not copied. */
struct sw_node *sw_build_at(struct sw_node *node, const char *file, unsigned line, unsigned column);
/* A text that stands at the place of another node. */
struct sw_node *sw_build_placed(struct sw_builder *b, const char *text, const struct sw_node *place);
struct sw_node *sw_build_list(struct sw_builder *b);
struct sw_node *sw_build_map(struct sw_builder *b);
/* All of a tree, copied: `node` may then go. */
const struct sw_node *sw_build_copy(struct sw_builder *b, const struct sw_node *node);
void sw_build_append(struct sw_builder *b, struct sw_node *list, const struct sw_node *item);
/* Replaces the value if the key is there already. */
void sw_build_set(struct sw_builder *b, struct sw_node *map, const char *key, const struct sw_node *value);

/* A list's items in another order: `order` is qsort()'s, of pointers to items. */
void sw_build_sort(struct sw_node *list, int (*order)(const void *a, const void *b));
/* Shallow copies with the places of their sources. `child` over `parent`: maps merge, lists append, all else is the
 * child's. A map with only the members whose keys `keep` accepts. NULL without memory. */
const struct sw_node *sw_build_merged(struct sw_builder *b, const struct sw_node *parent,
                                      const struct sw_node *child);
const struct sw_node *sw_build_filtered(struct sw_builder *b, const struct sw_node *map,
                                        bool (*keep)(struct sw_str key));

/* Same type and content; position and the spelling of numbers do not count, nor does the order of keys. */
bool sw_node_equal(const struct sw_node *a, const struct sw_node *b);

/* Give an error without a place the place of a value of the profile; `at` may be NULL. */
void sw_error_place(struct sw_error *error, const struct sw_node *at);

#endif
