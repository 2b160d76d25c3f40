/* Names of projects and extras: their validity (PEP 508, "Names") and their equality (PEP 503, "Normalized
 * Names"; PEP 685 for extras). */
#ifndef SLIPWAY_PYTHON_NAME_H
#define SLIPWAY_PYTHON_NAME_H

#include "base/arena.h"
#include "base/buffer.h"

/* ASCII letters, digits, '.', '_' and '-', with a letter or digit at both ends. */
bool sw_name_valid(struct sw_str name);
/* Length of the longest valid name at the start of `text`; 0 if `text` starts with no name. */
size_t sw_name_length(struct sw_str text);

/* Append the normalized form: lower case, runs of '.', '_' and '-' as one '-'. Also of text that is no valid
 * name: other bytes are kept. */
void sw_name_normalize(struct sw_buffer *out, struct sw_str name);
/* The normalized name as text in `arena`; NULL without memory. */
char *sw_name_normalized(struct sw_arena *arena, struct sw_str name) SW_NODISCARD;
/* Return true if both names have the same normalized form. */
bool sw_name_equal(struct sw_str a, struct sw_str b);

#endif
