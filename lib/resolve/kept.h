/* Resolutions that are kept in the store of the index, under a digest of the whole question.
 *
 * A kept answer is used for SW_RESOLVE_FRESH_SECONDS, as long as a page of an index, and without a network always. */
#ifndef SLIPWAY_RESOLVE_KEPT_H
#define SLIPWAY_RESOLVE_KEPT_H

#include "resolve/resolve.h"

/* Answer as sw_resolve() does, from the store if it has the answer. An error is never kept. */
int sw_resolve_kept(struct sw_resolve_answer *out, struct sw_arena *arena,
                    const struct sw_resolve_input *input, struct sw_error *error) SW_NODISCARD;

#endif
