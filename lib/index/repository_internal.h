/* A file of a git repository on a server. */
#ifndef SLIPWAY_INDEX_REPOSITORY_INTERNAL_H
#define SLIPWAY_INDEX_REPOSITORY_INTERNAL_H

#include "index/index.h"

/* Append the content of a file at a commit; `found` is false if the commit has no such file. `url` and `path` must have no control characters.
 * SW_EENV if the server cannot be asked, or if its answer is too large. */
int sw_git_read_file(struct sw_buffer *out, bool *found, const struct sw_index_git *git, struct sw_str url,
                     struct sw_str commit, struct sw_str path, struct sw_error *error) SW_NODISCARD;

#endif
