/* The closed set of a profile as a lock. */
#ifndef SLIPWAY_CHECK_LOCKING_H
#define SLIPWAY_CHECK_LOCKING_H

#include "check/check.h"
#include "lock/pylock.h"

struct sw_locking {
    /* An index must be there, and the plan must not be held to a lock. */
    const struct sw_check_input *input;
    /* The former lock, whose releases are preferred; NULL: the newest releases are taken. */
    const struct sw_pylock *former;
    /* Projects whose former releases are not preferred, in any spelling. */
    const char *const *upgraded;
    size_t upgraded_count;
};

/* Resolve the requirements of the profile. All that `out` points to lies in `arena` or belongs to the index. If no set satisfies them, that
 * is a finding of severity error, and the lock must not be used. SW_EENV if the index cannot be asked. */
int sw_check_lock(struct sw_pylock *out, struct sw_arena *arena, const struct sw_locking *locking,
                  struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;

/* The project's package in the former lock; NULL if there is no such lock, and if its release is not to be preferred. */
const struct sw_resolved_package *sw_locking_former(const struct sw_locking *locking, const char *project);

#endif
