/* Edits to YAML text that disturb nothing else: comments, blank lines, quoting, order and line ends of the
 * rest stay, byte for byte.
 *
 * Paths are those of data/path.h: "torch.cuda", "requirements[2]", "assertions[that=torch.version.cuda].is",
 * "requirements[bitsandbytes]" (the item of a list of requirements that names that project). A value is
 * always text: it is put in quotes if YAML would read something else, as for 12.8 and true.
 *   set     replaces a scalar, in the quotes that it had; missing keys at the end of the path are added to
 *           their map
 *   add     appends an item to a list, in the quotes of the item before it; the list, and maps on the way, are
 *           made if they are missing
 *   remove  takes a key or an item out, with the comment behind it on its line; comments above it stay. A list
 *           or map that loses its last entry becomes [] or {}
 * Flow style ([a, b], {a: b}) and block style are both kept; new lines copy the indentation around them. */
#ifndef SLIPWAY_DATA_EDIT_H
#define SLIPWAY_DATA_EDIT_H

#include "base/buffer.h"
#include "base/finding.h"

/* Append the edited text to `out`. Edits are applied in order, all or none: after each the result is read
 * again, and it must be the old tree with only that change.
 *
 * SW_ENOTFOUND: a path does not fit the document; the error names it. SW_EINPUT: the text is not YAML, a path
 * is malformed, a value is not UTF-8, or an edit cannot be made without changing more (the value has other
 * aliases, say). */
int sw_edit_apply(struct sw_buffer *out, struct sw_str yaml, const struct sw_edit *edits, size_t count,
                  struct sw_error *error) SW_NODISCARD;

#endif
