/* One value tree for YAML and JSON, with a source position on every node.
 *
 * Nodes, their texts and their arrays lie in one arena and are not changed once read, so that trees can share
 * parts (a merged profile points into its parents' trees). Each node remembers the file it came from. */
#ifndef SLIPWAY_DATA_NODE_H
#define SLIPWAY_DATA_NODE_H

#include "base/arena.h"

enum sw_node_type {
    SW_NODE_NULL,
    SW_NODE_BOOL,
    SW_NODE_INT,
    SW_NODE_REAL, /* also an integer that does not fit 64 bits: `real` is then near it, `text` exact */
    SW_NODE_TEXT,
    SW_NODE_LIST,
    SW_NODE_MAP
};

struct sw_node {
    enum sw_node_type type;
    const char *file;      /* NULL for trees that were not read from a file */
    unsigned line, column; /* of the value's first character, from 1; 0 where unknown (all JSON) */
    struct sw_str text; /* a scalar as written, quotes and escapes undone ("3.10" for the plain number 3.10);
                           for SW_NODE_TEXT the value. NUL-terminated; empty for lists and maps. */
    union {
        bool boolean;
        int64_t integer;
        double real;
    };
    const struct sw_node **items; /* list */
    struct sw_member *members;    /* map, in source order, keys unique */
    size_t count;                 /* of items or members */
};

struct sw_member {
    struct sw_str key;     /* NUL-terminated */
    unsigned line, column; /* of the key */
    const struct sw_node *value;
};

const char *
sw_node_type_name(enum sw_node_type type); /* "null", "boolean", "integer", "number", "text", "list", "map" */

/* Numbers are read and written with "." whatever the user's language: the program leaves LC_NUMERIC alone. */

/* NULL where `map` is NULL or no map, or has no such key. */
const struct sw_node *sw_node_get(const struct sw_node *map, const char *key);
const struct sw_member *sw_node_member(const struct sw_node *map, const char *key);
/* By path (see data/path.h): "torch.cuda", "assertions[0].is", "assertions[that=torch.version.cuda]"; NULL
 * where absent or the path is malformed. */
const struct sw_node *sw_node_at(const struct sw_node *root, const char *path);
/* A scalar's text, or `otherwise` where the node is NULL, null, a list or a map. */
const char *sw_node_text(const struct sw_node *node, const char *otherwise);
int64_t sw_node_integer(const struct sw_node *node, int64_t otherwise);
bool sw_node_boolean(const struct sw_node *node, bool otherwise);

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
struct sw_node *sw_build_list(struct sw_builder *b);
struct sw_node *sw_build_map(struct sw_builder *b);
/* All of a tree, copied: `node` may then go. */
const struct sw_node *sw_build_copy(struct sw_builder *b, const struct sw_node *node);
void sw_build_append(struct sw_builder *b, struct sw_node *list, const struct sw_node *item);
/* Replaces the value where the key is there already. */
void sw_build_set(struct sw_builder *b, struct sw_node *map, const char *key, const struct sw_node *value);

/* Same type and content; position and the spelling of numbers do not count, nor does the order of keys. */
bool sw_node_equal(const struct sw_node *a, const struct sw_node *b);

#endif
