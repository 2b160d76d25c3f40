/* The places of the values in a YAML text: the ground that edits work on.
 *
 * The marks form a tree of the same shape as the tree of sw_yaml_read() for the same text, aliases aside: an
 * alias is a leaf here. Offsets are bytes from the start of the text. */
#ifndef SLIPWAY_DATA_YAML_MARKS_H
#define SLIPWAY_DATA_YAML_MARKS_H

#include "base/arena.h"
#include "base/error.h"

enum sw_mark_style {
    SW_MARK_PLAIN,  /* for scalars, also empty scalars */
    SW_MARK_SINGLE, /* '...' */
    SW_MARK_DOUBLE, /* "..." */
    SW_MARK_BLOCK,  /* | and > */
    SW_MARK_ALIAS,  /* *name */
    SW_MARK_FLOW,   /* of lists and maps: [...] and {...} */
    SW_MARK_INDENT, /* of lists and maps: by indentation */
    /* For maps: a single key in a flow list, without braces. */
    SW_MARK_PAIR,
};

struct sw_mark {
    enum sw_mark_style style;
    size_t start; /* of the value with its anchor and tag */
    /* The place behind its anchor and tag; `start` if it has none. */
    size_t properties;
    /* The start of the value itself: an indented list begins with its first dash, an indented map with its
     * first key. */
    size_t content;
    /* The place behind its last byte. An indented collection ends with its last value, a block scalar with
     * the last line of its text, line break included. An empty value begins and ends after its colon or dash,
     * or after its key if there is no colon. */
    size_t end;
    /* The keys of a map, in source order; NULL for a list. */
    struct sw_mark **keys;
    struct sw_mark **items; /* of a list, or the values of a map */
    size_t count;
};

/* The marks of a text that sw_yaml_read() accepts and that begins without a byte order mark. `*out` is NULL
 * if there is no document at all. */
int sw_yaml_marks(struct sw_mark **out, struct sw_arena *arena, struct sw_str text,
                  struct sw_error *error) SW_NODISCARD;

/* The first byte from `at` on that is neither white space nor in a comment; text.n if there is none. */
size_t sw_yaml_skip_space(struct sw_str text, size_t at);

#endif
