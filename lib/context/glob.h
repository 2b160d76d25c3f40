/* Wildcards as COPY and .dockerignore write them: Go's path/filepath.Match.
 *
 * `*` any run of characters but '/', `?` one of them, `[a-z]` and `[^a-z]` a character of a class (never
 * empty; '-' and
 * ']' in it are written with a backslash), `\x` the character x. Patterns and names are UTF-8; a byte that is
 * not part of a valid sequence counts as one character, U+FFFD. */
#ifndef SLIPWAY_CONTEXT_GLOB_H
#define SLIPWAY_CONTEXT_GLOB_H

#include "base/str.h"

/* Return true if the pattern can be read: no open or empty class, no backslash at the end. */
bool sw_glob_valid(struct sw_str pattern);
/* Return true if no character of the pattern has a meaning of its own. */
bool sw_glob_is_literal(struct sw_str pattern);
/* Return true if the whole of `name`, a component of a path, matches a valid pattern; false for an invalid
 * pattern. */
bool sw_glob_matches(struct sw_str pattern, struct sw_str name);

#endif
