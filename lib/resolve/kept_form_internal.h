/* The text of a kept answer. */
#ifndef SLIPWAY_RESOLVE_KEPT_FORM_INTERNAL_H
#define SLIPWAY_RESOLVE_KEPT_FORM_INTERNAL_H

#include "base/buffer.h"
#include "resolve/question.h"

/* Append the answer as JSON, with the second since 1970 until which it is fresh. False without memory. */
bool sw_kept_write(struct sw_buffer *out, const struct sw_resolve_answer *answer, int64_t until);

/* Read an answer to the question into `arena`. False for a text of another form: a place that is out of range, say. */
bool sw_kept_read(struct sw_resolve_answer *out, int64_t *until, struct sw_arena *arena, struct sw_str text,
                  const struct sw_resolve_input *input);

#endif
