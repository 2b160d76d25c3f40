/* The locks of profiles: found beside them, and their sets as people read them. */
#ifndef SLIPWAY_CMD_LOCKS_H
#define SLIPWAY_CMD_LOCKS_H

#include "prepare.h"

/* The path of the profile's lock; NULL without memory. */
const char *lock_path(struct sw_arena *arena, const struct sw_profile *profile);

/* Read the profile's lock from `source`. SW_ENOTFOUND if there is none; SW_EINPUT if it cannot be read as a lock. */
int lock_read(struct sw_pylock *out, struct sw_str *text, struct sw_arena *arena,
              const struct sw_profile *profile, const struct sw_profile_source *source,
              struct sw_error *error);

/* Hold the plan to the profile's lock, if there is a lock that was made from this very plan. Another lock is SW224: a warning, and with
 * --locked an error, as is then a missing lock. */
int lock_hold(struct prepared *prepared, const struct session *session,
              const struct sw_profile_source *source, struct sw_findings *findings, struct sw_error *error);

/* The set as [{name, version, size, sha256, index, required_by: [{by, requirement}]}]; `by` is null for the profile itself. */
const struct sw_node *lock_packages(struct sw_builder *b, const struct sw_pylock *lock);
/* Print the set with its download sizes, and who requires each package. */
int lock_print(struct session *session, const struct sw_pylock *lock, struct sw_error *error);
/* Print every package that requires the project, down from the profile. SW_EINPUT if the set does not have it. */
int lock_print_why(struct session *session, const struct sw_pylock *lock, const char *project,
                   struct sw_error *error);

#endif
