/* Opening what lies beneath a folder, and never anything else: one component at a time, following no symbolic
 * link. */
#ifndef SLIPWAY_BASE_BENEATH_H
#define SLIPWAY_BASE_BENEATH_H

#include "base/arena.h"

/* Go's path.Clean: no "." and no empty component, ".." taken back as far as possible, no slash at the end;
 * "." for nothing at all. An absolute path stays one. NULL without memory. */
char *sw_path_clean(struct sw_arena *arena, struct sw_str path) SW_NODISCARD;
/* Whether a clean path is relative and does not begin by going up. */
bool sw_path_is_inside(const char *clean);

/* open(2) of `path`, relative and clean, beneath the directory `root`; "." is `root` itself. O_CLOEXEC and
 * O_NOFOLLOW are added. Returns the descriptor, or -1 with errno: ELOOP or ENOTDIR where a link is in the
 * way, EINVAL for a path that would lead out. */
int sw_open_beneath(int root, const char *path, int flags, unsigned mode);
/* The folder that holds `path`, likewise; `*name` is the last component, which need not exist, and points
 * into `path`. */
int sw_open_parent_beneath(int root, const char *path, const char **name);

#endif
