/* The user's files as a record keeps them, so that an image can be built again: those that the image copies, but never the
 * repository around them, and nothing that git ignores. Records are pushed like any ref, and a file that git ignores is often a
 * secret. */
#ifndef SLIPWAY_CMD_RECORD_CONTEXT_H
#define SLIPWAY_CMD_RECORD_CONTEXT_H

#include "build.h"

#include "history/facts.h"

/* Append the files as a tar to `out`, and tell the files that are left out. Nothing is appended if the image copies none, if they are
 * larger than SW_MAX_RECORD_CONTEXT, or if they have changed since the build. */
int record_context(struct sw_buffer *out, struct sw_record_left_out *left_out, const struct build *build,
                   struct sw_error *error);

#endif
