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

/* Hold the plan to the profile's lock, if there is a lock that was made from this very plan. A lock that was made from another plan is
 * SW224: an error if project->locked, as is then a missing lock; else it is treated as project->stale_locks says. */
int sw_prepared_hold_lock(struct sw_prepared *prepared, struct sw_project *project,
                          const struct sw_profile_source *source, const struct sw_catalog *catalog,
                          struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;

/* The set that the plan installs: that of its lock, else the set to which its requirements resolve today, which lies in `arena`. `*set` is
 * NULL if that set is not known: check says why. Fails only on a cancellation. */
int sw_prepared_set(const struct sw_pylock **set, struct sw_arena *arena, const struct sw_prepared *prepared,
                    struct sw_project *project, const struct sw_catalog *catalog,
                    struct sw_error *error) SW_NODISCARD;

/* Write a lock that was renewed, if project->stale_locks wants it kept. The former lock stays if this fails. */
int sw_prepared_keep_lock(struct sw_prepared *prepared, const struct sw_project *project,
                          struct sw_error *error) SW_NODISCARD;

#endif
