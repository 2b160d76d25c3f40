/* A text with {{name}} in it, taken apart when it is read, so that a wrong name is an error of the rule file
 * and not of some later day. */
#ifndef SLIPWAY_DIAGNOSE_PHRASE_INTERNAL_H
#define SLIPWAY_DIAGNOSE_PHRASE_INTERNAL_H

#include "base/buffer.h"
#include "data/node.h"

enum { SW_RULE_NAMES = 32 };

/* The names that the phrases of a rule may use: its patterns' groups and the values derived from them. A
 * value's number is its name's place here. */
struct sw_names {
    const char *items[SW_RULE_NAMES];
    size_t count;
};

/* The number of `name`, added if it is new; -1 if the table is full. */
int sw_names_add(struct sw_names *names, struct sw_arena *arena, struct sw_str name);
int sw_names_find(const struct sw_names *names, struct sw_str name); /* -1 if unknown */

/* A value is empty if its group took no part in the match. */
struct sw_values {
    struct sw_str items[SW_RULE_NAMES];
};

struct sw_phrase_part {
    struct sw_str text; /* fixed text, then the value */
    int value;          /* -1: none */
};

struct sw_phrase {
    struct sw_phrase_part *parts;
    size_t count; /* 0: there is no such phrase */
};

/* From a scalar; parts lie in `arena`. An unknown name, or braces that are not closed, is an error at the
 * node. A NULL node gives the empty phrase. */
int sw_phrase_read(struct sw_phrase *out, struct sw_arena *arena, const struct sw_node *node,
                   const struct sw_names *names, struct sw_error *error) SW_NODISCARD;

/* Append the text. */
void sw_phrase_write(struct sw_buffer *out, const struct sw_phrase *phrase, const struct sw_values *values);
/* Does every value that the phrase uses have text? */
bool sw_phrase_complete(const struct sw_phrase *phrase, const struct sw_values *values);

#endif
