/* Two stacks side by side: each component before and after, and a verdict on it. */
#ifndef SLIPWAY_AUTHOR_COMPATIBILITY_H
#define SLIPWAY_AUTHOR_COMPATIBILITY_H

#include "base/finding.h"
#include "catalog/catalog.h"
#include "profile/plan.h"
#include "resolve/resolution.h"

struct sw_stack_side {
    const struct sw_profile *profile;
    const struct sw_plan *plan;
    const struct sw_findings *findings; /* the findings of check */
    /* The packages that the plan installs; NULL: not known. */
    const struct sw_resolution *set;
};

/* [{component, old, new, verdict, why}] in `arena`: torch, its CUDA, the driver that CUDA and the GPUs need,
 * each GPU, Python, the base image, the library that bitsandbytes loads, the projects released with torch,
 * each requirement and constraint, variables that differ, and each other package that moves. `old` and `new` are null if a
 * side has no such component. The verdict is one of
 *
 *   same, moved, added, removed
 *   unknown  both sides ask for the same, and nothing says which release or which code comes; so also the component "other packages",
 *            if the packages of a side are not known
 *   fixed    check found a fault at the old release and finds none at the new release
 *   wrong    check finds a fault at the new release, a warning at least
 *
 * and `why` the finding's message with its code, or the catalog's fact; or null. */
int sw_compatibility(const struct sw_node **out, struct sw_arena *arena, const struct sw_stack_side *before,
                     const struct sw_stack_side *after, const struct sw_catalog *catalog,
                     struct sw_error *error) SW_NODISCARD;

#endif
