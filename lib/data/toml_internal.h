/* The parts that the two files of the TOML reader share: toml.c reads keys and tables, toml_value.c values. */
#ifndef SLIPWAY_DATA_TOML_INTERNAL_H
#define SLIPWAY_DATA_TOML_INTERNAL_H

#include "base/buffer.h"
#include "data/node_internal.h"
#include "data/toml.h"

/* A map's or list's `integer` says, as long as its document is read, who may still add to it. */
enum sw_toml_flag {
    SW_TOML_FROZEN = 1,   /* a value: nobody */
    SW_TOML_EXPLICIT = 2, /* has had its header: those below it */
    /* Made by a dotted key; the number of its section stands behind the flags. */
    SW_TOML_DOTTED = 4,
    /* The section is the rest of the integer, in multiples of this. */
    SW_TOML_FLAGS = 8
};

struct sw_toml {
    struct sw_builder b;
    const char *file;
    struct sw_error *error;
    const char *p, *end;
    const char *counted; /* up to here `line` and `column` count */
    unsigned line, column, depth;
    unsigned key_line, key_column; /* of the key that was read last */
    size_t nodes;
    int64_t section; /* headers so far */
};

/* SW_EINPUT at the place that is read. */
int sw_toml_refuse(struct sw_toml *toml, const char *what);
/* Blanks and tabs. */
void sw_toml_skip_blanks(struct sw_toml *toml);
/* Skip blanks, line ends and comments. */
int sw_toml_skip_lines(struct sw_toml *toml);
/* Skip up to the line's end if a comment comes next. */
int sw_toml_skip_comment(struct sw_toml *toml);
/* A node of the place that is read. `*out` belongs to the caller until it is added to a table. */
int sw_toml_new(struct sw_node **out, struct sw_toml *toml, enum sw_node_type type, struct sw_str text);

/* Read a string of any of the four kinds; if `one_line`, only of the two kinds that stay on a line. */
int sw_toml_string(struct sw_buffer *out, struct sw_toml *toml, bool one_line);
int sw_toml_value(struct sw_node **out, struct sw_toml *toml);
/* KEY = VALUE into `table`, keys with dots too. */
int sw_toml_pair(struct sw_toml *toml, struct sw_node *table);

#endif
