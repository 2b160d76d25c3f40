/* Opening files beneath a folder, and never any other file: a component at a time, following no symbolic
 * link. */
#ifndef SLIPWAY_BASE_BENEATH_H
#define SLIPWAY_BASE_BENEATH_H

#include "base/arena.h"
#include "base/buffer.h"

/* Go's path.Clean: no "." and no empty component, ".." taken back as far as possible, no slash at the end;
 * "." for an empty path. An absolute path stays absolute. NULL without memory. */
char *sw_path_clean(struct sw_arena *arena, struct sw_str path) SW_NODISCARD;
/* Return true if a clean path is relative and does not begin by going up. */
bool sw_path_is_inside(const char *clean);
/* The absolute path of the file that `path` leads to, every link followed. Components that do not exist, or
 * cannot be read, are taken literally, after the real path of the folder above them. NULL without memory. */
char *sw_path_real(struct sw_arena *arena, const char *path) SW_NODISCARD;
/* Return true if `path` is `folder` or lies below it; both are real paths. */
bool sw_path_covers(const char *folder, const char *path);

/* open(2) of `path`, relative and clean, beneath the directory `root`; "." is `root` itself. O_CLOEXEC and
 * O_NOFOLLOW are added. Returns the descriptor, or -1 with errno: ELOOP or ENOTDIR if a link is in the way,
 * EINVAL for a path that would lead out. */
int sw_open_beneath(int root, const char *path, int flags, unsigned mode);
/* open(2) of a real path from the root folder on: no link on the way is followed, not even a link that came
 * there since. */
int sw_open_real(const char *path, int flags);
/* The folder that holds `path`, likewise; `*name` is the last component, which need not exist, and points
 * into `path`. */
int sw_open_parent_beneath(int root, const char *path, const char **name);

/* Whole files, `path` as above. SW_EINPUT, which says so, if a symbolic link is in the way. */
/* Append a regular file; SW_ENOTFOUND if it is not there. */
int sw_read_beneath(struct sw_buffer *out, int root, const char *path, struct sw_error *error) SW_NODISCARD;
/* Replace a file atomically, or make it, with the folder that is to hold it. Mode and owner stay as they are;
 * a new file gets the user's usual mode and owner. On failure the old file stands and no temporary is left. */
int sw_write_beneath(int root, const char *path, struct sw_str content, struct sw_error *error) SW_NODISCARD;
/* Remove the file, if it is there. */
int sw_remove_beneath(int root, const char *path, struct sw_error *error) SW_NODISCARD;

#endif
