/* The GPU code in a set of packages, before and after trim, by the sizes that the catalog has of their wheels. */
#ifndef SLIPWAY_PROJECT_TRIM_ESTIMATE_H
#define SLIPWAY_PROJECT_TRIM_ESTIMATE_H

#include "lock/pylock.h"
#include "profile/plan.h"

struct sw_trim_estimate {
    /* Bytes of GPU code in the wheels that were judged, and of those the bytes that stay. */
    uint64_t code, kept;
    /* True if at most `kept` bytes stay: for several GPUs the catalog cannot tell how much code serves two of them. */
    bool at_most;
    /* The number of wheels with GPU code that were judged. */
    size_t wheels;
    /* The packages with GPU code whose sizes the catalog does not know. */
    const char **unknown;
    size_t unknown_count;
};

/* Judge the packages of `set`, which the plan installs and trims. */
int sw_trim_estimate(struct sw_trim_estimate *out, struct sw_arena *arena, const struct sw_catalog *catalog,
                     const struct sw_plan *plan, const struct sw_resolution *set,
                     struct sw_error *error) SW_NODISCARD;

#endif
