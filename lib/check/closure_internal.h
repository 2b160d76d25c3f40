/* The closed set of a check, resolved once.
 *
 * Two sets matter: the set that the installer takes, which knows nothing of GPUs, and the newest set that the hardware can use. They are
 * the same if the first has no member that the hardware rules out. A lock that the plan is held to is the first set by itself. */
#ifndef SLIPWAY_CHECK_CLOSURE_INTERNAL_H
#define SLIPWAY_CHECK_CLOSURE_INTERNAL_H

#include "check/closed_set.h"

struct sw_closure {
    struct sw_closed_set asked;
    /* 0, or the reason why nothing could be resolved, with `problem`. */
    int code;
    struct sw_error problem;
    struct sw_resolve_answer taken, fitting;
    /* The statement of the profile that leads to each package of the taken set, and the package in front of it on the way,
     * "vllm 0.33.0"; NULL for both if no way leads there, and for the second if the profile requires the package itself. */
    const struct sw_pin **pins;
    const char **by;
};

/* Resolve the set of the stack and let the stack have its members. All lies in the stack's arena. Fails only on a cancellation and without
 * memory. */
int sw_closure_read(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;

/* Return true if the package is in a release that the bar rules out, beside the release that the bar is about. `member` gets it. */
bool sw_closure_breaks(const struct sw_resolved_package **member, const struct sw_resolution *set,
                       const struct sw_resolve_bar *bar);

#endif
