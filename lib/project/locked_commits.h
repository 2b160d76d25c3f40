/* The commits of the git repositories in a lock: a branch moves, and the image must come from the same files again. */
#ifndef SLIPWAY_PROJECT_LOCKED_COMMITS_H
#define SLIPWAY_PROJECT_LOCKED_COMMITS_H

#include "check/locking.h"
#include "project/project.h"

/* Name in the URL of each repository of `lock` the commit of the branch or tag that its requirement asks for, or of the default branch.
 * The commit is that of the former lock, if it has one for the same repository and revision; else the repository's server is asked over
 * HTTP. SW_EINPUT if the repository has no such revision; SW_EENV if the server cannot be asked. Repositories that are reached in
 * another way stay as they are: sw_pylock_write() refuses them without a commit. All new texts lie in `arena`. */
int sw_lock_commits(struct sw_pylock *lock, struct sw_arena *arena, struct sw_project *project,
                    const struct sw_locking *locking, struct sw_error *error) SW_NODISCARD;

#endif
