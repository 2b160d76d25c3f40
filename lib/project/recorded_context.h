/* The user's files as a record keeps them, so that an image can be built again: those that the image copies, but never the
 * repository around them, and nothing that git ignores. Records are pushed like any ref, and a file that git ignores is often a
 * secret. */
#ifndef SLIPWAY_PROJECT_RECORDED_CONTEXT_H
#define SLIPWAY_PROJECT_RECORDED_CONTEXT_H

#include "history/facts.h"
#include "project/attempt.h"

/* Append the files as a tar to `out`, and tell the files that are left out. Nothing is appended if the image copies none, if they are
 * larger than SW_MAX_RECORD_CONTEXT, or if they have changed since the build. */
int sw_recorded_context(struct sw_buffer *out, struct sw_record_left_out *left_out,
                        const struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;

#endif
