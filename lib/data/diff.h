/* A unified diff of two texts, for showing an edit to people; patch(1) applies it too. */
#ifndef SLIPWAY_DATA_DIFF_H
#define SLIPWAY_DATA_DIFF_H

#include "base/buffer.h"

/* Append the diff that turns `before` into `after`, in the unified format of POSIX diff -u with three lines
 * of context and no times; nothing if they are equal. Lines end with LF. Both sides are called `name`.
 *
 * The diff is a shortest diff up to SW_MAX_DIFF_CHANGES changed lines; texts that differ more are shown as a
 * block that goes and a block that comes. Errors: no memory, or `out` is full. */
int sw_diff(struct sw_buffer *out, struct sw_str before, struct sw_str after, const char *name,
            struct sw_error *error) SW_NODISCARD;

#endif
