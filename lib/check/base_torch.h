/* The torch of a base image, as the commands that install on it leave it.
 *
 * An installer keeps a release that is there if its new requirements allow it, and else takes the newest release that they allow. Neither pip
 * nor uv holds the present packages to their own requirements. */
#ifndef SLIPWAY_CHECK_BASE_TORCH_H
#define SLIPWAY_CHECK_BASE_TORCH_H

#include "check/stack.h"

struct sw_base_torch {
    /* The release that takes the place of the base image's, without its local part; NULL: the base image's stays, or no set is known. */
    const char *version;
    /* The requirement of the profile that brings it in. */
    const struct sw_node *at;
    /* The projects among the base image's companions of torch that the same command does not install anew. */
    const char **left;
    size_t left_count;
};

/* `input` has an index, and a profile without its key `torch`, whose `base_torch` may be replaced. The texts lie in `arena`. Fails only on a
 * cancellation and without memory. */
int sw_base_torch_find(struct sw_base_torch *out, struct sw_arena *arena, const struct sw_check_input *input,
                       struct sw_error *error) SW_NODISCARD;

#endif
