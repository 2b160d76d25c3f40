/* The commits of the git repositories in a lock: a branch moves, and the image must come from the same files again. */
#ifndef SLIPWAY_PROJECT_LOCKED_COMMITS_H
#define SLIPWAY_PROJECT_LOCKED_COMMITS_H

#include "check/locking.h"
#include "project/project.h"

/* Lock a profile as sw_check_lock() does, and name in the URL of each repository the commit of the branch or tag that its requirement asks
 * for, or of the default branch. The commit is that of the former lock, if it has one for the same repository and revision; else the
 * repository's server is asked over HTTP. A repository whose commit is found is read at that commit, and the profile resolved again with the
 * packages that the repository requires. SW_EINPUT if a repository has no such revision; SW_EENV if a server cannot be asked. Repositories that are reached in
 * another way stay as they are: sw_pylock_write() refuses them without a commit. All new texts lie in `arena`. */
int sw_lock_by_commits(struct sw_pylock *lock, struct sw_arena *arena, struct sw_project *project,
                       const struct sw_locking *locking, struct sw_findings *findings,
                       struct sw_error *error) SW_NODISCARD;

#endif
