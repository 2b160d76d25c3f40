/* The branches and tags of a git repository, as a server advertises them: the answer to GET REPOSITORY/info/refs?service=git-upload-pack
 * (gitprotocol-http, gitprotocol-pack; protocol version 0). */
#ifndef SLIPWAY_LOCK_GIT_REFS_H
#define SLIPWAY_LOCK_GIT_REFS_H

#include "base/str.h"

/* Find the commit of a revision: a branch, else a tag, else a whole name such as refs/pull/5/head. An empty revision means the default
 * branch. A tag with a message stands for its commit. Return the 40 lower-case digits, which point into `answer`; empty if the
 * repository has no such revision, or if the answer is no advertisement. */
struct sw_str sw_git_refs_find(struct sw_str answer, struct sw_str revision);

#endif
