/* The fixed texts that a pattern cannot match without.
 *
 * They let one scan over a line decide which rules are worth a regular expression, so that the cost of a log
 * does not grow with the number of rules. Understood is the part of PCRE2's syntax that log rules need:
 * groups, alternatives, classes, escapes, quantifiers, look-around and (?i). */
#ifndef SLIPWAY_DIAGNOSE_LITERAL_INTERNAL_H
#define SLIPWAY_DIAGNOSE_LITERAL_INTERNAL_H

#include "base/arena.h"
#include "base/error.h"

enum {
    /* Shorter texts would hit too often to be worth a scan. */
    SW_LITERAL_SHORTEST = 6,
    SW_LITERAL_LONGEST = 48, /* more would not make it rarer */
    SW_LITERAL_ALTERNATIVES = 24,
};

/* Every match holds at least one of `items`, in upper or lower case. */
struct sw_literals {
    struct sw_str items[SW_LITERAL_ALTERNATIVES];
    size_t count;
};

/* Texts lie in `arena`. A pattern without such texts of SW_LITERAL_SHORTEST bytes, or with syntax that is not
 * understood here, is SW_EINPUT. */
int sw_literals_find(struct sw_literals *out, struct sw_arena *arena, struct sw_str pattern,
                     struct sw_error *error) SW_NODISCARD;

#endif
