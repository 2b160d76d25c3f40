/* The lock of a profile, which lies beside the profile, and the plan that is held to it. */
#ifndef SLIPWAY_PROJECT_HELD_LOCK_H
#define SLIPWAY_PROJECT_HELD_LOCK_H

#include "project/prepared.h"

/* The path of the profile's lock; NULL without memory. */
const char *sw_profile_lock_path(struct sw_arena *arena, const struct sw_profile *profile);

/* Read the profile's lock from `source`. SW_ENOTFOUND if there is none; SW_EINPUT if it cannot be read as a lock. */
int sw_profile_lock_read(struct sw_pylock *out, struct sw_str *text, struct sw_arena *arena,
                         const struct sw_profile *profile, const struct sw_profile_source *source,
                         struct sw_error *error) SW_NODISCARD;

/* Hold the plan to the profile's lock, if there is a lock that was made from this very plan. Another lock is SW224: a warning, and an
 * error if project->locked, as is then a missing lock. */
int sw_prepared_hold_lock(struct sw_prepared *prepared, const struct sw_project *project,
                          const struct sw_profile_source *source, struct sw_findings *findings,
                          struct sw_error *error) SW_NODISCARD;

#endif
