/* A plan held to a lock: it installs exactly the packages of the lock, with their hashes and without a resolver.
 *
 *   lock         {source, layers: [{passes: [{index, file, hashes, lines}]}]}
 *   installs     [{index, dependencies, packages, file}]   each pass as the releases that it installs, without files
 *   constraints  the releases of the whole set
 *
 * The first layer has torch and all that is pinned to it, its CUDA libraries above all; the second has the rest, so that another release
 * there leaves the large layer alone. A pass takes its packages from one index. */
#ifndef SLIPWAY_PROFILE_PLAN_LOCK_H
#define SLIPWAY_PROFILE_PLAN_LOCK_H

#include "lock/pylock.h"
#include "profile/plan.h"

/* The digest of all that decides which releases a lock of the plan has: the target and the requirements. */
int sw_plan_lock_source(char digest[SW_SHA256_HEX_SIZE], const struct sw_plan *plan,
                        struct sw_error *error) SW_NODISCARD;

/* Hold a plan, not held yet, to a lock, whose texts are copied. */
int sw_plan_hold(struct sw_plan *plan, const struct sw_pylock *lock, struct sw_error *error) SW_NODISCARD;

#endif
