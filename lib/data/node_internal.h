/* The parts of a node. Private to the data layer. */
#ifndef SLIPWAY_DATA_NODE_INTERNAL_H
#define SLIPWAY_DATA_NODE_INTERNAL_H

#include "data/node.h"

struct sw_node {
    enum sw_node_type type;
    /* The file is NULL for a tree that was not read from a file. Line and column of the value's first character count from 1
     * and are 0 if they are not known, as in all JSON. */
    const char *file;
    unsigned line, column;
    /* The text is a scalar as written, quotes and escapes undone ("3.10" for the plain number 3.10), and the value of
     * SW_NODE_TEXT. It ends with a NUL and is empty for lists and maps. */
    struct sw_str text;
    union {
        bool boolean;
        int64_t integer;
        double real;
    };
    const struct sw_node **items; /* list */
    struct sw_member *members;    /* map, in source order, keys unique */
    size_t count;                 /* of items or members */
};

/* The member with this key, or NULL. `map` is a map; builders may change the member. */
struct sw_member *sw_node_find(const struct sw_node *map, struct sw_str key);

/* Set type and value of `node` from its `text`, as an unquoted scalar reads in the core schema of YAML 1.2.2, section 10.3.2:
 *   null     empty, ~, null, Null, NULL
 *   boolean  true, True, TRUE, false, False, FALSE
 *   integer  [-+]?[0-9]+ (decimal, also with leading zeros), 0o[0-7]+, 0x[0-9a-fA-F]+
 *   number   [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, [-+]?.inf, .nan (also .Inf, .INF, .NaN,
 * .NAN) All else is text. An integer that does not fit 64 bits becomes a number near it. */
void sw_scalar_resolve(struct sw_node *node);

/* The spelling of a number, with as few digits as read back to the same value: "0.1", "3.0", "1e+300",
 * "-.inf". */
#define SW_REAL_SIZE 32
void sw_scalar_spell_real(char text[SW_REAL_SIZE], double value);

#endif
