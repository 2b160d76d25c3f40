/* The digest of the base image in a lock: a tag may be moved, and the image must come from the same layers again. */
#ifndef SLIPWAY_PROJECT_LOCKED_BASE_H
#define SLIPWAY_PROJECT_LOCKED_BASE_H

#include "lock/pylock.h"
#include "profile/plan.h"
#include "project/project.h"

/* Set `lock->base` and `lock->base_digest` for the plan's base image. The digest is that of the former lock, if it is of the same image; else
 * that of the reference; else that under which the engine's image came from its registry. It stays empty if no engine answers, if the engine
 * lacks the image, and for an image that no registry has. `former` may be NULL. Fails only without memory and on a cancellation. */
int sw_lock_base(struct sw_pylock *lock, struct sw_arena *arena, struct sw_project *project,
                 const struct sw_plan *plan, const struct sw_pylock *former,
                 struct sw_error *error) SW_NODISCARD;

#endif
