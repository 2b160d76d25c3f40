/* The torch that the newest releases of a profile's requirements lead to, if the profile itself leaves it open. */
#ifndef SLIPWAY_CHECK_TORCH_NEEDED_H
#define SLIPWAY_CHECK_TORCH_NEEDED_H

#include "check/stack.h"

struct sw_torch_needed {
    /* The torch of the newest set, and of the newest set that the hardware can use with the builds of the default index, each without
     * its local part; NULL: none is required, or no set is known. */
    const char *newest, *fitting;
};

/* `input` has an index. The texts lie in `arena`. Fails only on a cancellation and without memory. */
int sw_torch_needed_find(struct sw_torch_needed *out, struct sw_arena *arena,
                         const struct sw_check_input *input, struct sw_error *error) SW_NODISCARD;

#endif
