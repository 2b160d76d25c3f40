/* Lines put behind each FROM of an image, with every byte of the Dockerfile kept in its order. */
#ifndef SLIPWAY_DOCKERFILE_HOLD_H
#define SLIPWAY_DOCKERFILE_HOLD_H

#include "base/buffer.h"
#include "base/error.h"

/* Append `text` to `out`, with `lines` (whole lines) before the first instruction behind each FROM whose base is no
 * earlier stage. A FROM without an instruction behind it gets none: nothing runs in such a stage. SW_EINPUT if the text has
 * more instructions than slipway reads, or if the result is too long. */
int sw_dockerfile_hold(struct sw_buffer *out, struct sw_str text, struct sw_str lines,
                       struct sw_error *error) SW_NODISCARD;
/* The line of `text` that stands on `line` of the result, both from 1; 0 for an inserted line and for 0. */
unsigned sw_dockerfile_held_line(struct sw_str text, struct sw_str lines, unsigned line);

#endif
